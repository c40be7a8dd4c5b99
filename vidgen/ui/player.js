// The page's own component: ties the form, the transport, the stage and the words together.

const root = element.querySelector(".vg");
const role = (name) => root.querySelector(`[data-role="${name}"]`);
const act = (name) => root.querySelector(`[data-act="${name}"]`);
const address = createAddress();
let language = chooseLanguage();
let said = null; // what the status line says, kept so that it can be said in another language
let shown = null; // the sheet on the stage
let controls = null;
const notes = new Map(); // list item -> its sentence by language

function words(key, values = {}) {
  const text = props.strings[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

const PRAISE_STAYS = 5000; // ms for which good news stands where the timings are
let hush = null;

// Everything written here goes through textContent: links and releases are strangers' words.
function say(message) {
  if (!message && !said) return;
  said = message;
  clearTimeout(hush);
  if (message && message.kind === "good") hush = setTimeout(say, PRAISE_STAYS, null);
  const text = !message ? "" : message.key ? words(message.key, message) : message.message;
  role("status").textContent = typeof text === "object" ? text[language] : text;
  role("status").dataset.kind = message ? message.kind || "trouble" : "";
}

function tellTimings() {
  if (!shown) return;
  const { meta, roundTrip } = shown;
  const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  const line = meta.ready_made
    ? words("timings_ready", { round: ms(roundTrip) })
    : words("timings", {
        device: meta.device.toUpperCase(), queue: ms(meta.queue_ms), model: ms(meta.model_ms),
        encode: ms(meta.encode_ms), round: ms(roundTrip),
      });
  role("timings").textContent = meta.cached && !meta.ready_made ? `${line} · ${words("cached")}` : line;
}

function tellFrame(frame, frames) {
  if (frames < 1) return;
  role("count").textContent = `${Math.max(frame, 0) + 1} / ${frames}`;
  role("scrub").max = frames - 1;
  role("scrub").value = Math.max(frame, 0);
  root.dataset.playing = String(stage.state.playing);
  act("play").setAttribute("aria-label", words(stage.state.playing ? "pause" : "play"));
}

const stage = createStage(role("canvas"), tellFrame);

const transport = createTransport({
  address: (form) => `clip?${clipQuery(form, controls.release().version)}`,
  language: () => language,
  onTrouble: say,
  onBusy(busy) {
    role("working").hidden = !busy;
    if (busy && !said) say({ key: "working", kind: "busy" });
    if (!busy && said && said.kind === "busy") say(null);
  },
  onSheet(sheet) {
    shown = sheet;
    stage.show(sheet);
    say(said && said.kind === "link" ? said : null);
    tellTimings();
    root.dataset.state = "shown";
    root.dataset.shown = clipQuery(sheet.form, "");
    root.dispatchEvent(new CustomEvent("vidgen:shown", { detail: sheet.form }));
  },
});

function speak() {
  document.documentElement.lang = language;
  document.title = words("title");
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = words(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", words(node.dataset.tLabel));
    if (node.tagName === "BUTTON") node.title = words(node.dataset.tLabel);
  }
  for (const [item, note] of notes) item.textContent = note[language];
  if (controls) controls.retell();
  describe();
  if (said) say(said);
  tellTimings();
  tellFrame(Number(role("scrub").value), shown ? shown.meta.frames : 0);
}

function describe() {
  if (!controls) return;
  const title = controls.release().title[words("class_field")];
  role("canvas").setAttribute("aria-label", words("picture", { title, name: controls.classWords() }));
  act("download").href = `export?format=mp4&${clipQuery(controls.form(), controls.release().version)}`;
}

function follow(form) {
  if (said && said.kind !== "busy") say(null);
  address.keep(form);
  describe();
  transport.ask(form);
}

function refused(key, [low, high]) {
  say({ key: "refused", name: words(key), low, high });
}

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
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

async function begin() {
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) stage.play();
  speak();
  bindPlayback(root, { stage, words, say, address, act, role, form: () => controls?.form() });
  act("language").addEventListener("click", () => {
    language = language === "en" ? "zh-CN" : "en";
    address.keep({ lang: language });
    speak();
  });
  const start = await readStart();
  say(null);
  role("notes").hidden = start.notes.length === 0;
  role("notes").replaceChildren(
    ...start.notes.map((note) => {
      const item = document.createElement("li");
      notes.set(item, note);
      return item;
    })
  );
  if (start.releases.length === 0) {
    role("empty").hidden = false;
    role("empty").dataset.t = "empty";
    root.dataset.state = "empty";
    return speak();
  }
  controls = createControls(root, {
    limits: start.limits, releases: start.releases, words,
    onChange: follow, onRefused: refused,
  });
  controls.set(start.form);
  speak();
  if (start.problems.length > 0) {
    const all = (tag) => start.problems.slice(0, 3).map((problem) => problem[tag]).join(" ");
    say({ message: { en: all("en"), "zh-CN": all("zh-CN") }, kind: "link" });
  }
  transport.ask(controls.form());
  act("surprise").addEventListener("click", () => controls.surprise());
  act("reset").addEventListener("click", () => {
    controls.set({ ...controls.release().first, release: controls.release().name });
    follow(controls.form());
  });
}

begin();
