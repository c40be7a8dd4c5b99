// Inside a clip: the parts that a family can show alone, as chips under the model's other controls.

const PARTS = ["mask", "foreground", "background", "content", "motion", "scene", "placed", "drawn", "free"];

// A part by its name; progressive's are the sides of its stages in pixels.
function partWords(name, words) {
  if (name === "") return words("part_whole");
  if (/^\d+$/.test(name)) return words("part_stage", { side: name });
  return PARTS.includes(name) ? words(`part_${name}`) : name;
}

function createInside(root, { store, rules, words }) {
  const holder = root.querySelector('[data-control="part"]');
  const chips = holder.querySelector('[data-role="parts"]');
  const help = holder.querySelector('[data-role="part-help"]');

  function helpWords(part) {
    if (/^\d+$/.test(part)) return words("part_stage_help");
    return PARTS.includes(part) ? words(`part_${part}_help`) : words("part_help");
  }

  return {
    fill(state) {
      const nodes = ["", ...rules.releaseOf(state).parts].map((name) => {
        const chip = makeNode("button", { type: "button", "data-name": name });
        chip.textContent = partWords(name, words);
        chip.addEventListener("click", () => store.set({ part: name }));
        return chip;
      });
      chips.replaceChildren(...nodes);
    },
    show({ part }) {
      for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.name === part));
      help.textContent = helpWords(part);
    },
  };
}
