// The page's own component: ties the store, the panel, the transport, the views and the words.

const root = element.querySelector(".vg");
const role = (name) => root.querySelector(`[data-role="${name}"]`);
const act = (name) => root.querySelector(`[data-act="${name}"]`);
const voice = createVoice(root, props.strings);
const { words, say } = voice;
let shown = null; // the newest sheet, of whichever view is open
let rules = null; // as soon as the server has told its releases
let sides = null;
let controls = null;
let home = null;

const store = createStore((...change) => (sides ? sides.settle(...change) : change[0]));
const clock = createClock();
const stage = createStage(role("canvas"), clock);
const film = createFilm(role("film"), clock, stage.sheet);
const address = createAddress(() => rules && linkPairs(store.get(), rules, views.names));
const asked = () => rules.asked(store.get());
const query = (form) => clipQuery(form, rules.releaseOf(form).version);

function tellTimings() {
  if (!shown) return;
  const { meta, roundTrip, form } = shown;
  const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  const ready = root.dataset.open === "stage" ? "timings_ready" : "timings_wall";
  const line = meta.ready_made
    ? words(ready, { round: ms(roundTrip) })
    : words("timings", {
        device: meta.device.toUpperCase(), queue: ms(meta.queue_ms), model: ms(meta.model_ms),
        encode: ms(meta.encode_ms), round: ms(roundTrip),
      });
  const cached = meta.cached && !meta.ready_made ? [words("cached")] : [];
  role("timings").textContent = [line, ...cached, form.release].join(" · ");
}

function describe() {
  if (!controls) return;
  const state = store.get();
  const title = rules.releaseOf(state).title[words("class_field")];
  const kind = controls.mixWords(state);
  const name = state.part ? words("picture_part", { part: partWords(state.part, words), name: kind }) : kind;
  role("canvas").setAttribute("aria-label", words("picture", { title, name }));
  act("download").href = home.plain();
}

// What the open view gives to take home.
function taken() {
  const { width, height } = rules.releaseOf(store.get());
  const file = views.file() || { query: query(asked()), clips: 1 };
  return { ...file, width, height, frames: store.get().frames, fps: clock.state.fps };
}

let told = ""; // what a view says of what it shows

function announce() {
  const clip = `${role("canvas").getAttribute("aria-label")}, ${words("spoken", store.get())}`;
  role("live").textContent = told || clip;
}

const tellSoon = soon(() => {
  film.draw();
  tellTimings();
  describe();
});
const announceAfterwards = afterwards(announce);
voice.retell(describe);
voice.retell(tellTimings);

function tellBusy(busy) {
  root.dataset.busy = String(busy);
  role("working").hidden = !busy;
  if (busy && !voice.saying()) say({ key: "working", kind: "busy" });
  if (!busy && voice.saying() === "busy") say(null);
}

// A sheet is shown: nothing is wrong, and soon it is said what is seen. Good news and a link that is
// to be copied by hand stay: they are about something else.
function took(sheet, text = "") {
  shown = sheet;
  told = text;
  if (!["good", "link"].includes(voice.saying())) say(null);
  tellSoon();
  announceAfterwards();
}

const transport = createTransport({
  address: (form) => `clip?${query(form)}`,
  language: voice.language,
  onTrouble: say,
  onBusy: tellBusy,
  onSheet(sheet) {
    if (root.dataset.open !== "stage") return sheet.bitmap.close(); // it is asked for again there
    stage.show(sheet);
    clock.load(sheet.meta.frames, sheet.meta.fps);
    took(sheet);
    root.dataset.state = "shown";
    root.dataset.shown = clipQuery(sheet.form, "");
    root.dispatchEvent(new CustomEvent("vidgen:shown", { detail: sheet.form }));
  },
});

// A short press plays or stops, a drag walks the plane; the hint goes once somebody has walked.
const may = (key) => Boolean(controls && controls.may(key, "plane"));
const walk = bindWalk(role("canvas"), {
  store, may, slack: 5,
  onWalk(on) {
    role("canvas").parentElement.dataset.walking = String(on);
    role("hint").hidden = true;
    memory.write("walked", true);
  },
});
role("canvas").addEventListener("click", () => walk.walked() || clock.toggle());
bindWalk(role("pad"), { store, may });
bindArrows(role("pad"), { store, may });
voice.retell(showPlane(root, { store, words }).retell);

const keyboard = bindKeys(root, { store, words });

const mixWords = (form) => controls.mixWords(form);
const telling = createTelling({ rules: () => rules, words, mixWords });
const about = createAbout(root, { store, voice, rules: () => rules });
const room = {
  store, clock, voice, took, may, telling, about, mixWords, rules: () => rules, seen: (key) => controls.may(key),
  classWords: (place, state) => controls.classWords(place, state), toss: (key) => controls.toss(key),
  onTrouble: say, onBusy: tellBusy, renew: () => renew(),
};
const views = createViews(root, {
  stage: {
    open: () => stage.sheet() && clock.load(stage.sheet().meta.frames, stage.sheet().meta.fps),
    follow(_, changed) {
      if (changed.has("view") || FORM_KEYS.some((key) => changed.has(key))) transport.ask(asked());
    },
  },
  path: createPath(root, room),
  grid: createGrid(root, room),
  compare: createCompare(root, room),
  family: createFamily(root, room),
  wall: createWall(root, room),
  lapse: createLapseView(root, room),
  ...(props.training ? { train: createTrain(root, room) } : {}),
}, store);

