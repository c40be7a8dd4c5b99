// The families: the same class and seeds through every model of the same data, on one clock.

function createFamily(root, { store, clock, voice, rules, telling, about, took, onTrouble, onBusy }) {
  const { words } = voice;
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const [list, told, data] = ["tiles", "told", "family-data"].map(role);
  let tiles = []; // of the models that are shown
  let open = false;

  const peers = (state) => rules().peersOf(rules().releaseOf(state));
  const families = (kind) => new Set(kind.map(({ family }) => family)).size;
  const query = (form) => clipQuery(form, rules().releaseOf(form).version);

  // The model that stands for its data: of the same family, if there is one.
  function spokesman(kind, state) {
    const { family } = rules().releaseOf(state);
    const labelled = kind.filter(({ classes }) => classes.length > 1);
    return labelled.find((each) => each.family === family) || labelled.at(-1) || kind[0];
  }

  // Which part each model shows: "vgan:mask,mocogan:content". The state's own model has `part` for it.
  function partsOf(state) {
    const pairs = state.inside.split(",").filter(Boolean).map((pair) => pair.split(":"));
    return { ...Object.fromEntries(pairs), [state.release]: state.part };
  }
  function written(parts) {
    return Object.entries(parts).filter(([, part]) => part).map((pair) => pair.join(":")).sort().join(",");
  }

  // The state through another model: what that one can't do gives way.
  function formOfTile(name, state) {
    if (name === state.release) return rules().asked(state);
    const next = { ...formOf(state), release: name, part: partsOf(state)[name] || "" };
    return rules().asked(rules().settle(next, ["release"], state));
  }

  function createTile(name) {
    const tile = createFamilyTile(name, {
      clock, onTrouble, words, language: voice.language,
      address: (form) => `clip?${query(form)}`,
      isOpen: () => open,
      onBusy: () => onBusy(tiles.some(({ busy }) => busy())),
      onSheet(sheet) {
        load();
        took(sheet, words("family_said", { count: tiles.length, name: telling.clip(sheet.form) }));
      },
      // Nearly the same clip, which nobody has asked for yet.
      another: (form) => rules().settle({ ...form, seed: (form.seed + 1) % (rules().range("seed", form)[1] + 1) }, ["seed"], form),
    });
    tile.screen.addEventListener("click", () => pick(name));
    tile.about.addEventListener("click", () => about.open(name));
    tile.choice.addEventListener("change", () => {
      const state = store.get();
      const parts = { ...partsOf(state), [name]: tile.choice.value };
      store.set({ inside: written(parts), ...(name === state.release && { part: tile.choice.value }) });
    });
    return tile;
  }

  const load = () => loadTogether(clock, tiles.map(({ picture }) => picture.stage));

  // A tile goes to the stage; what is seen inside the others stays, for who comes back.
  function pick(name) {
    const state = store.get();
    store.set({ ...formOfTile(name, state), inside: written(partsOf(state)), view: "stage" });
  }

  function lay(names) {
    for (const { picture } of tiles) picture.stop();
    tiles = names.map(createTile);
    list.replaceChildren(...tiles.map(({ node }) => node));
    told.replaceChildren(...tiles.map(({ text }) => text));
    const columns = names.length < 4 ? names.length : names.length < 7 ? 3 : 4;
    list.style.setProperty("--columns", columns);
    list.style.setProperty("--rows", Math.ceil(names.length / columns));
    tell();
  }

  function tell() {
    for (const tile of tiles) {
      const release = rules().releaseOf({ release: tile.name });
      tile.tell(release, rules().peersOf(release), voice);
    }
    role("family-help").textContent = words(tiles.length > 1 ? "family_help" : "family_alone");
  }

  // Which data there are models of several families of; and those that are shown.
  function tellData(state) {
    const kinds = rules().kinds().filter((kind) => families(kind) > 1 || kind === peers(state));
    data.closest(".vg-bar").hidden = kinds.length < 2;
    data.replaceChildren(...kinds.map((kind) => {
      const [first] = kind;
      const option = makeNode("option", { value: spokesman(kind, state).name });
      const titles = new Set(kind.map(({ title }) => title[words("class_field")]));
      const title = titles.size === 1 || !first.data ? [...titles][0] : first.data;
      const values = { title, size: `${first.width}×${first.height}`, count: kind.length };
      option.textContent = words(kind.length > 1 ? "family_kind" : "family_kind_alone", values);
      option.selected = kind === peers(state);
      return option;
    }));
  }

  function showState(state) {
    for (const tile of tiles) {
      const form = formOfTile(tile.name, state);
      tile.show(form, tile.name === state.release, telling.clip(form));
    }
  }

  data.addEventListener("change", () => store.set({ release: data.value, inside: "" }));
  voice.retell(() => {
    tell();
    if (!open) return;
    tellData(store.get());
    showState(store.get());
  });
  return {
    offered: () => rules().kinds().some((kind) => families(kind) > 1),
    // Who comes from a model that stands alone sees the data that most families were trained on.
    enter(state) {
      if (families(peers(state)) > 1) return {};
      const [largest] = [...rules().kinds()].sort((one, other) => families(other) - families(one));
      return families(largest) > 1 ? { release: spokesman(largest, state).name, inside: "" } : {};
    },
    // The parts of models that are not shown can't be.
    unmet(state) {
      const shows = (name, part) => peers(state).some((each) => each.name === name && each.parts.includes(part));
      const fine = Object.entries(partsOf(state)).every(([name, part]) => !part || shows(name, part));
      return fine ? [] : [["inside", state.inside]];
    },
    open() {
      open = true;
      load();
    },
    close() {
      open = false;
      for (const { picture } of tiles) picture.stop();
    },
    follow(state, changed) {
      const has = (...keys) => keys.some((key) => changed.has(key));
      const names = peers(state).map(({ name }) => name);
      if (names.join() !== tiles.map(({ name }) => name).join()) lay(names);
      if (has("release", "view")) tellData(state);
      if (has("pixels", "view")) for (const { picture } of tiles) picture.stage.look({ pixels: state.pixels });
      if (!has(...FORM_KEYS, "inside", "view")) return;
      showState(state);
      for (const { name, picture } of tiles) picture.ask(formOfTile(name, state));
    },
  };
}
