// The panel: every control shows the store's state, and writes what the hand does into it.

function createControls(root, { store, rules, words, hidden, viewIdle, onRefused }) {
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const sliders = {};
  const classes = createClasses(root, { store, rules, words });
  const inside = createInside(root, { store, rules, words });
  const die = (top) => Math.floor(Math.random() * (top + 1));

  function toss(key) {
    if (SEED_KEYS.includes(key)) return die(SEED_SLIDER_TOP);
    const [low, high] = rules.range(key, store.get());
    const step = Number(root.querySelector(`[data-slider="${key}"]`)?.dataset.step || 1);
    return low + step * die(Math.round((high - low) / step));
  }

  // What a key is before anybody touches it.
  function first(key) {
    const { release } = store.get();
    return rules.complete({ ...rules.releaseOf(store.get()).first, release })[key];
  }

  const tools = {
    random: (key) => store.set({ [key]: toss(key) }),
    reset: (key) => store.set({ [key]: first(key) }),
    lock: store.lock,
  };

  function written(key, number, gesture) {
    if (number === null) onRefused(key, sliders[key].legal());
    else store.set({ [key]: number }, { gesture });
  }

  for (const holder of root.querySelectorAll("[data-slider]")) {
    const key = holder.dataset.slider;
    sliders[key] = createSlider(holder, written, makeTools(key, tools));
  }
  role("loop-label").after(makeTools("loop", tools));
  const groups = createGroups(root, { rules, words, hidden });
  const hiddenKeys = groups.hiddenKeys();
  for (const key of hiddenKeys) store.lock(key, true);

  role("loop").addEventListener("change", (event) => store.set({ loop: event.target.checked ? 1 : 0 }));
  role("release").addEventListener("change", (event) => {
    const chosen = rules.releases.find((each) => each.name === event.target.value);
    store.setFree(rules.complete({ ...chosen.first, release: chosen.name }));
  });

  function fillReleases() {
    role("release").replaceChildren(
      ...rules.releases.map((each) => {
        const option = makeNode("option", { value: each.name });
        option.textContent = releaseWords(each, rules, words);
        return option;
      })
    );
    role("release").value = rules.releaseOf(store.get()).name;
  }

  function valueWords(key, state) {
    if (key === "class" || key === "class_b") return classes.placeWords(state[key], state);
    return `${state[key]}`;
  }

  // Whether the clip can loop depends on its classes.
  function showLoop(state) {
    const stuck = rules.stubborn(state);
    const loop = role("loop");
    loop.disabled = Boolean(stuck);
    loop.checked = Boolean(state.loop) && !stuck;
    const why = stuck ? words("loop_never", { name: classes.nameOf(stuck) }) : words("loop_help");
    role("loop-why").textContent = why;
  }

  function showSlider(key, state) {
    sliders[key].set(state[key]);
    sliders[key].say(valueWords(key, state));
  }

  function show(state, changed) {
    const anew = changed.has("release");
    if (anew) {
      classes.fill(state);
      if (rules.offers("part", state)) inside.fill(state);
      groups.fit(state);
      role("release").value = rules.releaseOf(state).name;
    }
    const here = viewIdle(state);
    for (const [key, slider] of Object.entries(sliders)) {
      if (!rules.knows(key)) continue;
      if (anew) slider.limit(rules.range(key, state));
      const idle = here ? here.sets(key) || isIdle(key, here.form) : isIdle(key, state);
      const help = idle && here && !isIdle(key, state) ? here.key : `${key}_help`;
      slider.idle(idle, help, words(help));
      if (!anew && !changed.has(key)) continue;
      if (idle && !anew) late.add(key); // what follows unseen may wait until the hand rests
      else showSlider(key, state);
    }
    if (anew || changed.has("class")) classes.show(state);
    if ((anew || changed.has("part")) && rules.offers("part", state)) inside.show(state);
    if (["release", "class", "class_b", "mix", "loop"].some((key) => changed.has(key))) showLoop(state);
    tellAfterwards();
  }

  const late = new Set();
  const tellAfterwards = afterwards(() => {
    for (const key of late) showSlider(key, store.get());
    late.clear();
    groups.tell(store.get());
  }, 150);

  return {
    show,
    fillReleases,
    mixWords: classes.mixWords,
    classWords: classes.placeWords,
    toss,
    // Whether the hand may move it: the release can, and no teacher hid it.
    may: (key, part = key) =>
      rules.offers(key, store.get()) && !hiddenKeys.includes(key) && !hidden.includes(part),
    retell() {
      fillReleases();
      show(store.get(), new Set(["release"]));
    },
    surprise() {
      const seeds = SEED_KEYS.filter((key) => rules.knows(key)).map((key) => [key, toss(key)]);
      const index = die(rules.releaseOf(store.get()).classes.length - 1);
      store.setFree({ class: index, ...Object.fromEntries(seeds) });
    },
    loop() {
      const stuck = rules.stubborn(store.get());
      if (stuck) return { key: "loop_never", name: classes.nameOf(stuck) };
      store.set({ loop: 1 - store.get().loop });
    },
    reset() {
      const { release } = store.get();
      store.setFree(rules.complete({ ...rules.releaseOf(store.get()).first, release }));
    },
  };
}
