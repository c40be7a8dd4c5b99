// Taking it home: what the open view shows as a file, at once as mp4 or as the dialog says.

// Asks for a file, again and again while the server has no room; returns {blob, name}, or {trouble}:
// what there is to say.
async function fetchFile(address, { language, signal, onWait }) {
  const TRIES = 5;
  for (let tries = 1; ; tries++) {
    let answer;
    try {
      answer = await fetch(address, { signal, headers: { "Accept-Language": language } });
      if (answer.ok) return { blob: await answer.blob(), name: fileName(answer.headers.get("Content-Disposition")) };
    } catch {
      return { trouble: { key: "home_gone" } };
    }
    if (answer.status !== 503 || tries === TRIES) return { trouble: await refusal(answer) };
    onWait({ key: "trouble_busy", kind: "busy" });
    await pause(retryAfter(answer));
  }
}

// A name of other letters stands beside one of plain ones.
function fileName(disposition) {
  const [, coded] = disposition?.match(/filename\*=UTF-8''([^;]+)/) || [];
  const [, plain] = disposition?.match(/filename="([^"]+)"/) || [];
  return (coded && decodeURIComponent(coded)) || plain || "clip.mp4";
}

// `taken()` is what the open view gives: {query, clips, frames, width, height, fps}; `room` is how many
// {pixels} a file may have, and the largest {scale}.
function bindTakeHome(root, { clock, voice, room, taken }) {
  const { words, say } = voice;
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const act = (name) => root.querySelector(`[data-act="${name}"]`);
  const [dialog, form] = [role("home"), role("home-form")];
  const range = dialog.querySelector("#vg-home-scale");
  const choices = [...form.elements.format];
  const STILLS = ["png", "frame"]; // which have no place for several clips
  let what = null; // what is taken, as it was when the dialog was opened
  let frame = 0; // that was seen then
  let scale = 4; // that is wished for, whatever fits; this suits a screen
  let busy = false;
  let leave = new AbortController(); // of the file that is being written
  let said = null; // what there is to say of it

  const plain = () => `export?format=mp4&${taken().query}`;
  const offered = (format) => what.clips === 1 || !STILLS.includes(format);
  const chosen = () => form.elements.format.value;

  // Fetches a file and hands it to the browser; returns what there is to say then.
  async function saveFile(address, ways) {
    const { blob, name, trouble } = await fetchFile(address, { language: voice.language(), ...ways });
    if (trouble) return trouble;
    handOver(blob, name);
    return { key: "home_done", name, kind: "good" };
  }

  function tell(message) {
    said = message;
    const text = message && (message.key ? words(message.key, message) : message.message);
    role("home-status").textContent = text || "";
    role("home-status").dataset.kind = message?.kind || "trouble";
  }

  function fits() {
    const frames = chosen() === "frame" ? 1 : what.clips * what.frames;
    return Math.min(room.scale, Math.floor(Math.sqrt(room.pixels / (frames * what.width * what.height))));
  }

  const writable = () => chosen() === "json" || fits() >= 1;

  function show() {
    if (!what) return;
    const [format, most] = [chosen(), fits()];
    const count = what.clips * what.frames;
    const seconds = Number((count / what.fps).toFixed(1));
    const values = { clips: what.clips, frames: count, seconds };
    role("home-what").textContent = what.clips > 1 ? words("home_path", values) : words("home_clip", values);
    role("home-frame").textContent = words("home_frame_help", { frame: frame + 1, frames: count });
    role("home-size").hidden = format === "json";
    range.max = Math.max(1, most);
    range.value = scale;
    const times = Number(range.value);
    const across = format === "png" ? Math.ceil(Math.sqrt(count)) : 1;
    const down = format === "png" ? Math.ceil(count / across) : 1;
    const size = { scale: times, width: times * across * what.width, height: times * down * what.height };
    role("home-pixels").textContent = words("home_pixels", size);
    range.setAttribute("aria-valuetext", words("home_pixels", size));
    range.style.setProperty("--share", `${(100 * (times - 1)) / Math.max(1, range.max - 1)}%`);
    role("home-fits").textContent =
      most < 1 ? words("home_too_large") : most < room.scale ? words("home_fits", { fits: most }) : "";
    form.querySelector('[type="submit"]').setAttribute("aria-disabled", String(busy || !writable()));
    tell(said);
  }

  async function download(event) {
    event.preventDefault();
    if (busy || !writable()) return;
    leave = new AbortController();
    const { signal } = leave;
    const size = chosen() === "json" ? "" : `&scale=${range.value}`;
    const which = chosen() === "frame" ? `&frame=${frame}` : "";
    const address = `export?format=${chosen()}${size}${which}&${what.query}`;
    busy = true;
    said = { key: "home_busy", kind: "busy" };
    show();
    const outcome = await saveFile(address, { signal, onWait: tell });
    if (signal.aborted) return;
    busy = false;
    said = outcome;
    show();
  }

  function open() {
    if (act("home").offsetParent === null) return; // nothing to take here, or a teacher hid it
    what = taken();
    frame = Math.max(0, clock.frame());
    const kept = memory.read("home") || {};
    for (const choice of choices) choice.closest("label").hidden = !offered(choice.value);
    const first = choices.find((each) => each.value === kept.format && offered(each.value)) || choices[0];
    first.checked = true;
    if (Number.isInteger(kept.scale)) scale = kept.scale;
    busy = false;
    said = null;
    show();
    dialog.showModal();
    first.focus();
  }

  form.addEventListener("input", (event) => {
    if (event.target === range) scale = Number(range.value);
    if (!busy) said = null;
    show();
    memory.write("home", { format: chosen(), scale });
  });
  form.addEventListener("submit", download);
  dialog.addEventListener("close", () => leave.abort());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  act("home-close").addEventListener("click", () => dialog.close());
  act("home").addEventListener("click", open);
  act("download").addEventListener("click", async (event) => {
    event.preventDefault();
    say({ key: "home_busy", kind: "busy" });
    say(await saveFile(plain(), { onWait: say }));
  });
  voice.retell(show);
  return { open, plain };
}
