// What may wait: so that a drag is not held up by what nobody reads while the hand moves.

// Returns a function that has `work` done soon, and at most once in `pause` ms.
function soon(work, pause = 200) {
  let timer = null;
  return () => {
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      work();
    }, pause);
  };
}

// Returns a function that has `work` done as soon as it was not called for `calm` ms.
function afterwards(work, calm = 700) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, calm);
  };
}

