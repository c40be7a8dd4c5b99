// The one owner of the page's state: whoever changes it says so here, whoever shows it listens.

// `settle(state, keys, before, locked)` makes a state legal after these keys were written, and returns
// it; what is locked gives way last.
function createStore(settle) {
  const STEPS = 500; // that can be undone
  const listeners = [];
  const locked = new Set();
  const past = [];
  const future = [];
  let state = Object.freeze({});
  let hand = null; // the gesture that made the newest step

  function turn(next) {
    const keys = new Set([...Object.keys(state), ...Object.keys(next)]);
    const changed = new Set([...keys].filter((key) => state[key] !== next[key]));
    state = Object.freeze(next);
    for (const listen of listeners) listen(state, changed);
  }

  function travel(from, to) {
    if (from.length === 0) return;
    to.push(state);
    hand = null;
    turn(from.pop());
  }

  const store = {
    get: () => state,
    // Changes some keys. All changes of one gesture, named by any value, are one step to undo.
    set(patch, { gesture = null } = {}) {
      const next = settle({ ...state, ...patch }, Object.keys(patch), state, locked);
      if (Object.keys(next).every((key) => next[key] === state[key])) return;
      if (gesture === null || gesture !== hand) past.push(state);
      if (past.length > STEPS) past.shift();
      hand = gesture;
      future.length = 0;
      turn(next);
    },
    // As set, but what is locked stays: for changes that nobody made by hand.
    setFree(patch) {
      store.set(Object.fromEntries(Object.entries(patch).filter(([key]) => !locked.has(key))));
    },
    // Begins anew, with nothing to undo.
    begin(first) {
      past.length = future.length = 0;
      turn({ ...first });
    },
    undo: () => travel(past, future),
    redo: () => travel(future, past),
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    lock: (key, on) => (on ? locked.add(key) : locked.delete(key)),
    isLocked: (key) => locked.has(key),
    // Calls back with the state and the set of its keys that have changed, after every change.
    listen: (listen) => listeners.push(listen),
  };
  return store;
}
