// Sliders with a name, a value in words or a number box, and a help line: native range inputs.

const SEED_SLIDER_TOP = 999; // the slider's reach; the number box takes every legal seed
const SNAP = 0.08; // a pointer this near to a class means the class itself

// Turns <div data-slider="key"> into a labelled slider. Returns {key, holder, set, limit, legal, say}.
function createSlider(holder, onChange) {
  const key = holder.dataset.slider;
  const isSeed = "number" in holder.dataset;
  const id = `vg-${key}`;
  const make = (tag, attributes = {}) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  holder.classList.add("vg-field", `vg-field-${key}`);
  const head = make("div", { class: "vg-field-head" });
  const label = make("label", { for: id, "data-t": key });
  const range = make("input", {
    id, type: "range", name: key, step: holder.dataset.step || 1, "aria-describedby": `${id}-help`,
  });
  const help = make("p", { id: `${id}-help`, class: "vg-help", "data-t": `${key}_help` });
  const box = isSeed && make("input", {
    type: "number", inputmode: "numeric", step: 1, "data-t-label": `${key}_box`, class: "vg-number",
  });
  const value = !isSeed && make("output", { for: id, class: "vg-value" });
  const dice = "dice" in holder.dataset && make("button", {
    type: "button", class: "vg-dice", "data-t-label": `${key}_dice`,
  });
  if (dice) {
    dice.innerHTML =
      '<svg aria-hidden="true" viewBox="0 0 24 24"><path d="M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5' +
      'a2 2 0 0 1 2-2zm3 3.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm8 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0' +
      ' 0 0-3zm-4 4a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm-4 4a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z' +
      'm8 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z"/></svg>';
    dice.addEventListener("click", () => choose(Math.floor(Math.random() * (SEED_SLIDER_TOP + 1))));
  }
  head.append(label, ...[box, value, dice].filter(Boolean));
  holder.append(head, range, help);

  let top = 1;
  let bottom = 0;
  let held = false; // a pointer is on the slider
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

  function set(number) {
    paint(number);
    if (!box) return;
    if (document.activeElement !== box && box.value !== `${number}`) box.value = number;
    if (box.hasAttribute("aria-invalid")) box.removeAttribute("aria-invalid");
  }

  function choose(number) {
    if (box) box.value = number;
    set(number);
    onChange(key, number);
  }

  range.addEventListener("pointerdown", () => (held = true));
  for (const name of ["pointerup", "pointercancel", "blur"]) {
    range.addEventListener(name, () => (held = false));
  }
  range.addEventListener("input", () => {
    let number = Number(range.value);
    const whole = Math.round(number);
    if (key === "class" && held && Math.abs(number - whole) < SNAP) number = whole;
    choose(number);
  });
  if (box) {
    box.addEventListener("input", () => {
      const legal = /^\d+$/.test(box.value) && Number(box.value) <= top;
      box.setAttribute("aria-invalid", String(!legal));
      if (!legal) return onChange(key, null);
      paint(Number(box.value));
      onChange(key, Number(box.value));
    });
    box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
  return {
    key,
    holder,
    set,
    limit([low, high]) {
      [bottom, top] = [low, high];
      range.min = low;
      range.max = isSeed ? SEED_SLIDER_TOP : high;
      if (box) [box.min, box.max] = [low, high];
      painted = null;
    },
    legal: () => [bottom, top],
    // The value in words: beside the label, and for those who listen.
    say(words) {
      if (words === spoken) return;
      spoken = words;
      if (value) value.textContent = words;
      range.setAttribute("aria-valuetext", words);
    },
  };
}
