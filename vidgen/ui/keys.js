// The keyboard: one key for what the hand does most, and the dialog that lists them.

// A row is {keys, show, name, act(event)}: event.key's names, how they are written in the list, one of
// the page's words, and what is done.
function bindKeys(root, { store, words }) {
  const dialog = root.querySelector('[data-role="keys"]');
  const list = root.querySelector('[data-role="keys-list"]');
  const on = root.querySelector('[data-role="keys-on"]');
  const rows = [];
  const typing = 'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';
  // What an element does with these keys itself stays its own.
  const own = {
    " ": 'button, a, summary, input[type="checkbox"]',
    ArrowLeft: 'input, [role="slider"]',
    ArrowRight: 'input, [role="slider"]',
  };

  on.checked = memory.read("keys") !== false;
  on.addEventListener("change", () => memory.write("keys", on.checked));

  function travel(event) {
    const key = event.key.toLowerCase();
    if ((!event.ctrlKey && !event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return false;
    if (key === "y" || event.shiftKey) store.redo();
    else store.undo();
    return true;
  }

  function press(event) {
    // On some keyboards AltGr makes the brackets; it counts as Ctrl and Alt.
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (modified && !event.getModifierState("AltGraph")) return false;
    const row = rows.find((each) => each.keys.includes(event.key));
    if (!row || !on.checked || event.target.closest(own[event.key])) return false;
    row.act(event);
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const here = event.target === document.body || root.contains(event.target);
    if (!here || event.defaultPrevented || root.querySelector("dialog[open]") || event.target.closest(typing)) return;
    if (travel(event) || press(event)) event.preventDefault();
  });

  function open() {
    const row = ({ show, name }) => {
      const [term, meaning] = [makeNode("dt"), makeNode("dd")];
      term.append(...show.map((key) => Object.assign(makeNode("kbd"), { textContent: words(key) })));
      meaning.textContent = words(name);
      return [term, meaning];
    };
    list.replaceChildren(...rows.flatMap(row));
    dialog.showModal();
  }

  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return { add: (...more) => rows.push(...more), open };
}

// The keys that are there in every view.
function bindShortcuts(keyboard, { clock, store, controls, about, say }) {
  let gesture = {};
  function nudge(event, by) {
    if (!event.repeat) gesture = {};
    if (controls.may("seed")) store.set({ seed: store.get().seed + by }, { gesture });
  }
  function loop() {
    const refusal = controls.may("loop") && controls.loop();
    if (refusal) say(refusal);
  }
  function compare() {
    const { view } = store.get();
    if (!readHidden().includes("views")) store.set({ view: view === "compare" ? "stage" : "compare" });
  }
  keyboard.add(
    { keys: [" "], show: ["space"], name: "key_play", act: clock.toggle },
    { keys: ["ArrowLeft"], show: ["←"], name: "back", act: () => clock.step(-1) },
    { keys: ["ArrowRight"], show: ["→"], name: "forward", act: () => clock.step(1) },
    { keys: ["["], show: ["["], name: "key_seed_down", act: (event) => nudge(event, -1) },
    { keys: ["]"], show: ["]"], name: "key_seed_up", act: (event) => nudge(event, 1) },
    { keys: ["r", "R"], show: ["R"], name: "surprise", act: controls.surprise },
    { keys: ["l", "L"], show: ["L"], name: "loop", act: loop },
    { keys: ["c", "C"], show: ["C"], name: "key_compare", act: compare },
    { keys: ["i", "I"], show: ["I"], name: "about", act: () => about.open() },
    { keys: [], show: ["Ctrl", "Z"], name: "undo" },
    { keys: [], show: ["Ctrl", "Shift", "Z"], name: "redo" },
    { keys: ["?"], show: ["?"], name: "keys", act: keyboard.open }
  );
}
