// The catalogue: the wall of clips that was made beforehand, there before any model is loaded.

function createWall(root, { store, clock, voice, rules, mixWords, took, onTrouble, onBusy }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="wall"]');
  const holder = room.querySelector('[data-role="wall"]');
  const WIDE = 700; // CSS pixels, from which on classes stand side by side
  let open = false;

  const sheets = createSheets({
    language: voice.language, onTrouble, onBusy,
    onSheet(sheet) {
      took(sheet, words("wall_said", { count: sheet.meta.clips }));
      show();
    },
  });
  const cells = createCells(holder, { clock, now: sheets.now, label: "wall_cells", onPick: pick });

  // The whole form of each clip; what the wall does not say is neutral.
  const formsOf = ({ meta }) => meta.cells.map((cell) => rules().complete({ ...meta.form, ...cell }));

  function pick(index) {
    store.set({ ...formsOf(sheets.now())[index], view: "stage" });
  }

  function show() {
    const sheet = sheets.now();
    if (!open || !sheet) return;
    const forms = formsOf(sheet);
    const { meta, form } = sheet;
    // The sheet goes class by class. A narrow page shows a class in each row, a wide one in each column.
    const seeds = forms.filter((each) => each.class === forms[0].class).length;
    const classes = forms.length / seeds;
    const wide = holder.parentElement.clientWidth >= WIDE;
    const clips = forms.map((_, k) => (wide ? (k % classes) * seeds + Math.floor(k / classes) : k));
    const kinds = Array.from({ length: classes }, (_, k) => mixWords(forms[k * seeds]));
    const draws = Array.from({ length: seeds }, (_, k) => words("told_seed", { seed: forms[k].seed }));
    const told = ({ seed, ...each }) => words("wall_clip", { name: mixWords(each), seed });
    const [columns, rows] = wide ? [kinds, draws] : [draws, kinds];
    clock.load(meta.frames, meta.fps);
    holder.dataset.wide = String(!wide);
    holder.dataset.tall = String(wide);
    holder.style.setProperty("--shape", (columns.length * meta.width) / (rows.length * meta.height));
    const names = clips.map((index) => told(forms[index]));
    cells.show({ names, count: columns.length, columns, rows, clips });
    room.dataset.shown = form.query;
  }

  new ResizeObserver(show).observe(room);
  voice.retell(() => rules() && show());
  return {
    offered: (state) => rules().releaseOf(state).wall === true,
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
    follow(state, changed) {
      if (changed.has("pixels") || changed.has("view")) cells.look(state.pixels);
      if (!changed.has("view") && !changed.has("release")) return;
      const { name, version } = rules().releaseOf(state);
      const query = new URLSearchParams({ release: name, v: version }).toString();
      sheets.ask({ address: `wall?${query}`, query, release: name });
    },
  };
}
