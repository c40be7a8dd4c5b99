// Favourites and history: states of the page that this browser keeps, in a drawer beside the stage.

function bindFavourites(root, { store, voice, rules, views, telling }) {
  const KEPT = 500;
  const PASSED = 60; // states of the history
  const REST = 1500; // ms for which the hand must rest on a state that goes into the history
  const LARGEST = 1e6; // bytes of a file that is read
  const { words, say } = voice;
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const act = (name) => root.querySelector(`[data-act="${name}"]`);
  const drawer = role("drawer");
  const entries = createEntries({ rules, views });
  const thumbs = createThumbs({ language: voice.language });
  const kept = createShelf("favourites", { most: KEPT, onChange: changed });
  const history = createShelf("history", { most: PASSED, onChange: changed });
  let warned = false; // it was said that nothing is stored
  let renaming = false;
  let restore = null; // undoes what was taken away last

  const query = () => entries.write(store.get());
  const entryOf = (text) => ({ query: text, name: "", at: Date.now() });
  const without = (list, text) => list.filter((each) => each.query !== text);

  // A state in words; of one that is not legal here, why.
  function tellEntry({ query: text, name }) {
    const { patch, wrong } = entries.read(text);
    if (wrong) return { name: name || words("kept_gone"), why: whyNot(wrong) };
    const form = rules.asked(patch);
    const told = patch.view === views[0] ? [] : [words(`view_${patch.view}`)];
    return { patch, form, name: name || [...told, telling.clip(form)].join(" · ") };
  }

  function whyNot([key, value]) {
    const short = plainName(value).slice(0, 40) || "–";
    if (key === "release") return words("wrong_release", { value: short });
    return words("wrong_value", { key: plainName(key).slice(0, 20), value: short });
  }

  const tellSoon = soon(showStar);
  function showStar() {
    const text = query();
    act("keep").setAttribute("aria-pressed", String(kept.list().some((each) => each.query === text)));
  }

  function changed() {
    showStar();
    show();
  }

  function tell(text, undo = null) {
    restore = undo;
    role("drawer-said").textContent = text;
    act("restore").hidden = !undo;
    role("refused").replaceChildren();
  }

  // Takes entries away, and knows how to put them back where they were.
  function remove(shelf, gone) {
    const places = shelf.list().flatMap((each, place) => (gone(each) ? [[place, each]] : []));
    shelf.change((list) => list.filter((each) => !gone(each)));
    return () => shelf.change((list) => {
      const back = places.filter(([, each]) => !list.some(({ query: text }) => text === each.query));
      return back.reduce((all, [place, each]) => all.toSpliced(place, 0, each), list);
    });
  }

  // Keeps a state; returns what there is to say of it, a key of the page's words.
  function keep(text) {
    if (kept.list().length >= kept.most) return { key: "kept_full", most: kept.most };
    kept.change((list) => [entryOf(text), ...without(list, text)]);
    if (!kept.lost() || warned) return { key: "kept_done" };
    warned = true;
    return { key: "kept_session" };
  }

  act("keep").addEventListener("click", () => {
    const text = query();
    const had = kept.list().some((each) => each.query === text);
    if (had) remove(kept, (each) => each.query === text);
    say({ ...(had ? { key: "kept_undone" } : keep(text)), kind: "good" });
  });

  // --- the drawer

  function makeAction(icon, label, onPress) {
    const button = makeNode("button", { type: "button", class: `vg-icon vg-${icon}`, "aria-label": label });
    button.title = label;
    button.innerHTML = `<svg aria-hidden="true" viewBox="0 0 24 24"><path d="${ICONS[icon]}"/></svg>`;
    button.addEventListener("click", onPress);
    return button;
  }

  function makeRow(shelf, entry) {
    const told = tellEntry(entry);
    const row = makeNode("li");
    const go = makeNode("button", { type: "button", class: "vg-go" });
    const canvas = makeNode("canvas", { width: 96, height: 96, "aria-hidden": "true" });
    const [name, why] = [makeNode("span"), makeNode("small")];
    name.textContent = told.name;
    why.textContent = told.why || new Date(entry.at).toLocaleString(voice.language(), { dateStyle: "medium", timeStyle: "short" });
    name.append(why);
    go.append(canvas, name);
    go.disabled = Boolean(told.why);
    if (told.form) thumbs.show(canvas, `clip?${clipQuery(told.form, rules.releaseOf(told.form).version)}`);
    go.addEventListener("click", () => {
      store.set(told.patch);
      if (window.matchMedia("(max-width: 820px)").matches) drawer.close(); // it lies over the picture
    });
    const { name: called } = told;
    const drop = () => {
      const undo = remove(shelf, (each) => each.query === entry.query);
      tell(words("kept_dropped", { name: called }), undo);
    };
    row.append(go);
    if (shelf === kept) {
      row.append(makeAction("pencil", words("kept_rename", { name: called }), () => rename(row, entry, called)));
    } else if (told.form) {
      row.append(makeAction("star", words("kept_keep", { name: called }), () => {
        const said = keep(entry.query);
        tell(words(said.key, said));
      }));
    }
    row.append(makeAction("cross", words("kept_drop", { name: called }), drop));
    return row;
  }

  function rename(row, entry, name) {
    const box = makeNode("input", { type: "text", maxlength: 80, "aria-label": words("kept_rename", { name }) });
    box.value = name;
    renaming = true;
    row.firstChild.replaceWith(box);
    box.select();
    function done(taken) {
      if (!renaming) return;
      renaming = false;
      const chosen = plainName(box.value);
      const renamed = (each) => (each.query === entry.query ? { ...each, name: chosen === name ? each.name : chosen } : each);
      if (taken) kept.change((list) => list.map(renamed));
      else show();
    }
    box.addEventListener("blur", () => done(true));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // Escape leaves the name and not the drawer
      done(event.key === "Enter");
    });
  }

  // Fills both lists; the focus stays at its place.
  function show() {
    if (!drawer.open || renaming) return;
    const at = document.activeElement;
    const row = at.closest("li");
    const home = row?.parentElement;
    const [line, tool] = row ? [[...home.children].indexOf(row), [...row.children].indexOf(at)] : [];
    for (const [name, shelf] of [["kept", kept], ["history", history]]) {
      role(name).replaceChildren(...shelf.list().map((each) => makeRow(shelf, each)));
    }
    act("export").disabled = role("kept").children.length === 0;
    act("clear").disabled = role("history").children.length === 0;
    if (!row) return;
    const next = home.children[Math.min(line, home.children.length - 1)];
    const focus = next?.children[Math.max(0, Math.min(tool, next.children.length - 1))];
    (focus || drawer.querySelector("form button")).focus();
  }

  function open() {
    drawer.showModal();
    tell(kept.lost() || history.lost() ? words("kept_session") : "");
    show();
  }

  // --- files

  function save() {
    const favourites = kept.list().map(({ query: link, name, at }) => ({ name, link, kept: new Date(at).toISOString() }));
    const text = JSON.stringify({ vidgen: "favourites", favourites }, null, 2);
    handOver(new Blob([text], { type: "application/json" }), "vidgen-favourites.json");
  }

  async function readFile(file) {
    if (file.size > LARGEST) return null;
    try {
      const body = JSON.parse(await file.text());
      return body.vidgen === "favourites" && Array.isArray(body.favourites) ? body.favourites : null;
    } catch {
      return null;
    }
  }

  // One entry of a file: {entry}, or {why} it is refused.
  function readEntry(raw) {
    if (typeof raw?.link !== "string") return { why: words("wrong_entry") };
    const { patch, wrong } = entries.read(raw.link);
    if (wrong) return { why: whyNot(wrong) };
    const name = typeof raw.name === "string" ? plainName(raw.name) : "";
    // Written anew, so that the same state has the same text.
    return { entry: { query: entries.write({ ...store.get(), ...patch }), name, at: Date.parse(raw.kept) || Date.now() } };
  }

  async function take(file) {
    const list = await readFile(file);
    if (!list) return tell(words("import_refused"));
    const read = list.map(readEntry);
    const here = new Set(kept.list().map((each) => each.query));
    const legal = read.flatMap(({ entry }) => (entry ? [entry] : []));
    const room = Math.max(0, kept.most - here.size);
    const fresh = legal.filter(({ query: text }) => !here.has(text) && here.add(text));
    const taken = fresh.slice(0, room);
    kept.change((now) => [...now, ...taken]);
    const refused = read.flatMap(({ why }, k) => (why ? [words("import_line", { number: k + 1, why })] : []));
    if (fresh.length > room) refused.push(words("kept_full", { most: kept.most }));
    const counts = { taken: taken.length, known: legal.length - fresh.length, refused: read.length - legal.length };
    tell(words("import_done", counts));
    role("refused").replaceChildren(...refused.slice(0, 20).map((line) => Object.assign(makeNode("li"), { textContent: line })));
  }

  act("favourites").addEventListener("click", open);
  act("export").addEventListener("click", save);
  act("import").addEventListener("click", () => role("import").click());
  role("import").addEventListener("change", async ({ target }) => {
    if (target.files[0]) await take(target.files[0]);
    target.value = ""; // the same file may be chosen again
  });
  act("clear").addEventListener("click", () => tell(words("history_cleared"), remove(history, () => true)));
  act("restore").addEventListener("click", () => {
    restore?.();
    tell("");
    drawer.querySelector("form button").focus();
  });
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  voice.retell(show);

  const told = [...FORM_KEYS, "view", "other", ...Object.values(VIEW_LOOKS).flatMap(Object.keys)];
  const record = afterwards(() => {
    const text = query();
    history.change((list) => [entryOf(text), ...without(list, text)]);
  }, REST);
  store.listen((_, keys) => {
    if (!told.some((key) => keys.has(key))) return;
    tellSoon();
    record();
  });
  showStar();
}
