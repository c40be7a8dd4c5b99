// Many clips in one picture: what the server is asked for, and where a frame of a clip lies in it.

// An axis is {vary, values, alone}: the key that varies, its values, and what they need of other keys
// to be seen alone. Returns the form of each cell, row by row.
function cellsOf(form, axes, rules) {
  const [across, down] = axes;
  const alone = Object.assign({}, ...axes.map((axis) => axis.alone));
  const lines = down ? down.values.map((value) => ({ [down.vary]: value })) : [{}];
  const cells = lines.flatMap((line) =>
    across.values.map((value) => ({ ...form, ...alone, ...line, [across.vary]: value }))
  );
  // One class that cannot loop, and no cell does: they have all but the axes in common.
  const stuck = form.loop && cells.some((cell) => rules.stubborn(cell));
  return stuck ? cells.map((cell) => ({ ...cell, loop: 0 })) : cells;
}

// What GET /clips is asked for: a key that plays no part in any cell is no part of the cache's key.
function clipsQuery(cells, axes, version) {
  const varied = axes.map((axis) => axis.vary);
  const told = (key) => !varied.includes(key) && cells.some((cell) => key in cell && playsAPart(key, cell));
  const sent = new URLSearchParams();
  for (const key of FORM_KEYS) if (told(key)) sent.set(key, cells[0][key]);
  axes.forEach(({ vary, values }, k) => sent.set("xy"[k], `${vary}:${values.join(",")}`));
  if (version) sent.set("v", version);
  return sent.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

// Draws a frame of a clip of a sheet into [left, top, width, height] of a canvas.
function drawCell(context, { bitmap, meta }, cell, frame, box) {
  const column = (cell % meta.across) * meta.columns + (frame % meta.columns);
  const row = Math.floor(cell / meta.across) * meta.rows + Math.floor(frame / meta.columns);
  const { width, height } = meta;
  context.drawImage(bitmap, column * width, row * height, width, height, ...box);
}

// Gives a canvas as many pixels as it is seen with, and no more than so many; tells whether they are
// others than they were. A canvas that nobody sees is left as it is.
function fitCanvas(canvas, most) {
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const pixels = [canvas.clientWidth, canvas.clientHeight].map((side, k) =>
    Math.min(Math.round(side * scale), most[k])
  );
  if (pixels.includes(0) || (canvas.width === pixels[0] && canvas.height === pixels[1])) return false;
  [canvas.width, canvas.height] = pixels;
  return true;
}

// The sheet of a view: asked for when the hand has come to rest, for such a call is heavy; the old
// one stays until the new one is there. What is wanted is {address, release, ...}.
function createSheets({ language, onSheet, onTrouble, onBusy }) {
  const CALM = 250; // ms
  let sheet = null;
  let wanted = null; // null while the view is closed
  let asked = null; // the address that was asked for last, if it was no failure
  const transport = createTransport({
    address: (each) => each.address,
    language, onBusy,
    onTrouble(message) {
      asked = null;
      onTrouble(message);
    },
    onSheet(next) {
      if (sheet) sheet.bitmap.close();
      sheet = next;
      if (wanted) onSheet(sheet);
    },
  });

  function go() {
    if (!wanted || wanted.address === asked) return;
    transport.stop(); // whoever wants this wants no other any more
    asked = wanted.address;
    transport.ask(wanted);
  }

  const later = afterwards(go, CALM);
  return {
    now: () => sheet,
    ask(next) {
      const first = wanted === null;
      wanted = next;
      if (first) go();
      else later();
    },
    // A call that is still under way is heavy, and nobody waits for it any more.
    close() {
      wanted = null;
      if (transport.stop()) asked = null;
    },
  };
}
