// The filmstrip: all frames of the sheet in one or two rows, the current one marked; click to seek.

// `holder` holds a canvas and a marker; `sheet()` is what the stage shows.
function createFilm(holder, clock, sheet) {
  const LEAST = 30; // CSS pixels that a frame takes in a row, as long as two rows are enough
  const ONE_ROW = 17; // frames have one row on the narrowest phone
  const canvas = holder.querySelector("canvas");
  const marker = holder.querySelector("i");
  const context = canvas.getContext("2d");
  let width = 0; // of the strip, in CSS pixels; 0 while nobody sees it
  let across = 1; // frames a row
  let laid = "";
  let marked = -1;

  // How large a frame is drawn; what is laid out is written only when it changes.
  function lay({ frames, width: wide, height: high }) {
    const rows = Math.min(2, Math.ceil((frames * Math.min(LEAST, width / ONE_ROW)) / width));
    across = Math.ceil(frames / rows);
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const cell = Math.max(1, Math.floor((width / across) * scale));
    const tall = Math.max(1, Math.round((cell * high) / wide));
    const shape = `${across * wide} / ${rows * high}`;
    if (shape !== laid || canvas.width !== cell * across) {
      laid = shape;
      canvas.width = cell * across;
      canvas.height = tall * rows;
      holder.style.aspectRatio = shape;
      marker.style.width = `${100 / across}%`;
      marker.style.height = `${100 / rows}%`;
    }
    return { cell, tall };
  }

  function mark(frame) {
    if (frame === marked || frame < 0) return;
    marked = frame;
    marker.style.transform = `translate(${100 * (frame % across)}%, ${100 * Math.floor(frame / across)}%)`;
  }

  function draw() {
    const now = sheet();
    if (!now || width === 0) return;
    const { frames, columns, width: wide, height: high } = now.meta;
    const { cell, tall } = lay(now.meta);
    context.clearRect(0, 0, canvas.width, canvas.height); // two rows of an odd number end in a gap
    for (let frame = 0; frame < frames; frame++) {
      context.drawImage(
        now.bitmap, (frame % columns) * wide, Math.floor(frame / columns) * high, wide, high,
        (frame % across) * cell, Math.floor(frame / across) * tall, cell, tall
      );
    }
    marked = -1;
    mark(clock.frame());
  }

  function seek(event) {
    if (laid === "") return; // nothing is drawn yet that could be meant
    const box = holder.getBoundingClientRect();
    const share = (at, from, size) => Math.min(Math.max((at - from) / size, 0), 0.9999);
    const column = Math.floor(share(event.clientX, box.left, box.width) * across);
    const rows = Math.ceil(clock.state.frames / across);
    clock.seek(column + across * Math.floor(share(event.clientY, box.top, box.height) * rows));
  }

  holder.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    holder.setPointerCapture(event.pointerId);
    seek(event);
  });
  holder.addEventListener("pointermove", (event) => {
    if (holder.hasPointerCapture(event.pointerId)) seek(event);
  });
  new ResizeObserver(([entry]) => {
    if (width === entry.contentRect.width) return;
    width = entry.contentRect.width;
    draw();
  }).observe(holder);
  clock.watch(mark);
  return { draw };
}
