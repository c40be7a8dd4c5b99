// The path: clips along a line in latent space, made in one call and walked without the server.

function createPath(root, { store, clock, voice, rules, mixWords, took, onTrouble, onBusy }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="path"]');
  const role = (name) => room.querySelector(`[data-role="${name}"]`);
  const paths = createPaths({ rules, words, mixWords });
  const [canvas, range] = [role("path"), role("place")];
  const context = canvas.getContext("2d");
  const LEAST = 34; // CSS pixels that a stop takes at least, so that a finger finds it
  let open = false;
  let place = 0; // in stops; between two while the hand moves
  let drawing = false; // in the next animation frame

  const sheets = createSheets({
    language: voice.language, onTrouble, onBusy,
    onSheet(sheet) {
      const values = { count: sheet.form.cells.length, along: paths.alongWords(sheet.form) };
      took(sheet, words("path_said", values));
      show();
    },
  });
  const stops = createCells(role("stops"), { clock, now: sheets.now, label: "path_stops", onPick: pick });
  const path = () => sheets.now()?.form;
  const top = () => path().cells.length - (path().closed ? 0 : 1);
  const nearest = () => Math.round(place) % path().cells.length;

  function draw() {
    drawing = false;
    const sheet = sheets.now();
    if (!open || !sheet || clock.frame() < 0) return;
    const frame = Math.min(clock.frame(), sheet.meta.frames - 1);
    const box = [0, 0, canvas.width, canvas.height];
    // Shapes in one place are blended on the way; things in two places would be seen twice.
    const at = path().along === "motion_t" ? Math.round(place) : place;
    const low = Math.floor(at);
    context.imageSmoothingEnabled = !store.get().pixels;
    context.imageSmoothingQuality = "high";
    context.globalAlpha = 1;
    drawCell(context, sheet, low % sheet.meta.clips, frame, box);
    context.globalAlpha = at - low;
    if (at > low) drawCell(context, sheet, (low + 1) % sheet.meta.clips, frame, box);
  }

  function redraw() {
    if (drawing || !open) return;
    drawing = true;
    requestAnimationFrame(draw);
  }

  function fit() {
    const { meta } = sheets.now() || {};
    if (meta && fitCanvas(canvas, [4 * meta.width, 4 * meta.height])) redraw();
  }

  function tell() {
    range.style.setProperty("--share", `${(100 * place) / top()}%`);
    const text = paths.placeWords(path(), nearest());
    if (role("stop").textContent === text) return;
    role("stop").textContent = text;
    range.setAttribute("aria-valuetext", text);
    const along = paths.alongWords(path());
    canvas.setAttribute("aria-label", words("path_picture", { along, place: text }));
    stops.mark(nearest());
  }

  function go(to) {
    if (!path()) return;
    place = Math.min(Math.max(to, 0), top());
    if (Number(range.value) !== place) range.value = place;
    tell();
    redraw();
  }

  // What rests on the screen is a picture of the generator, and no blend; links say which.
  function rest() {
    go(Math.round(place));
    if (path()) store.set({ place }, { gesture: "place" });
  }

  function pick(index) {
    store.set({ ...path().cells[index], view: "stage" });
  }

  function show() {
    const sheet = sheets.now();
    if (!open || !sheet) return;
    const count = path().cells.length;
    const rows = Math.ceil((count * LEAST) / Math.max(role("stops").clientWidth, LEAST));
    clock.load(sheet.meta.frames, sheet.meta.fps);
    canvas.style.aspectRatio = `${sheet.meta.width} / ${sheet.meta.height}`;
    range.max = top();
    const names = path().cells.map((_, k) =>
      words("path_stop", { number: k + 1, count, place: paths.placeWords(path(), k) })
    );
    stops.show({ names, count: Math.ceil(count / rows) });
    [role("from").textContent, role("to").textContent] = paths.endWords(path());
    role("stop").textContent = ""; // so that it is told anew
    room.dataset.shown = path().query;
    fit();
    go(store.get().place);
  }

  // The controls of the view, as the state says.
  function showControls(state) {
    const seeds = paths.seeds(state);
    role("along").value = state.along;
    role("clips").value = state.clips;
    role("walk").hidden = state.along !== "walk";
    if (document.activeElement !== role("through")) role("through").value = seeds.join(", ");
    for (const option of role("along").children) option.hidden = !paths.offers(option.value, state);
    role("more").disabled = seeds.length >= WALKED[1];
    role("fewer").disabled = seeds.length <= WALKED[0];
  }

  const die = () => Math.floor(Math.random() * (SEED_SLIDER_TOP + 1));
  function walkThrough(change) {
    const list = change(paths.seeds(store.get()));
    role("through").removeAttribute("aria-invalid");
    store.set({ through: list.join(",") });
  }
  role("roll").addEventListener("click", () => walkThrough((seeds) => seeds.map(die)));
  role("more").addEventListener("click", () => walkThrough((seeds) => [...seeds, die()]));
  role("fewer").addEventListener("click", () => walkThrough((seeds) => seeds.slice(0, -1)));
  role("through").addEventListener("change", (event) => {
    const list = paths.readSeeds(event.target.value, rules().range("seed", store.get())[1]);
    if (list) return walkThrough(() => list);
    event.target.setAttribute("aria-invalid", "true");
    voice.say({ key: "through_refused", low: WALKED[0], high: WALKED[1] });
  });
  role("along").addEventListener("change", (event) => store.set({ along: event.target.value }));
  role("clips").addEventListener("change", (event) => store.set({ clips: Number(event.target.value) }));

  range.addEventListener("input", () => go(Number(range.value)));
  range.addEventListener("change", rest);
  range.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !path()) return;
    if (event.key === "Enter") pick(nearest());
    if (!by) return;
    event.preventDefault();
    go(Math.round(place) + by);
    rest();
  });
  bindScrub(canvas, { onMove: (share) => path() && go(share * top()), onEnd: rest, onPress: clock.toggle });
  new ResizeObserver(fit).observe(canvas);
  clock.watch(redraw);
  voice.retell(() => rules() && show());
  return {
    open() {
      open = true;
      stops.open(true);
      show();
    },
    close() {
      open = false;
      stops.open(false);
      sheets.close();
    },
    follow(state, changed) {
      const has = (...keys) => keys.some((key) => changed.has(key));
      if (has("pixels", "view")) stops.look(state.pixels);
      if (has("pixels")) redraw();
      if (has("place")) go(state.place);
      if (!has(...FORM_KEYS, "view", "along", "clips", "through")) return;
      showControls(state);
      sheets.ask(paths.pathOf(state));
    },
    idle: paths.idle,
    // To take home: all stops, one after the other.
    file() {
      const { query, cells } = paths.pathOf(store.get());
      return { query, clips: cells.length };
    },
  };
}
