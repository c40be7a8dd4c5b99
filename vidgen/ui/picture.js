// One of several pictures of a view: asks for its own clip, and plays it in step with the others.

// `isOpen()` says whether anybody looks; `address(form)` what is fetched, which also names what is shown.
function createPicture(canvas, { clock, address, language, isOpen, onSheet, onTrouble, onBusy }) {
  const stage = createStage(canvas, clock);
  let asked = null; // the address that was asked for last, if it was no failure
  const transport = createTransport({
    address, language, onBusy,
    onTrouble(message) {
      asked = null;
      onTrouble(message);
    },
    onSheet(sheet) {
      if (!isOpen()) {
        asked = null; // it is asked for again when somebody looks
        return sheet.bitmap.close();
      }
      stage.show(sheet);
      onSheet(sheet);
    },
  });
  return {
    stage,
    ask(form) {
      if (address(form) === asked) return;
      asked = address(form);
      transport.ask(form);
    },
    stop() {
      if (transport.stop()) asked = null;
    },
  };
}

// One clock for several pictures. The shorter clips repeat: one that stood still would look as if it had
// no motion, and a seamless loop stays one.
function loadTogether(clock, stages) {
  const shown = stages.map((stage) => stage.sheet()?.meta).filter(Boolean);
  if (shown.length > 0) clock.load(Math.max(...shown.map(({ frames }) => frames)), shown[0].fps);
}
