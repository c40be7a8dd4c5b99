// The grid: two things vary, one to the right and one downwards, and all cells play in step.

function createGrid(root, { store, clock, voice, rules, seen, classWords, toss, took, onTrouble, onBusy }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="grid"]');
  const role = (name) => room.querySelector(`[data-role="${name}"]`);
  const spreads = createSpreads({ seen, rules, toss });
  const SIDES = ["cols", "rows"];
  let open = false;

  const sheets = createSheets({
    language: voice.language, onTrouble, onBusy,
    onSheet(sheet) {
      took(sheet, words("grid_said", { columns: axisWords(sheet.form.axes[0]), rows: axisWords(sheet.form.axes[1]) }));
      show();
    },
  });
  const cells = createCells(role("cells"), { clock, now: sheets.now, label: "grid_cells", onPick: pick });

  const axisWords = ({ vary }) => words(vary === "seed" ? "axis_seed" : vary);
  function valueWords({ vary }, value, state) {
    return vary === "class" ? classWords(value, state) : `${value}`;
  }

  function wanted(state) {
    const axes = spreads.axesOf(state);
    const forms = cellsOf(rules().asked(state), axes, rules());
    const query = clipsQuery(forms, axes, rules().releaseOf(state).version);
    return { address: `clips?${query}`, query, release: state.release, axes, cells: forms };
  }

  // A cell goes to the stage; the grid stays as it is, for who comes back.
  function pick(index) {
    const { cells: forms, axes } = sheets.now().form;
    const kept = axes.map(({ vary, values }) => spreads.write(vary, values));
    store.set({ ...forms[index], cols: kept[0], rows: kept[1], view: "stage" });
  }

  function show() {
    const sheet = sheets.now();
    if (!open || !sheet) return;
    const { axes, query, cells: forms } = sheet.form;
    const [columns, rows] = axes.map((axis) => axis.values.map((value) => valueWords(axis, value, forms[0])));
    const [across, down] = axes.map(axisWords);
    const names = rows.flatMap((row) => columns.map((column) => `${across} ${column}, ${down} ${row}`));
    clock.load(sheet.meta.frames, sheet.meta.fps);
    role("across").textContent = `${across} →`;
    role("down").textContent = `${down} ↓`;
    role("cells").dataset.wide = String(axes[1].vary === "class");
    role("cells").dataset.tall = String(axes[0].vary === "class");
    const shape = (columns.length * sheet.meta.width) / (rows.length * sheet.meta.height);
    role("cells").style.setProperty("--shape", shape);
    cells.show({ names, count: columns.length, columns, rows });
    room.dataset.shown = query;
  }

  // The controls of the view, as the state says.
  function showControls(state) {
    spreads.axesOf(state).forEach(({ vary, values }, k) => {
      const [choice, count] = [role(`${SIDES[k]}-vary`), role(`${SIDES[k]}-count`)];
      for (const option of choice.children) option.hidden = !spreads.offers(option.value, state);
      choice.value = vary;
      count.value = values.length;
      const held = state[SIDES[k]].includes(":");
      role(`${SIDES[k]}-tools`).lastChild.setAttribute("aria-pressed", String(held));
    });
  }

  // Writes one axis; where the other one varies the same, they change places.
  function change(side, vary, count) {
    const state = store.get();
    const axes = spreads.axesOf(state);
    const [own, other] = side === 0 ? axes : [axes[1], axes[0]];
    const next = { [SIDES[side]]: `${vary}*${count}` };
    if (vary === other.vary) next[SIDES[1 - side]] = `${own.vary}*${other.values.length}`;
    store.set(next);
  }

  SIDES.forEach((name, side) => {
    const [choice, count] = [role(`${name}-vary`), role(`${name}-count`)];
    const now = () => spreads.axesOf(store.get())[side];
    choice.addEventListener("change", () => change(side, choice.value, now().values.length));
    count.addEventListener("change", () => change(side, now().vary, count.value));
    const roll = () => spreads.roll(now().vary, Number(count.value), store.get());
    const again = () => change(side, now().vary, count.value);
    // A lock writes the values down, so that they no longer follow the controls.
    const lock = () => store.set({ [name]: spreads.write(now().vary, now().values) });
    role(`${name}-tools`).append(
      makeTool("dice", name, () => store.set({ [name]: roll() })),
      makeTool("reset", name, again),
      makeTool("lock", name, () => (store.get()[name].includes(":") ? again() : lock()))
    );
  });
  voice.retell(() => rules() && show());
  return {
    open() {
      open = true;
      show();
      cells.open(true);
    },
    close() {
      open = false;
      cells.open(false);
      sheets.close();
    },
    idle: (state) => spreads.idle(state),
    unmet: (state) => spreads.unmet(state),
    follow(state, changed) {
      const has = (...keys) => keys.some((key) => changed.has(key));
      if (has("pixels", "view")) cells.look(state.pixels);
      if (!has(...FORM_KEYS, "view", ...SIDES)) return;
      showControls(state);
      sheets.ask(wanted(state));
    },
  };
}
