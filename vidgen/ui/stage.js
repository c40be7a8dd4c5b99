// Plays a sheet of frames on a canvas: time, repeat, speed, single steps, scrubbing, scaling.

function createStage(canvas, onFrame) {
  // Frames are magnified so far in the canvas, and from there on by the compositor: smooth scaling
  // of some hundred thousand pixels takes a phone's main thread longer than an animation frame.
  const MAGNIFIED = 4;
  const context = canvas.getContext("2d");
  const state = { playing: false, repeat: "loop", speed: 1, pixelated: false };
  let sheet = null; // {bitmap, meta}
  let clock = 0; // playing time in frames; runs on without end, and is folded by the repeat mode
  let drawn = -1;
  let last = null; // the time of the last animation frame, in ms

  // The frame that the clock shows, 0 to frames - 1.
  function frameAt(time, frames) {
    if (state.repeat === "once") return Math.min(Math.floor(time), frames - 1);
    if (state.repeat === "loop") return Math.floor(time) % frames;
    const turn = Math.floor(time) % Math.max(1, 2 * frames - 2); // ends are shown once a turn
    return turn < frames ? turn : 2 * frames - 2 - turn;
  }

  function draw(frame) {
    const { width, height, columns } = sheet.meta;
    context.imageSmoothingEnabled = !state.pixelated;
    canvas.style.imageRendering = state.pixelated ? "pixelated" : "auto";
    context.imageSmoothingQuality = "high";
    const left = (frame % columns) * width;
    const top = Math.floor(frame / columns) * height;
    context.drawImage(
      sheet.bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height
    );
    drawn = frame;
    onFrame(frame, sheet.meta.frames);
  }

  function redraw() {
    if (sheet) draw(frameAt(clock, sheet.meta.frames));
  }

  function tick(now) {
    requestAnimationFrame(tick);
    const passed = last === null ? 0 : Math.min(now - last, 250); // a tab that slept does not leap
    last = now;
    if (!sheet || !state.playing) return;
    clock += (passed / 1000) * sheet.meta.fps * state.speed;
    const frames = sheet.meta.frames;
    if (state.repeat === "once" && clock >= frames) {
      clock = frames - 1;
      pause();
    }
    const frame = frameAt(clock, frames);
    if (frame !== drawn) draw(frame);
  }

  function fit() {
    if (!sheet) return;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const most = (pixels, frame) => Math.max(1, Math.min(Math.round(pixels * scale), frame));
    const width = most(canvas.clientWidth, MAGNIFIED * sheet.meta.width);
    const height = most(canvas.clientHeight, MAGNIFIED * sheet.meta.height);
    if (canvas.width === width && canvas.height === height) return;
    canvas.width = width;
    canvas.height = height;
    redraw();
  }

  function play() {
    if (state.repeat === "once" && sheet && clock >= sheet.meta.frames - 1) clock = 0;
    state.playing = true;
  }

  function pause() {
    state.playing = false;
    onFrame(drawn, sheet ? sheet.meta.frames : 0);
  }

  function seek(frame) {
    if (!sheet) return;
    state.playing = false;
    clock = Math.min(Math.max(frame, 0), sheet.meta.frames - 1);
    redraw();
  }

  new ResizeObserver(fit).observe(canvas);
  requestAnimationFrame(tick);
  return {
    state,
    play,
    pause,
    seek,
    redraw,
    step(by) {
      if (!sheet) return;
      const frames = sheet.meta.frames;
      seek((frameAt(clock, frames) + by + frames) % frames);
    },
    // The new sheet goes on where the old one was, so that a drag does not restart the movement.
    show(next) {
      const shape = ({ meta }) => `${meta.width} / ${meta.height}`;
      const reshaped = !sheet || shape(sheet) !== shape(next);
      if (sheet) sheet.bitmap.close();
      sheet = next;
      if (reshaped) {
        canvas.style.aspectRatio = shape(next);
        fit();
      }
      redraw();
    },
  };
}
