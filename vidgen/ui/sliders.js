// Sliders with a name, a value in words or a number box, and a help line: native range inputs.

const SEED_SLIDER_TOP = 999; // the slider's reach; the number box takes every legal seed
const SNAP = 0.08; // a pointer this near to a class means the class itself

// Turns <div data-slider="key"> into a labelled slider. `onChange(key, number, gesture)` is told null
// of what is not legal; all that one drag, one key or one visit of the box says has one gesture.
function createSlider(holder, onChange, tools) {
  const key = holder.dataset.slider;
  const isSeed = SEED_KEYS.includes(key);
  const snaps = key === "class" || key === "class_b";
  const id = `vg-${key}`;
  holder.classList.add("vg-field", `vg-field-${key}`);
  const head = makeNode("div", { class: isSeed ? "vg-field-head vg-head-seed" : "vg-field-head" });
  const label = makeNode("label", { for: id, "data-t": key });
  const range = makeNode("input", {
    id, type: "range", name: key, step: holder.dataset.step || 1, "aria-describedby": `${id}-help`,
  });
  const help = makeNode("p", { id: `${id}-help`, class: "vg-help", "data-t": `${key}_help` });
  const box = isSeed && makeNode("input", {
    type: "number", inputmode: "numeric", step: 1, class: "vg-number", "data-t-label": "any_number",
    "data-t-name": key,
  });
  const value = !isSeed && makeNode("output", { for: id, class: "vg-value" });
  head.append(label, tools, box || value);
  holder.prepend(head, range, ...(snaps ? [makeNode("div", { class: "vg-ticks", "aria-hidden": "true" })] : []));
  holder.append(help);

  let [bottom, top] = [0, 1];
  let held = false; // a pointer is on the slider
  let repeating = false; // a key is held down
  let gesture = {};
  let painted = null; // what it shows and says, so that a drag writes only what changed
  let spoken = null;

  function paint(number) {
    if (number === painted && Number(range.value) === number) return;
    painted = number;
    range.value = number;
    const span = Number(range.max) - Number(range.min) || 1;
    const share = (Number(range.value) - Number(range.min)) / span;
    range.style.setProperty("--share", `${100 * share}%`);
  }

  range.addEventListener("pointerdown", () => {
    held = true;
    gesture = {};
  });
  for (const name of ["pointerup", "pointercancel", "blur"]) {
    range.addEventListener(name, () => (held = false));
  }
  range.addEventListener("keydown", (event) => {
    repeating = event.repeat;
    if (!event.repeat) gesture = {};
  });
  range.addEventListener("input", () => {
    let number = Number(range.value);
    const whole = Math.round(number);
    if (snaps && held && Math.abs(number - whole) < SNAP) number = whole;
    if (box) box.value = number;
    paint(number);
    onChange(key, number, gesture);
  });
  range.addEventListener("change", () => {
    if (!repeating) gesture = {};
  });
  if (box) {
    box.addEventListener("input", () => {
      const legal = /^\d+$/.test(box.value) && Number(box.value) <= top;
      box.setAttribute("aria-invalid", String(!legal));
      onChange(key, legal ? Number(box.value) : null, gesture);
    });
    for (const name of ["focus", "change"]) box.addEventListener(name, () => (gesture = {}));
    box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
  return {
    key,
    set(number) {
      paint(number);
      if (!box) return;
      const typed = document.activeElement === box && Number(box.value) === number;
      if (!typed && box.value !== `${number}`) box.value = number;
      if (box.hasAttribute("aria-invalid")) box.removeAttribute("aria-invalid");
    },
    limit([low, high]) {
      [bottom, top] = [low, high];
      range.min = low;
      range.max = isSeed ? SEED_SLIDER_TOP : high;
      if (box) [box.min, box.max] = [low, high];
      painted = null;
    },
    legal: () => [bottom, top],
    // A control that changes nothing just now steps back; its help, a key of the words, may say why.
    idle(on, why, words) {
      if (holder.dataset.idle !== String(on)) holder.dataset.idle = String(on);
      if (help.dataset.t === why) return;
      help.dataset.t = why;
      help.textContent = words;
    },
    // The value in words: beside the label, and for those who listen.
    say(words) {
      if (words === spoken) return;
      spoken = words;
      if (value) value.textContent = words;
      range.setAttribute("aria-valuetext", words);
    },
  };
}
