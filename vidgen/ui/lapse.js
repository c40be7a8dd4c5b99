// The same seeds over a run: a slider goes from noise to now, and one can let it play.

// `address(moment)` is where a moment's sheet is; `label(moment)` says it in words; `nameOf(index, sheet)` says a
// clip; onPick(index, sheet) is called for the clip that is clicked, onMoment(moment) for each that is looked at.
// Where a sheet holds several moments, `clipsOf(moment, sheet)` are the clips of one.
function createLapse(holder, { clock, voice, address, label, nameOf, clipsOf, onPick, onMoment, onTrouble, isOpen }) {
  const PAUSE = 450; // ms that a moment is seen while it plays
  const { words } = voice;
  const cells = makeNode("div", { class: "vg-cells vg-many", "data-wide": "true" });
  const bar = makeNode("div", { class: "vg-lapse" });
  const play = makeNode("button", { type: "button" });
  const slider = makeNode("input", { type: "range", min: 0, max: 0, step: 1, value: 0 });
  const where = makeNode("output");
  bar.append(play, slider, where);
  holder.append(cells, bar);
  let moments = [];
  let sheet = null;
  let asked = null;
  let playing = null; // the timer of the time-lapse
  let follows = true; // the newest moment, as long as nobody looks back

  const grid = createCells(cells, { clock, now: () => sheet, label: "lapse_clips", onPick: (index) => onPick(index, sheet) });
  const transport = createTransport({
    address: (each) => each.address, language: voice.language, onBusy() {},
    onTrouble(message) {
      asked = null;
      onTrouble(message);
    },
    onSheet(next) {
      if (!isOpen()) {
        asked = null;
        return next.bitmap.close();
      }
      sheet?.bitmap.close();
      sheet = next;
      draw();
    },
  });

  const now = () => moments[Number(slider.value)];

  function draw() {
    if (!sheet) return;
    const { meta } = sheet;
    const moment = clipsOf ? now() : sheet.form.moment;
    const clips = clipsOf?.(moment, sheet) || [...Array(meta.clips).keys()];
    const count = clips.length <= 5 ? clips.length : Math.ceil(clips.length / 2);
    const names = clips.map((_, k) => nameOf(k, sheet));
    clock.load(meta.frames, meta.fps);
    cells.style.setProperty("--shape", (count * meta.width) / (Math.ceil(clips.length / count) * meta.height));
    grid.show({ names, count, clips });
    holder.dataset.moment = moment;
  }

  function tell() {
    const text = moments.length ? label(now()) : "";
    where.textContent = text;
    slider.setAttribute("aria-label", words("lapse_slider"));
    slider.setAttribute("aria-valuetext", text);
    play.textContent = words(playing === null ? "lapse_play" : "lapse_stop");
  }

  function go() {
    tell();
    if (moments.length === 0) return;
    const wanted = { moment: now(), address: address(now()) };
    if (wanted.address === asked) return draw(); // the sheet holds it, if it is here yet
    asked = wanted.address;
    transport.ask(wanted);
    onMoment?.(wanted.moment);
  }

  function stop() {
    clearInterval(playing);
    playing = null;
    tell();
  }

  function walk() {
    if (Number(slider.value) >= moments.length - 1) return stop();
    slider.value = Number(slider.value) + 1;
    follows = Number(slider.value) === moments.length - 1;
    go();
  }

  slider.addEventListener("input", () => {
    follows = Number(slider.value) === moments.length - 1;
    go();
  });
  play.addEventListener("click", () => {
    if (playing !== null) return stop();
    if (Number(slider.value) >= moments.length - 1) slider.value = 0;
    follows = false;
    playing = setInterval(walk, PAUSE);
    go();
  });
  return {
    // The moments that there are; who looks at the newest goes on to newer ones.
    show(next) {
      const at = now();
      moments = next;
      holder.hidden = moments.length === 0;
      slider.max = Math.max(moments.length - 1, 0);
      const kept = follows ? -1 : moments.findLastIndex((moment) => moment <= at);
      slider.value = kept < 0 ? moments.length - 1 : kept;
      go();
    },
    // Another run: its newest moment.
    renew() {
      stop();
      follows = true;
      asked = null;
      sheet?.bitmap.close();
      sheet = null;
    },
    look: (pixels) => grid.look(pixels),
    open(on) {
      grid.open(on);
      if (!on) stop();
    },
    retell() {
      draw();
      tell();
    },
  };
}