store.listen((state, changed) => {
  if (!controls) return;
  views.follow(state, changed); // first, for what a control means is the open view's to say
  controls.show(state, changed);
  tellSoon();
  act("undo").disabled = !store.canUndo();
  act("redo").disabled = !store.canRedo();
});

async function readStart() {
  for (let wait = 1; ; wait = Math.min(2 * wait, 15)) {
    try {
      const answer = await (window.vidgenStart || fetch(`start${location.search}`));
      window.vidgenStart = null;
      if (answer.ok) return await answer.json();
      say({ key: "trouble_server", status: answer.status });
    } catch {
      window.vidgenStart = null;
      say({ key: "trouble_network" });
    }
    await pause(wait);
  }
}

// While releases are still on their way to the server, it is asked again in so many seconds.
const AGAIN = 5;

// Takes in the releases that the server has now; what is shown stays as it is.
async function renew() {
  const later = await (await fetch(`start${location.search}`)).json();
  rules.renew(later.releases);
  controls.fillReleases();
}

// Waits for a first release; returns the start that has one, or the last one where none will come.
async function firstRelease() {
  for (;;) {
    const start = await readStart();
    say(null);
    voice.note(start.notes);
    role("empty").hidden = start.releases.length > 0;
    role("empty").dataset.t = "empty";
    if (start.pending) role("empty").dataset.t = "empty_pending";
    if (start.releases.length > 0 || !start.pending) return start;
    voice.speak();
    await pause(AGAIN);
  }
}

// Takes in what comes later: releases to choose from, and what there is to say of the others. What is
// shown stays as it is.
async function awaitReleases(pending) {
  while (pending) {
    await pause(AGAIN);
    try {
      const later = await (await fetch(`start${location.search}`)).json();
      const fresh = later.releases.filter((each) => !rules.releases.some(({ name }) => name === each.name));
      pending = later.pending;
      voice.note(later.notes);
      if (!later.releases.some(({ name }) => name === store.get().release)) continue;
      rules.renew(later.releases);
      controls.fillReleases();
      if (fresh.length === 0 || voice.saying()) continue;
      const titles = (tag) => fresh.map((each) => each.title[words("class_field", {}, tag)]);
      const text = (tag) => words("release_here", { name: titles(tag).join(words("list", {}, tag)) }, tag);
      say({ message: { en: text("en"), "zh-CN": text("zh-CN") }, kind: "good" });
    } catch {
      // The server is away, or answers no JSON: nothing that is shown needs it.
    }
  }
}

// Says what the link asked for that is not here: what the server refused, and the page itself.
function tellProblems(problems) {
  const { view } = store.get();
  const linked = new URLSearchParams(location.search);
  const unmet = views.unmet(store.get()).filter(([key]) => linked.has(key));
  const strange = [...strangeLooks(views.names), ...unmet];
  if (root.dataset.open !== view) strange.push(["view", view]); // the release does not offer it
  const own = (tag) => strange.map(([key, value]) => words("wrong_value", { key, value: plainName(value) }, tag));
  const told = (tag) => [...problems.map((problem) => problem[tag]), ...own(tag)].slice(0, 3);
  if (told("en").length === 0) return;
  const all = (tag) => [words("link_nearest", {}, tag), ...told(tag)].join(" ");
  say({ message: { en: all("en"), "zh-CN": all("zh-CN") }, kind: "link" });
}

async function begin() {
  bindPlayback(root, { clock, stage, store, voice });
  store.begin(readLooks(views.names));
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) clock.play();
  voice.speak();
  // Gradio's own button, in its hidden footer: a link to ?view=api loads no documentation (6.31).
  act("api").addEventListener("click", () => document.querySelector("footer .show-api")?.click());
  act("language").addEventListener("click", () => {
    voice.turn();
    address.say("lang", voice.language());
  });
  const start = await firstRelease();
  if (start.releases.length === 0) {
    root.dataset.state = "empty";
    return voice.speak();
  }
  rules = createRules(start);
  sides = createSides(rules);
  controls = createControls(root, {
    store, rules, words, hidden: readHidden(), viewIdle: views.idle,
    onRefused: (key, [low, high]) => say({ key: "refused", name: words(key), low, high }),
  });
  voice.retell(controls.retell);
  home = bindTakeHome(root, { clock, voice, room: start.files, taken });
  const other = start.with && rules.complete(start.with);
  const first = { ...store.get(), ...rules.complete(start.form), other };
  const entry = new URLSearchParams(location.search).has("release") ? {} : views.enter(first);
  store.begin(sides.settle({ ...first, ...entry }, Object.keys(entry), first));
  voice.speak();
  tellProblems(start.problems);
  store.listen((_, changed) => {
    address.keep();
    if (voice.saying() !== "busy" && FORM_KEYS.some((key) => changed.has(key))) say(null);
  });
  bindFavourites(root, { store, voice, rules, views: views.names, telling });
  bindShare(root, { address, say });
  role("hint").hidden = !may("u") || memory.read("walked") === true;
  bindShortcuts(keyboard, { clock, store, controls, about, say });
  keyboard.add({ keys: ["s", "S"], show: ["S"], name: "home", act: home.open });
  act("keys").addEventListener("click", keyboard.open);
  for (const name of ["undo", "redo"]) act(name).addEventListener("click", store[name]);
  for (const name of ["surprise", "reset"]) act(name).addEventListener("click", controls[name]);
  awaitReleases(start.pending);
}

begin();
