// The plane of four seeds: t is to the right, u is down; walked on the picture and on a small pad.

// Lets a pointer walk over an element that it covers as a plane. Less than `slack` CSS pixels are a
// press and no walk; `onWalk` is told when one begins and ends.
function bindWalk(surface, { store, may, slack = 0, onWalk = () => {} }) {
  let from = null; // where the pointer went down, and what it then needs to know
  let walked = false; // the press that is now ending was a walk, and is no click

  function go(event) {
    const { box, gesture } = from;
    const share = (at, start, size) => Math.min(Math.max((at - start) / size, 0), 1);
    const point = {
      t: Math.round(100 * share(event.clientX, box.left, box.width)) / 100,
      u: Math.round(100 * share(event.clientY, box.top, box.height)) / 100,
    };
    const patch = Object.fromEntries(Object.entries(point).filter(([key]) => may(key)));
    store.set(patch, { gesture });
  }

  function end() {
    if (from && walked) onWalk(false);
    from = null;
  }

  surface.addEventListener("pointerdown", (event) => {
    walked = false;
    if (event.button !== 0 || !event.isPrimary || !may("t")) return;
    // The box is read once: reading it at every move would have the page laid out at every move.
    from = { x: event.clientX, y: event.clientY, box: surface.getBoundingClientRect(), gesture: {} };
    surface.setPointerCapture(event.pointerId);
    if (slack === 0) go(event);
  });
  surface.addEventListener("pointermove", (event) => {
    if (!from || !event.isPrimary) return;
    if (!walked && Math.hypot(event.clientX - from.x, event.clientY - from.y) < slack) return;
    if (!walked) onWalk(true);
    walked = true;
    go(event);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    surface.addEventListener(name, end);
  }
  return { walked: () => walked };
}

// Arrow keys on a pad do the same in steps; with Shift in large ones.
function bindArrows(pad, { store, may }) {
  const arrows = {
    ArrowLeft: ["t", -1], ArrowRight: ["t", 1], ArrowUp: ["u", -1], ArrowDown: ["u", 1],
  };
  let gesture = {};
  pad.addEventListener("keydown", (event) => {
    const [key, way] = arrows[event.key] || [];
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat) gesture = {};
    const to = store.get()[key] + way * (event.shiftKey ? 0.1 : 0.01);
    if (may(key)) store.set({ [key]: Math.min(Math.max(to, 0), 1) }, { gesture });
  });
}

// Elements with data-plane show the four corners and the point; those of the page are kept in step.
function showPlane(root, { store, words }) {
  const maps = [...root.querySelectorAll("[data-plane]")];
  const pad = root.querySelector('[data-role="pad"]');
  const percent = (share) => Math.round(100 * share);
  for (const map of maps) {
    for (const letter of "ABCD") map.append(makeNode("span", { "data-corner": letter }));
    map.append(makeNode("i"));
  }

  function tellPad({ t, u }) {
    pad.setAttribute("aria-valuenow", percent(t));
    pad.setAttribute("aria-valuetext", words("pad_value", { right: percent(t), down: percent(u) }));
  }

  // The corners may wait: a hand that moves their seeds is not on the plane.
  const tellCorners = afterwards(() => {
    const state = store.get();
    for (const map of maps) {
      ["seed", "seed_b", "seed_c", "seed_d"].forEach((key, k) => {
        const text = `${"ABCD"[k]} ${state[key]}`;
        if (map.children[k].textContent !== text) map.children[k].textContent = text;
      });
    }
  }, 150);

  function show(state, changed) {
    if (changed.has("t") || changed.has("u")) {
      tellPad(state);
      for (const map of maps) {
        map.style.setProperty("--t", state.t);
        map.style.setProperty("--u", state.u ?? 0);
      }
    }
    if (changed.has("seed") || changed.has("seed_b") || changed.has("seed_c") || changed.has("seed_d")) {
      tellCorners();
    }
  }

  store.listen(show);
  return { retell: () => tellPad(store.get()) };
}
