// The form: what the sliders say together, kept legal while the hand moves.

// A form is {release, class, seed, seed_b, t, motion, psi, frames, start, step, loop}, all numbers
// but the release; its keys are those of the address and of the GET route.
function createControls(root, { limits, releases, words, onChange, onRefused }) {
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const sliders = {};
  let form = {};
  let release = releases[0];

  const name = (index) => release.classes[index][words("class_field")];
  const percent = (share) => `${Math.round(100 * share)}%`;

  function classWords() {
    const low = Math.floor(form.class);
    const share = form.class - low;
    if (share < 0.0005) return name(low);
    return `${percent(1 - share)} ${name(low)} + ${percent(share)} ${name(low + 1)}`;
  }

  // The first class of the mix that cannot run backwards in time, and so cannot loop; or null.
  function stubborn() {
    const mixed = [Math.floor(form.class), Math.ceil(form.class)];
    const index = mixed.find((each) => !release.classes[each].loops);
    return index === undefined ? null : name(index);
  }

  // Later frames must lie within the time that was trained: what was not touched gives way.
  function settle(touched) {
    const end = () => form.start + (form.frames - 1) * form.step;
    const period = () => (form.loop ? form.frames * form.step : 0);
    if (end() > release.max_time && touched !== "start") {
      form.start = Math.max(0, Math.floor(2 * (form.start - end() + release.max_time)) / 2);
    }
    if (end() <= release.max_time && period() <= release.max_time) return;
    if (touched === "frames") {
      const room = Math.min((release.max_time - form.start) / (form.frames - 1), release.max_time / form.frames);
      form.step = Math.max(limits.step[0], Math.floor(8 * room) / 8);
    } else {
      const room = Math.min((release.max_time - form.start) / form.step + 1, release.max_time / form.step);
      form.frames = Math.max(release.frames[0], Math.floor(room));
    }
    if (end() > release.max_time) form.start = Math.max(0, release.max_time - (form.frames - 1) * form.step);
  }

  function show(touched) {
    for (const [key, slider] of Object.entries(sliders)) {
      slider.set(form[key]);
      slider.say(key === "class" ? classWords() : `${Number(form[key].toFixed(3))}`);
    }
    // At an end of the walk the other seed plays no part: its slider steps back.
    sliders.seed_b.holder.dataset.idle = String(form.t === 0);
    sliders.seed.holder.dataset.idle = String(form.t === 1);
    if (touched === "class" || touched === "loop" || !touched) showMix();
  }

  // What depends on the class: whether it loops, and how near each class is.
  function showMix() {
    const why = stubborn();
    const loop = role("loop");
    loop.disabled = why !== null;
    loop.checked = Boolean(form.loop) && why === null;
    role("loop-why").textContent = why === null ? words("loop_help") : words("loop_never", { name: why });
    role("chips").querySelectorAll("button").forEach((chip, index) => {
      const near = Math.abs(form.class - index);
      chip.setAttribute("aria-pressed", String(near < 0.0005));
      chip.style.setProperty("--weight", Math.max(0, 1 - near));
    });
  }

  function changed(key, number) {
    if (number === null) return onRefused(key, sliders[key].legal());
    form[key] = number;
    settle(key);
    show(key);
    onChange(api.form());
  }

  function fillChips() {
    role("chips").replaceChildren(
      ...release.classes.map((_, index) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.textContent = name(index);
        chip.addEventListener("click", () => changed("class", index));
        return chip;
      })
    );
  }

  function fillReleases() {
    role("release").replaceChildren(
      ...releases.map((each) => {
        const option = document.createElement("option");
        option.value = each.name;
        option.textContent = `${each.title[words("class_field")]} · ${each.width}×${each.height}`;
        return option;
      })
    );
    role("release").value = release.name;
  }

  function take(next) {
    release = releases.find((each) => each.name === next.release) || releases[0];
    form = { seed: 0, t: 0, motion: 0, psi: 1, frames: 16, start: 0, step: 1, loop: 0, class: 0 };
    for (const [key, text] of Object.entries(next)) if (key !== "release") form[key] = Number(text);
    if (form.seed_b === undefined) form.seed_b = (form.seed + 1) % (limits.seed[1] + 1);
    sliders.class.limit([0, release.classes.length - 1]);
    sliders.frames.limit(release.frames);
    sliders.start.limit([0, Math.max(0, Math.min(limits.start[1], release.max_time - limits.frames[0]))]);
  }

  for (const holder of root.querySelectorAll("[data-slider]")) {
    const slider = createSlider(holder, changed);
    sliders[slider.key] = slider;
    if (limits[slider.key]) slider.limit(limits[slider.key]);
  }
  role("loop").addEventListener("change", (event) => changed("loop", event.target.checked ? 1 : 0));
  role("release").addEventListener("change", (event) => {
    const chosen = releases.find((each) => each.name === event.target.value);
    api.set({ ...chosen.first, release: chosen.name });
    onChange(api.form());
  });

  const api = {
    release: () => release,
    classWords,
    // The form as it is sent: a wish that the class can't fulfil is not sent.
    form: () => ({ release: release.name, ...form, loop: stubborn() === null ? form.loop : 0 }),
    set(next) {
      take(next);
      api.retell();
    },
    // Say everything again, in another language, say.
    retell() {
      fillReleases();
      fillChips();
      show();
    },
    surprise() {
      const seed = () => Math.floor(Math.random() * (SEED_SLIDER_TOP + 1));
      const index = Math.floor(Math.random() * release.classes.length);
      Object.assign(form, { class: index, seed: seed(), seed_b: seed(), motion: seed() });
      show();
      onChange(api.form());
    },
  };
  return api;
}
