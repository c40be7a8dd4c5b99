// What is legal: completes a form, keeps it legal while the hand moves, says what is asked of it.

function createRules({ limits, releases }) {
  let kinds = kindsOfData(releases);
  const releaseOf = (state) => releases.find((each) => each.name === state.release) || releases[0];

  // The server's routes refuse a key that they do not know, so it is neither shown nor sent.
  function knows(key) {
    if (key === "class_b") return "mix" in limits;
    if (key === "walk") return "at" in limits;
    if (key === "part") return releases.some((each) => each.parts?.length);
    return key === "release" || key === "class" || key in limits;
  }

  function range(key, state) {
    const release = releaseOf(state);
    if (key === "class" || key === "class_b") return [0, release.classes.length - 1];
    if (key === "frames" || key === "start" || key === "step") return release[key];
    if (key === "motion" || key === "motion_b") return release.motion || limits[key];
    if (key === "at") return [0, state.walk ? state.walk.split(",").length : 0];
    return limits[key];
  }

  // Whether the release can do it at all: else there is nothing to show.
  function offers(key, state) {
    if (!knows(key)) return false;
    if (key === "loop") return releaseOf(state).classes.some((each) => each.loops);
    if (key === "part") return releaseOf(state).parts.length > 0;
    const [low, high] = range(key === "motion_t" ? "motion" : key, state);
    return high > low;
  }

  function legal(key, value, state) {
    if (key === "part") return releaseOf(state).parts.includes(value) ? value : "";
    if (TEXT_KEYS.includes(key)) return value;
    const [low, high] = range(key, state);
    const number = Math.min(Math.max(Number(value), low), high);
    if (Number.isNaN(number)) return NEUTRAL[key] ?? low;
    return WHOLE_KEYS.includes(key) ? Math.round(number) : Math.round(1000 * number) / 1000;
  }

  // The far ends that nobody has chosen.
  function farEnds(form) {
    const ends = { class_b: (Math.floor(form.class) + 1) % releaseOf(form).classes.length };
    for (const [key, [near, on]] of Object.entries(FAR_ENDS)) {
      ends[key] = (Number(form[near]) + on) % (limits.seed[1] + 1);
    }
    return ends;
  }

  // The whole form of one that leaves something out.
  function complete(form) {
    const whole = { ...NEUTRAL, ...form };
    whole.release = releaseOf(form).name;
    for (const [key, end] of Object.entries(farEnds(whole))) whole[key] ??= end;
    for (const key of FORM_KEYS) {
      if (knows(key)) whole[key] = legal(key, whole[key], whole);
      else delete whole[key];
    }
    return whole;
  }

  // Later frames must lie within the time that was trained: what was neither touched nor locked gives
  // way.
  function settleTime(state, touched, locked) {
    const longest = releaseOf(state).max_time;
    const end = () => state.start + (state.frames - 1) * state.step;
    const period = () => (state.loop ? state.frames * state.step : 0);
    if (end() > longest && touched !== "start" && !locked.has("start")) {
      state.start = Math.max(0, Math.floor(2 * (state.start - end() + longest)) / 2);
    }
    if (end() <= longest && period() <= longest) return;
    if (locked.has("frames") || (touched === "frames" && !locked.has("step"))) {
      const room = Math.min((longest - state.start) / (state.frames - 1), longest / state.frames);
      state.step = Math.max(range("step", state)[0], Math.floor(8 * room) / 8);
    } else {
      const room = Math.min((longest - state.start) / state.step + 1, longest / state.step);
      state.frames = Math.max(releaseOf(state).frames[0], Math.floor(room));
    }
    if (end() > longest) state.start = Math.max(0, longest - (state.frames - 1) * state.step);
  }

  // A far end that nobody has chosen and nobody sees stays next to its near end.
  function follow(state, touched, before) {
    const [ends, were] = [farEnds(state), farEnds(before)];
    for (const key of Object.keys(ends)) {
      const left = knows(key) && !touched.includes(key) && state[key] === were[key];
      if (left && !playsAPart(key, state)) state[key] = ends[key];
    }
  }

  // Makes a state legal after some of its keys were written; the rest gives way, but for what is locked.
  function settle(state, touched, before, locked = new Set()) {
    const anew = touched.includes("release");
    for (const key of anew ? FORM_KEYS : touched) {
      if (FORM_KEYS.includes(key) && knows(key)) state[key] = legal(key, state[key], state);
    }
    if (state.walk && !touched.includes("walk") && touched.some((key) => CONTENT_KEYS.includes(key))) {
      Object.assign(state, { walk: "", at: 0 }); // whoever moves a seed wants to see it
    }
    if (touched.some((key) => key in WEIGHS_NOTHING)) follow(state, [...touched, ...locked], before);
    const time = TIME_KEYS.find((key) => touched.includes(key));
    if (time || anew) settleTime(state, time, locked);
    return state;
  }

  // Whether a text is a value at all.
  function isValue(key, text) {
    if (key === "release" || key === "part") return true;
    if (key !== "walk") return /^\d{1,10}(\.\d{1,3})?$/.test(text);
    return /^\d{1,10}(,\d{1,10}){1,15}$/.test(text) && text.split(",").every((seed) => seed <= limits.seed[1]);
  }

  // The whole form of texts that anybody wrote: {form}, or {wrong}, the first key whose value is not
  // legal as it stands.
  function read(given) {
    if (!releases.some((each) => each.name === given.release)) return { wrong: "release" };
    const keys = Object.keys(given);
    const strange = keys.find((key) => !FORM_KEYS.includes(key) || !knows(key) || !isValue(key, given[key]));
    if (strange) return { wrong: strange };
    const form = settle(complete(given), ["release"]);
    const meant = (key) => (TEXT_KEYS.includes(key) ? given[key] : Number(given[key]));
    const bent = keys.find((key) => form[key] !== meant(key));
    return bent ? { wrong: bent } : { form };
  }

  // The class mix as [index, weight] pairs that sum to 1.
  function classMix({ class: a, class_b: b, mix = 0 }) {
    const weights = new Map();
    for (const [place, share] of [[a, 1 - mix], [b, mix]]) {
      if (share === 0) continue;
      const low = Math.floor(place);
      for (const [index, weight] of [[low, 1 - place + low], [low + 1, place - low]]) {
        if (weight * share > 0.0005) weights.set(index, (weights.get(index) || 0) + weight * share);
      }
    }
    return [...weights].sort(([one], [other]) => one - other);
  }

  // The first class of the mix that cannot run backwards in time, and so cannot loop; or undefined.
  function stubborn(state) {
    const { classes } = releaseOf(state);
    return classMix(state).map(([index]) => classes[index]).find((each) => !each.loops);
  }

  return {
    releases, releaseOf, knows, range, offers, complete, settle, read, classMix, stubborn,
    // The releases by their data, and those of the same data as one of them.
    kinds: () => kinds,
    peersOf: (release) => kinds.find((kind) => kind.includes(release)),
    // Takes another list of releases.
    renew(later) {
      releases.splice(0, releases.length, ...later);
      kinds = kindsOfData(releases);
    },
    // The form as it is sent: a wish that the class can't fulfil is not sent.
    asked(state) {
      const form = {};
      for (const key of FORM_KEYS) if (knows(key)) form[key] = state[key];
      return state.loop && stubborn(state) ? { ...form, loop: 0 } : form;
    },
  };
}
