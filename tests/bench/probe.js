// Runs in a measured page: when did an input say a value, and when was that value on screen?

// slider, picture, cover: selectors; what lies under an opaque cover is not on screen. told: "pixels"
// reads the value off the stub's picture, "page" believes the page's own word for what it shows (a
// real generator's pictures tell no value).
function probe({ slider, picture, told, cover }) {
  const SIDE = 64;
  const CELLS = 4;
  const scratch = document.createElement("canvas");
  scratch.width = scratch.height = SIDE;
  const context = scratch.getContext("2d", { willReadFrequently: true });
  let first = null; // the first picture's pixels
  let last = null; // the value on screen
  let word = null; // what the page says it shows

  // RGBA of what an element shows, 64 x 64; null where it shows nothing yet.
  function pixelsOf(element) {
    if (!element || element.readyState < 2 || element.videoWidth === 0) return null;
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(element, 0, 0, SIDE, SIDE);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    return data[3] === 0 ? null : data; // a canvas that nobody drew on is transparent
  }

  // The value that the stub's picture tells, see stub.py; null where it is none of its pictures.
  function valueOf(data) {
    const bits = [];
    for (let k = 0; k < CELLS * CELLS; k++) {
      const x = ((k % CELLS) + 0.5) * (SIDE / CELLS);
      const y = (Math.floor(k / CELLS) + 0.5) * (SIDE / CELLS);
      const level = data[4 * (y * SIDE + x)];
      if (level > 64 && level < 192) return null;
      bits.push(level > 128 ? 1 : 0);
    }
    const number = (from, to) => bits.slice(from, to).reduce((sum, bit, k) => sum + bit * 2 ** k, 0);
    const walkers = bits.slice(12).reduce((sum, bit) => sum + bit, 0);
    const value = number(0, 10);
    return walkers === 1 && number(10, 12) === (value % 3) + 1 ? value : null;
  }

  const bench = {
    inputs: [], // [value, ms] of each input event
    shown: [], // [value, ms] of each change of the value on screen
    moved_ms: null, // when the picture had moved for the first time, from navigation
    value: () => last,
    tell: (element) => valueOf(pixelsOf(element)),
  };

  // Before each frame is painted: what will it show?
  function look() {
    requestAnimationFrame(look);
    const now = performance.now();
    const hiding = cover && document.querySelector(cover);
    if (hiding && getComputedStyle(hiding).opacity > 0.5) return;
    const data = pixelsOf(document.querySelector(picture));
    if (!data) return;
    if (!first) first = data;
    if (first !== "moved" && data.some((level, k) => Math.abs(level - first[k]) > 8)) {
      first = "moved";
      bench.moved_ms = now;
    }
    const value = told === "pixels" ? valueOf(data) : word;
    if (value === null || value === last) return;
    last = value;
    bench.shown.push([value, now]);
  }

  const listen = (name, act) => document.addEventListener(name, act, { capture: true });
  listen("input", ({ target }) => {
    if (target.matches(slider)) bench.inputs.push([Number(target.value), performance.now()]);
  });
  listen("vidgen:shown", ({ detail }) => (word = detail.seed));
  requestAnimationFrame(look);
  window.bench = bench;
}
