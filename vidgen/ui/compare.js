// The comparison: any two states side by side on one clock; the controls move one of them, or both.

function createCompare(root, { store, clock, voice, rules, telling, may, took, onTrouble, onBusy }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="compare"]');
  const act = (name) => room.querySelector(`[data-act="${name}"]`);
  const halves = [1, 2].map(createHalf);
  let open = false;

  function createHalf(side) {
    const node = room.querySelector(`[data-side="${side}"]`);
    const canvas = node.querySelector("canvas");
    const radio = node.querySelector("input");
    const half = { node, canvas, radio, busy: false };
    const { stage, ask } = createPicture(canvas, {
      clock, language: voice.language, onTrouble,
      address: (form) => `clip?${query(form)}`,
      isOpen: () => open,
      onBusy(busy) {
        half.busy = busy;
        onBusy(halves.some((each) => each.busy));
      },
      onSheet(sheet) {
        load();
        node.dataset.shown = clipQuery(sheet.form, "");
        took(sheet, said());
      },
    });
    Object.assign(half, { stage, ask });

    // A press chooses the side; on the side that is chosen already it plays or stops, as on the stage.
    let chosen = false;
    canvas.addEventListener("pointerdown", () => {
      chosen = store.get().side === side;
      choose(side);
    });
    const screen = canvas.parentElement;
    const onWalk = (on) => (screen.dataset.walking = String(on));
    const walk = bindWalk(canvas, { store, may, slack: 5, onWalk });
    canvas.addEventListener("click", () => chosen && !walk.walked() && clock.toggle());
    radio.addEventListener("change", () => choose(side));
    return half;
  }

  // The controls move the other side from now on.
  function choose(side) {
    const state = store.get();
    if (state.side !== side) store.set({ ...state.other, other: formOf(state), side });
  }

  const load = () => loadTogether(clock, halves.map(({ stage }) => stage));
  const query = (form) => clipQuery(form, rules().releaseOf(form).version);
  const forms = () => [1, 2].map((side) => rules().asked(formOn(side, store.get())));
  function differs() {
    const difference = telling.difference(...forms());
    return difference ? words("compare_differs", { difference }) : words("compare_same");
  }

  function said() {
    const [one, two] = forms().map(telling.clip);
    return `${words("compare_said", { one, two })} ${differs()}`;
  }

  function tell() {
    if (!open) return;
    forms().forEach((form, k) => {
      const name = telling.clip(form);
      const { canvas, node } = halves[k];
      node.querySelector("p").textContent = name;
      canvas.setAttribute("aria-label", words("side_picture", { side: words(`side_${k + 1}`), name }));
    });
    room.querySelector('[data-role="differs"]').textContent = differs();
  }

  function showControls({ side, linked }) {
    halves.forEach(({ node, radio }, k) => {
      radio.checked = side === k + 1;
      node.dataset.moved = String(radio.checked || linked === 1);
    });
    act("linked").setAttribute("aria-pressed", String(linked === 1));
    act("copy").textContent = words("copy_side", { from: side, to: 3 - side });
    const moves = linked ? words("moves_both") : words("moves_one", { side: words(`side_${side}`) });
    root.querySelector('[data-role="moves"]').textContent = moves;
  }

  const tellSoon = soon(tell);
  act("linked").addEventListener("click", () => store.set({ linked: 1 - store.get().linked }));
  // What the controls move stays what they move, on the other side.
  act("swap").addEventListener("click", () => store.set({ side: 3 - store.get().side }));
  act("copy").addEventListener("click", () => store.set({ other: formOf(store.get()) }));
  voice.retell(() => {
    if (!open) return;
    showControls(store.get());
    tell();
  });
  return {
    open() {
      open = true;
      load();
    },
    close: () => (open = false),
    follow(state, changed) {
      const has = (...keys) => keys.some((key) => changed.has(key));
      if (has("pixels", "view")) for (const { stage } of halves) stage.look({ pixels: state.pixels });
      if (has("side", "linked", "view")) showControls(state);
      if (!has(...FORM_KEYS, "other", "side", "view")) return;
      forms().forEach((form, k) => halves[k].ask(form));
      tellSoon();
    },
  };
}
