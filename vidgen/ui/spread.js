// Axes of a grid as text: "seed*4" is four values that follow the controls, "seed:3,14,15" are chosen.

// What can vary, and what makes it seen alone.
const SPREADS = { // first what a grid varies where the state names nothing that may be varied
  seed: { t: 0, u: 0, walk: "", at: 0 }, motion: { motion_t: 0 }, class: { mix: 0 }, psi: {}, step: {},
};

const AXIS_PARTS = /^(\w+)(?:\*(\d)|:(.*))$/; // what varies, how many values or which ones
const ALL_OF_IT = ["psi", "step"]; // these are spread over all that there is; others go on from the control

function createSpreads({ seen, rules, toss }) {
  const thousandths = (value) => Math.round(1000 * value) / 1000;

  // The largest time step for which all frames lie within what was trained.
  function longestStep(state) {
    const { frames, start, loop } = state;
    const { max_time: longest } = rules().releaseOf(state);
    const room = Math.min((longest - start) / (frames - 1), loop ? longest / frames : Infinity);
    return Math.min(rules().range("step", state)[1], Math.floor(8 * room) / 8);
  }

  // As many values as fit, from what the controls say on, or evenly over all that there is.
  function follow(vary, count, state) {
    const [low, high] = rules().range(vary, state);
    const grow = (value) => Array.from({ length: count }, (_, k) => value(k, k / (count - 1)));
    if (vary === "psi") return grow((_, share) => thousandths(share));
    if (vary === "step") {
      const top = Math.min(2, longestStep(state));
      return grow((_, share) => thousandths(top / 2 ** (3 * (1 - share))));
    }
    const from = Math.floor(state[vary]);
    const all = high - low + 1;
    return grow((k) => (from + k) % all).slice(0, all);
  }

  function read(text, state) {
    const [, vary, count, list] = text.match(AXIS_PARTS);
    const [low, high] = rules().range(vary, state);
    const top = vary === "step" ? longestStep(state) : high;
    const chosen = list?.split(",").map(Number).filter((value) => value >= low && value <= top);
    const whole = ALL_OF_IT.includes(vary) ? chosen : chosen?.filter(Number.isInteger);
    const values = whole?.length > 1 ? whole : follow(vary, Number(count || 4), state);
    const fixed = whole?.length > 1 || ALL_OF_IT.includes(vary); // whatever its control says
    return { vary, values, alone: SPREADS[vary], fixed };
  }

  const write = (vary, values) => `${vary}:${values.join(",")}`;
  return {
    write,
    offers: seen,
    // Columns and rows of a state: always two different ones, and nothing that a teacher hid while
    // there is something else.
    axesOf(state) {
      const nameOf = (text) => text.match(/^\w+/)[0];
      const others = (vary) => Object.keys(SPREADS).filter((each) => each !== vary);
      const spare = (vary) => `${others(vary).find((each) => seen(each)) || others(vary)[0]}*4`;
      const cols = seen(nameOf(state.cols)) ? state.cols : spare(nameOf(state.rows));
      const free = seen(nameOf(state.rows)) && nameOf(state.rows) !== nameOf(cols);
      return [cols, free ? state.rows : spare(nameOf(cols))].map((text) => read(text, state));
    },
    // The axes that are not shown as the state says them, as [key, text] pairs: they vary the same, or
    // what this release can't do, or have values out of range.
    unmet(state) {
      return this.axesOf(state).flatMap(({ vary, values }, k) => {
        const key = ["cols", "rows"][k];
        const [, said, , list] = state[key].match(AXIS_PARTS);
        const same = list === undefined || list.split(",").map(Number).join() === values.join();
        return vary === said && same ? [] : [[key, state[key]]];
      });
    },
    // What the grid makes of a state, and which keys it sets itself.
    idle(state) {
      const axes = this.axesOf(state);
      const alone = Object.assign({}, ...axes.map((axis) => axis.alone));
      const sets = (key) => key in alone || axes.some(({ vary, fixed }) => vary === key && fixed);
      return { form: { ...state, ...alone }, sets, key: "idle_grid" };
    },
    // So many values by dice, all different as far as there are as many; in order where there is one.
    roll(vary, count, state) {
      const top = vary === "step" ? longestStep(state) : Infinity;
      const values = new Set();
      for (let tries = 0; values.size < count && tries < 500; tries++) {
        const value = thousandths(toss(vary));
        if (value <= top) values.add(value);
      }
      const ordered = vary === "seed" || vary === "motion" ? [...values] : [...values].sort((a, b) => a - b);
      return values.size > 1 ? write(vary, ordered) : `${vary}*${count}`;
    },
  };
}
