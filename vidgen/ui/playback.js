// The buttons under the stage: playing, single frames, repeat, speed and looks.

function bindPlayback(root, { clock, stage, store, voice }) {
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const act = (name) => root.querySelector(`[data-act="${name}"]`);
  const [counter, scrub] = [role("count"), role("scrub")];
  let playing = null;
  let count = "";

  function tellPlaying() {
    root.dataset.playing = String(playing);
    for (const name of ["aria-label", "title"]) {
      act("play").setAttribute(name, voice.words(playing ? "pause" : "play"));
    }
  }

  // Runs at every frame: writes what has changed, and reads nothing.
  clock.watch((frame, state) => {
    if (playing !== state.playing) {
      playing = state.playing;
      tellPlaying();
    }
    const next = frame < 0 ? "–" : `${frame + 1} / ${state.frames}`;
    if (next === count) return;
    count = next;
    counter.textContent = count;
    if (scrub.max !== `${state.frames - 1}`) scrub.max = state.frames - 1;
    scrub.value = frame;
  });
  act("play").addEventListener("click", clock.toggle);
  act("back").addEventListener("click", () => clock.step(-1));
  act("forward").addEventListener("click", () => clock.step(1));
  scrub.addEventListener("input", (event) => clock.seek(Number(event.target.value)));
  role("repeat").addEventListener("change", (event) => store.set({ repeat: event.target.value }));
  role("speed").addEventListener("change", (event) => store.set({ speed: Number(event.target.value) }));
  for (const look of ["pixels", "onion"]) {
    act(look).addEventListener("click", () => store.set({ [look]: 1 - store.get()[look] }));
  }
  store.listen((state, changed) => {
    if (!Object.keys(LOOKS).some((key) => changed.has(key))) return;
    role("repeat").value = state.repeat;
    role("speed").value = state.speed;
    clock.set({ repeat: state.repeat, speed: state.speed });
    stage.look({ pixels: state.pixels, onion: state.onion });
    for (const look of ["pixels", "onion"]) act(look).setAttribute("aria-pressed", String(state[look] === 1));
  });
  voice.retell(tellPlaying);
}
