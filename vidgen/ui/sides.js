// The two sides of a comparison. The state's own form is the side that the controls move; the form of
// the other side lies beside it under `other`, so that undo, links and what is kept hold both.

function formOf(state) {
  return Object.fromEntries(FORM_KEYS.filter((key) => key in state).map((key) => [key, state[key]]));
}

// The form that stands on a side.
function formOn(side, state) {
  return side === state.side ? formOf(state) : state.other;
}

function createSides(rules) {
  const seeds = (state) => rules.range("seed", state)[1] + 1; // how many there are

  // What it is compared with before anybody has chosen: another draw of the same.
  function another(form) {
    const alone = WEIGHS_NOTHING.seed(form) ? { t: 0, u: 0, walk: "", at: 0 } : {};
    const next = { ...form, ...alone, seed: (form.seed + 1) % seeds(form) };
    return rules.settle(next, ["seed", ...Object.keys(alone)], form);
  }

  // The other side, moved as the hand has moved this one. Seeds keep their distance: two draws that are
  // compared stay two. Another model brings its first state along, which is its own affair.
  function carried(state, touched, before) {
    const moved = touched.filter((key) => FORM_KEYS.includes(key) && state[key] !== before[key]);
    const keys = moved.includes("release") ? ["release"] : moved;
    if (keys.length === 0) return state.other;
    const next = { ...state.other };
    for (const key of keys) {
      const shifted = (next[key] + state[key] - before[key] + seeds(state)) % seeds(state);
      next[key] = SEED_KEYS.includes(key) ? shifted : state[key];
    }
    return rules.settle(next, keys, state.other);
  }

  return {
    // As rules.settle, for both sides.
    settle(state, touched, before, locked) {
      rules.settle(state, touched, before, locked);
      if (state.view !== "compare") return state;
      if (!state.other) state.other = another(formOf(state));
      else if (state.linked && before.view === "compare" && !touched.includes("other")) {
        state.other = carried(state, touched, before);
      }
      return state;
    },
  };
}
