// Scrubbing on a picture: a pointer moves over it from left to right; a short press is none.

function bindScrub(surface, { onMove, onEnd, onPress }) {
  const SLACK = 5; // CSS pixels that a press may wander
  let from = null;
  let moved = false;
  surface.addEventListener("pointerdown", (event) => {
    moved = false;
    if (event.button !== 0 || !event.isPrimary) return;
    from = { x: event.clientX, y: event.clientY, box: surface.getBoundingClientRect() };
    surface.setPointerCapture(event.pointerId);
  });
  surface.addEventListener("pointermove", (event) => {
    if (!from || !event.isPrimary) return;
    if (!moved && Math.hypot(event.clientX - from.x, event.clientY - from.y) < SLACK) return;
    moved = true;
    onMove(Math.min(Math.max((event.clientX - from.box.left) / from.box.width, 0), 1));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    surface.addEventListener(name, () => {
      if (from && moved) onEnd();
      from = null;
    });
  }
  surface.addEventListener("click", () => moved || onPress());
}
