// Runs in a measured page: when did an input say a value, and when was that value on screen?

// slider, picture, cover: selectors; what lies under an opaque cover is not on screen. key: what is
// dragged, a slider's "seed", "class" or "t", or the "plane", which is dragged on the picture itself.
// told: "pixels" reads the value off the stub's picture, "page" believes the page's own word for what
// it shows (a real generator's pictures tell no value).
function probe({ slider, picture, key, told, cover }) {
  const SIDE = 64;
  const CELLS = 8;
  const BITS = [10, 8, 7, 7]; // seed, class, t, u: see stub.py
  const scratch = document.createElement("canvas");
  scratch.width = scratch.height = SIDE;
  const context = scratch.getContext("2d", { willReadFrequently: true });
  let first = null; // the first picture's pixels
  let last = null; // the value on screen
  let word = null; // the form that the page says it shows
  let box = null; // of the picture, while a hand is on it
  let place = null; // on the plane, where the hand was last

  // RGBA of what an element shows, 64 x 64; null where it shows nothing yet.
  function pixelsOf(element) {
    if (!element || element.readyState < 2 || element.videoWidth === 0) return null;
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(element, 0, 0, SIDE, SIDE);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    return data[3] === 0 ? null : data; // a canvas that nobody drew on is transparent
  }

  // What the stub's picture tells; null where it is none of its pictures.
  function formOf(data) {
    const bits = [];
    for (let k = 0; k < CELLS * CELLS; k++) {
      const x = ((k % CELLS) + 0.5) * (SIDE / CELLS);
      const y = (Math.floor(k / CELLS) + 0.5) * (SIDE / CELLS);
      const level = data[4 * (y * SIDE + x)];
      if (level > 64 && level < 192) return null;
      bits.push(level > 128 ? 1 : 0);
    }
    const number = (from, to) => bits.slice(from, to).reduce((sum, bit, k) => sum + bit * 2 ** k, 0);
    const ends = BITS.map((_, k) => BITS.slice(0, k + 1).reduce((sum, width) => sum + width));
    const [seed, twentieths, right, down] = ends.map((end, k) => number(end - BITS[k], end));
    const [end, walkers] = [ends[3], bits.slice(-CELLS).reduce((sum, bit) => sum + bit)];
    const whole = number(end, end + 2) === (number(0, end) % 3) + 1;
    const rest = number(end + 2, CELLS * (CELLS - 1));
    if (!whole || walkers !== 1 || rest !== 0) return null;
    return { seed, class: twentieths / 20, t: right / 100, u: down / 100 };
  }

  // What is dragged, as one number; a hand that goes right and down only makes it larger.
  function valueIn(form) {
    if (key !== "plane") return Number(form[key]);
    return Math.round(100 * form.t) + 101 * Math.round(100 * form.u);
  }

  const bench = {
    inputs: [], // [value, ms] of each input event
    shown: [], // [value, ms] of each change of the value on screen
    moved_ms: null, // when the picture had moved for the first time, from navigation
    value: () => last,
    asked: () => (key === "plane" ? place : Number(document.querySelector(slider).value)),
    tell: (element) => formOf(pixelsOf(element)),
    pixels: () => pixelsOf(document.querySelector(picture)),
    watchScrub,
  };

  // Of each animation frame from now on: where the path's hand is, and whether the frame's picture
  // was another one than that of the frame before. Returns a function that ends it and gives all.
  function watchScrub() {
    const frames = [];
    let [place, before, on] = [null, null, true];
    function lookOn() {
      if (on) requestAnimationFrame(lookOn);
      // This frame has not drawn yet: on the canvas is what the one before has made of its place.
      const data = bench.pixels();
      if (place !== null) frames.push([place, data.some((level, k) => level !== before[k])]);
      [place, before] = [bench.asked(), data];
    }
    requestAnimationFrame(lookOn);
    return () => {
      on = false;
      return frames;
    };
  }

  // Before each frame is painted: what will it show?
  function look() {
    requestAnimationFrame(look);
    const now = performance.now();
    const hiding = cover && document.querySelector(cover);
    if (hiding && getComputedStyle(hiding).opacity > 0.5) return;
    const data = bench.pixels();
    if (!data) return;
    if (!first) first = data;
    if (first !== "moved" && data.some((level, k) => Math.abs(level - first[k]) > 8)) {
      first = "moved";
      bench.moved_ms = now;
    }
    const form = told === "pixels" ? formOf(data) : word;
    const value = form && valueIn(form);
    if (value === null || value === last) return;
    last = value;
    bench.shown.push([value, now]);
  }

  const listen = (name, act, capture = true) => document.addEventListener(name, act, { capture });
  let came = 0; // when the newest input event began
  listen("input", () => (came = performance.now()));
  // Afterwards, for a class near a whole one is drawn to it.
  listen("input", ({ target }) => {
    if (key !== "plane" && target.matches(slider)) bench.inputs.push([Number(target.value), came]);
  }, false);
  if (key === "plane") {
    const share = (at, start, size) => Math.min(Math.max((at - start) / size, 0), 1);
    listen("pointerdown", ({ target }) => {
      box = target.matches(picture) ? target.getBoundingClientRect() : null;
    });
    listen("pointerup", () => (box = null));
    listen("pointermove", ({ clientX, clientY }) => {
      if (!box) return;
      const [t, u] = [share(clientX, box.left, box.width), share(clientY, box.top, box.height)];
      place = valueIn({ t, u });
      bench.inputs.push([place, performance.now()]);
    });
  }
  listen("vidgen:shown", ({ detail }) => (word = detail));
  requestAnimationFrame(look);
  window.bench = bench;
}
