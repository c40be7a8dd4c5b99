// Classes in words, as ticks under their slider and as chips for a quick pick.

function createClasses(root, { store, rules, words }) {
  const chips = root.querySelector('[data-role="chips"]');
  const holder = chips.parentElement;
  const EDGE = 10; // CSS pixels from the end of a slider to where its thumb can be
  const BESIDE = 14; // CSS pixels beside a slider that a chip may use
  const nameOf = (each) => each[words("class_field")];
  const percent = (share) => `${Math.round(100 * share)}%`;
  let widest = 0; // chip, in CSS pixels

  function mixWords(state) {
    const { classes } = rules.releaseOf(state);
    const mix = rules.classMix(state);
    if (mix.length === 1) return nameOf(classes[mix[0][0]]);
    return mix.map(([index, weight]) => `${percent(weight)} ${nameOf(classes[index])}`).join(" + ");
  }

  // Chips stand under their ticks where their names are short enough, else they follow each other.
  function align() {
    const ways = chips.children.length - 1;
    const room = Math.min((holder.clientWidth - 2 * EDGE) / ways - 2, 2 * (EDGE + BESIDE));
    chips.dataset.aligned = String(widest <= room);
  }

  new ResizeObserver(align).observe(holder);
  return {
    nameOf,
    mixWords,
    placeWords: (place, state) => mixWords({ release: state.release, class: place }),
    fill(state) {
      const { classes } = rules.releaseOf(state);
      chips.replaceChildren(
        ...classes.map((each, index) => {
          const chip = makeNode("button", { type: "button" });
          chip.textContent = nameOf(each);
          chip.addEventListener("click", () => store.set({ class: index }));
          return chip;
        })
      );
      for (const ticks of root.querySelectorAll(".vg-ticks")) {
        ticks.replaceChildren(...classes.map(() => makeNode("i")));
      }
      chips.style.setProperty("--n", classes.length);
      chips.dataset.aligned = "false";
      widest = Math.max(...[...chips.children].map((chip) => chip.offsetWidth));
      align();
    },
    show(state) {
      [...chips.children].forEach((chip, index) => {
        const near = Math.abs(state.class - index);
        chip.setAttribute("aria-pressed", String(near < 0.0005));
        chip.style.setProperty("--weight", Math.max(0, 1 - near));
      });
    },
  };
}
