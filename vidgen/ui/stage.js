// Draws the frame that the clock says from a sheet onto a canvas: scaling, onion skin. A clip that is
// shorter than the clock repeats.

function createStage(canvas, clock) {
  // Frames are magnified so far in the canvas, and from there on by the compositor: smooth scaling
  // of some hundred thousand pixels takes a phone's main thread longer than an animation frame.
  const MAGNIFIED = 4;
  const GHOST = 0.3; // how much of its neighbours is seen through a frame
  const context = canvas.getContext("2d");
  const look = { pixels: 0, onion: 0 };
  let sheet = null; // {bitmap, meta}
  let seen = true; // another view may be open

  function drawFrame(frame, alpha) {
    const { width, height, columns } = sheet.meta;
    context.globalAlpha = alpha;
    context.drawImage(
      sheet.bitmap, (frame % columns) * width, Math.floor(frame / columns) * height, width, height,
      0, 0, canvas.width, canvas.height
    );
  }

  function draw(now) {
    if (!sheet || !seen || now < 0) return;
    const frame = now % sheet.meta.frames;
    context.imageSmoothingEnabled = !look.pixels;
    context.imageSmoothingQuality = "high";
    drawFrame(frame, 1);
    if (!look.onion) return;
    if (frame > 0) drawFrame(frame - 1, GHOST);
    if (frame < sheet.meta.frames - 1) drawFrame(frame + 1, GHOST);
  }

  function fit() {
    const hidden = canvas.clientWidth === 0;
    const again = !seen && !hidden;
    seen = !hidden;
    if (!sheet || hidden) return;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const most = (pixels, frame) => Math.max(1, Math.min(Math.round(pixels * scale), frame));
    const width = most(canvas.clientWidth, MAGNIFIED * sheet.meta.width);
    const height = most(canvas.clientHeight, MAGNIFIED * sheet.meta.height);
    if (canvas.width === width && canvas.height === height && !again) return;
    canvas.width = width;
    canvas.height = height;
    draw(clock.frame());
  }

  new ResizeObserver(fit).observe(canvas);
  clock.watch(draw);
  return {
    sheet: () => sheet,
    look(patch) {
      Object.assign(look, patch);
      canvas.style.imageRendering = look.pixels ? "pixelated" : "auto";
      draw(clock.frame());
    },
    // Whoever shows a sheet loads the clock with it, and then it is drawn.
    show(next) {
      const shape = ({ meta }) => `${meta.width} / ${meta.height}`;
      const reshaped = !sheet || shape(sheet) !== shape(next);
      if (sheet) sheet.bitmap.close();
      sheet = next;
      if (!reshaped) return;
      canvas.style.aspectRatio = shape(next);
      fit();
    },
  };
}
