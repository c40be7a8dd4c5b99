// Playing time: which frame of how many is to be seen now, by all pictures that play in step.

function createClock() {
  const SLEPT = 250; // ms; a tab that slept does not leap
  const state = { playing: false, repeat: "loop", speed: 1, frames: 0, fps: 8 };
  const watchers = []; // called with the frame and the state, after every change of either
  let time = 0; // in frames; runs on without end, and is folded by the repeat mode
  let told = -1; // the frame that was told last
  let last = null; // the time of the last animation frame, in ms; null while nothing plays

  // The frame that the time means, 0 to frames - 1.
  function frame() {
    const { frames, repeat } = state;
    if (frames === 0) return -1;
    if (repeat === "once") return Math.min(Math.floor(time), frames - 1);
    if (repeat === "loop") return Math.floor(time) % frames;
    const turn = Math.floor(time) % Math.max(1, 2 * frames - 2); // ends are shown once a turn
    return turn < frames ? turn : 2 * frames - 2 - turn;
  }

  function tell() {
    told = frame();
    for (const watch of watchers) watch(told, state);
  }

  function tick(now) {
    if (!state.playing) return;
    requestAnimationFrame(tick);
    const passed = last === null ? 0 : Math.min(now - last, SLEPT);
    last = now;
    time += (passed / 1000) * state.fps * state.speed;
    if (state.repeat === "once" && time >= state.frames && state.frames > 0) {
      time = state.frames - 1;
      return clock.pause();
    }
    if (frame() !== told) tell();
  }

  const clock = {
    state,
    frame,
    watch: (watch) => watchers.push(watch),
    play() {
      if (state.playing) return;
      if (state.repeat === "once" && time >= state.frames - 1) time = 0;
      state.playing = true;
      last = null;
      requestAnimationFrame(tick);
      tell();
    },
    pause() {
      state.playing = false;
      tell();
    },
    toggle: () => (state.playing ? clock.pause() : clock.play()),
    seek(to) {
      state.playing = false;
      time = Math.min(Math.max(to, 0), Math.max(0, state.frames - 1));
      tell();
    },
    step(by) {
      if (state.frames > 0) clock.seek((frame() + by + state.frames) % state.frames);
    },
    // Repeats in another way, or faster, from the frame that is seen.
    set(patch) {
      time = Math.max(0, frame());
      Object.assign(state, patch);
    },
    // Another clip: it goes on where the old one was, so that a drag does not restart the movement.
    load(frames, fps) {
      if (!state.playing) time = Math.min(time, frames - 1);
      Object.assign(state, { frames, fps });
      tell();
    },
  };
  return clock;
}
