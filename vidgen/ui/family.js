// The families: the same class and seeds through every release of the same data, on one clock.

function createFamily(root, { store, clock, voice, rules, telling, took, onTrouble, onBusy }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="family"]');
  const list = room.querySelector('[data-role="tiles"]');
  let tiles = []; // of the releases that are shown
  let open = false;

  const peers = (state) => peersOf(rules().releaseOf(state), rules().releases);
  const query = (form) => clipQuery(form, rules().releaseOf(form).version);

  // Which part each release shows: "vgan:mask,mocogan:content". The state's own release has `part` for it.
  function partsOf(state) {
    const pairs = state.inside.split(",").filter(Boolean).map((pair) => pair.split(":"));
    return { ...Object.fromEntries(pairs), [state.release]: state.part };
  }
  function written(parts) {
    return Object.entries(parts).filter(([, part]) => part).map((pair) => pair.join(":")).sort().join(",");
  }

  // The state through another release: what that one can't do gives way.
  function formOfTile(name, state) {
    if (name === state.release) return rules().asked(state);
    const next = { ...formOf(state), release: name, part: partsOf(state)[name] || "" };
    return rules().asked(rules().settle(next, ["release"], state));
  }

  function createTile(name) {
    const node = makeNode("li", { "data-release": name });
    const screen = makeNode("button", { type: "button", class: "vg-screen" });
    const canvas = makeNode("canvas", { "aria-hidden": "true" });
    const [title, idea, source, numbers] = ["h2", "p", "p", "dl"].map((tag) => makeNode(tag));
    const label = makeNode("label");
    const choice = makeNode("select");
    screen.append(canvas);
    label.append(makeNode("span"), choice);
    node.append(screen, title, label, idea, source, numbers);
    const tile = { name, node, screen, title, label, choice, idea, source, numbers, busy: false, sheet: null };
    tile.picture = createPicture(canvas, {
      clock, language: voice.language, onTrouble,
      address: (form) => `clip?${query(form)}`,
      isOpen: () => open,
      onBusy(busy) {
        tile.busy = busy;
        onBusy(tiles.some((each) => each.busy));
      },
      onSheet(sheet) {
        tile.sheet = sheet;
        node.dataset.shown = clipQuery(sheet.form, "");
        load();
        tellNumbers(tile);
        took(sheet, words("family_said", { count: tiles.length, name: telling.clip(sheet.form) }));
      },
    });
    screen.addEventListener("click", () => pick(name));
    choice.addEventListener("change", () => {
      const state = store.get();
      const parts = { ...partsOf(state), [name]: choice.value };
      store.set({ inside: written(parts), ...(name === state.release && { part: choice.value }) });
    });
    return tile;
  }

  const load = () => loadTogether(clock, tiles.map(({ picture }) => picture.stage));

  // A tile goes to the stage; what is seen inside the others stays, for who comes back.
  function pick(name) {
    const state = store.get();
    store.set({ ...formOfTile(name, state), inside: written(partsOf(state)), view: "stage" });
  }

  function tellNumbers({ name, numbers, sheet }) {
    const { parameters, scores } = rules().releaseOf({ release: name });
    const share = (value) => `${Math.round(1000 * value) / 10}%`;
    const plain = (value) => value.toPrecision(2);
    const ms = sheet?.meta.model_ms;
    const rows = [
      ["family_parameters", parameters && parameters.toLocaleString(voice.language())],
      ["family_ms", ms !== undefined && `${ms.toFixed(ms < 10 ? 1 : 0)} ms`],
      ["family_alignment", scores.alignment && withInterval(scores.alignment, share)],
      ["family_kid", scores.kid_clip && withInterval(scores.kid_clip, plain)],
      ["family_motion", scores.motion_ratio && withInterval(scores.motion_ratio, (value) => `${plain(value)}×`)],
      ["family_laws", scores.laws && withInterval(scores.laws, share)],
    ];
    numbers.replaceChildren(...rows.filter(([, value]) => value).map(([key, value]) => {
      const row = makeNode("div");
      const [term, told] = [makeNode("dt"), makeNode("dd")];
      term.textContent = words(key);
      told.textContent = value;
      row.append(term, told);
      return row;
    }));
  }

  function tell(tile) {
    const release = rules().releaseOf({ release: tile.name });
    const known = FAMILIES[release.family];
    const twins = tiles.filter((each) => rules().releaseOf({ release: each.name }).family === release.family);
    const called = known ? known.called : release.family;
    const name = twins.length > 1 ? `${called} · ${release.name}` : called;
    const [year, by] = [known?.year, known?.by || words("family_own")];
    tile.title.textContent = name;
    tile.title.title = release.title[words("class_field")];
    tile.idea.textContent = known ? words(`idea_${release.family}`) : "";
    tile.source.textContent = known ? words(year ? "family_source" : "family_unsourced", { by, year }) : "";
    if (known?.arxiv) {
      const link = makeNode("a", { href: `https://arxiv.org/abs/${known.arxiv}`, target: "_blank", rel: "noreferrer" });
      link.textContent = `arXiv ${known.arxiv}`;
      tile.source.append(" ", link);
    }
    tile.label.hidden = release.parts.length === 0;
    tile.label.firstChild.textContent = words("part");
    tile.choice.setAttribute("aria-label", words("family_part", { name }));
    tile.choice.replaceChildren(...["", ...release.parts].map((part) => {
      const option = makeNode("option", { value: part });
      option.textContent = partWords(part, words);
      return option;
    }));
    tellNumbers(tile);
  }

  function lay(names) {
    for (const { picture } of tiles) picture.stop();
    tiles = names.map(createTile);
    list.replaceChildren(...tiles.map(({ node }) => node));
    tiles.forEach(tell);
  }

  function showState(state) {
    for (const { name, choice, screen, title, node } of tiles) {
      const form = formOfTile(name, state);
      choice.value = form.part || "";
      screen.setAttribute("aria-label", words("family_open", { family: title.textContent, name: telling.clip(form) }));
      node.dataset.moved = String(name === state.release);
    }
  }

  voice.retell(() => {
    tiles.forEach(tell);
    if (open) showState(store.get());
  });
  return {
    offered: (state) => new Set(peers(state).map(({ family }) => family)).size > 1,
    // The parts of releases that are not shown can't be.
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
      if (has("pixels", "view")) for (const { picture } of tiles) picture.stage.look({ pixels: state.pixels });
      if (!has(...FORM_KEYS, "inside", "view")) return;
      showState(state);
      for (const { name, picture } of tiles) picture.ask(formOfTile(name, state));
    },
  };
}
