// Groups that fold, what a release can't do, and what a teacher's link hides.

// A part that can be hidden has data-part="name"; a control has data-control="key" or data-slider.
function createGroups(root, { rules, words, hidden }) {
  const controls = [...root.querySelectorAll("[data-control], [data-slider]")];
  const folds = [...root.querySelectorAll("details[data-fold]")];
  const keyOf = (node) => node.dataset.control || node.dataset.slider;
  let state = null; // as it was last told
  const open = memory.read("folds") || {};

  for (const fold of folds) {
    fold.open = open[fold.dataset.fold] === true;
    fold.addEventListener("toggle", () => {
      open[fold.dataset.fold] = fold.open;
      memory.write("folds", open);
      tellFold(fold);
    });
  }
  for (const node of root.querySelectorAll("[data-part]")) {
    if (hidden.includes(node.dataset.part)) node.dataset.gone = ""; // whatever else shows it again
  }

  // A closed fold says what in it is not as it would be if nobody had touched it.
  function tellFold(fold) {
    if (!state) return;
    const line = fold.querySelector("summary output");
    const own = [...fold.querySelectorAll("[data-control], [data-slider]")].filter((node) => !node.hidden);
    const told = [...new Set(own.map(keyOf))] // the plane's pad and its slider are one key
      .filter((key) => key in NEUTRAL && state[key] !== NEUTRAL[key] && playsAPart(key, state))
      .map((key) => (key === "loop" ? words(key) : `${words(key)} ${state[key]}`));
    const text = fold.open ? "" : told.join(words("list"));
    if (line.textContent !== text) line.textContent = text;
  }

  return {
    // The keys whose controls nobody sees, for a teacher hid them.
    hiddenKeys: () =>
      controls.filter((node) => hidden.includes(keyOf(node)) || node.closest("[data-gone]")).map(keyOf),
    // Shows what the release can do.
    fit(next) {
      for (const node of controls) {
        node.hidden = hidden.includes(keyOf(node)) || !rules.offers(keyOf(node), next);
      }
      for (const group of [...folds, ...root.querySelectorAll(".vg-group")]) {
        const own = controls.filter((node) => group.contains(node));
        const unseen = (node) => node.hidden || node.closest("details[hidden], details[data-gone]");
        group.hidden = own.length > 0 && own.every(unseen);
      }
    },
    tell(next) {
      state = next;
      folds.forEach(tellFold);
    },
  };
}
