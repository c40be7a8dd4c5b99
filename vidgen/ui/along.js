// Paths: along what they lead, the stops on them, and their words.

// What varies from stop to stop, and what makes it seen alone.
const PATHS = {
  t: ["t", { u: 0, walk: "", at: 0 }], mix: ["mix", {}], psi: ["psi", {}],
  motion_t: ["motion_t", {}], walk: ["at", {}],
};
const WALKED = [2, 16]; // seeds of a walk, at least and at most
const STOPS = [8, 32];

function createPaths({ rules, words, mixWords }) {
  // The seeds of the walk: those that were chosen, else those of the link or of the plane.
  function seeds(state) {
    const chosen = state.through || state.walk;
    if (chosen) return chosen.split(",").map(Number);
    return ["seed", "seed_b", "seed_c", "seed_d"].map((key) => state[key]).filter((each) => each >= 0);
  }

  const offers = (along, state) => rules().offers(PATHS[along][0], { ...state, walk: "0,1" });

  // A path is {along, closed, cells, ...}: what a state wants, and how the server is asked for it.
  function pathOf(state) {
    const along = offers(state.along, state) ? state.along : "psi";
    const closed = along === "walk";
    const walk = closed ? seeds(state) : [];
    // Every seed of a walk is a stop, and behind the last stop comes the first.
    const count = closed ? walk.length * Math.max(1, Math.round(state.clips / walk.length)) : state.clips;
    const way = closed ? walk.length / count : 1 / (count - 1);
    const values = Array.from({ length: count }, (_, k) => Math.round(1000 * k * way) / 1000);
    const [vary, alone] = PATHS[along];
    const axes = [{ vary, values, alone: closed ? { walk: walk.join(",") } : alone }];
    const cells = cellsOf(rules().asked(state), axes, rules());
    const query = clipsQuery(cells, axes, rules().releaseOf(state).version);
    return { address: `clips?${query}`, query, release: state.release, along, closed, cells };
  }

  // What the path makes of a state on its way, and which keys it sets itself.
  function idle(state) {
    const along = offers(state.along, state) ? state.along : "psi";
    const [vary, alone] = PATHS[along];
    if (along !== "walk") {
      const sets = (key) => key === vary || key in alone;
      return { form: { ...state, ...alone, [vary]: 0.5 }, sets, key: "idle_path" };
    }
    const form = { ...state, walk: state.through, t: 0.5, u: 0.5 }; // else its seeds are the four corners
    return { form, sets: (key) => key === "t" || key === "u", key: "idle_path" };
  }

  // A stop in words.
  function placeWords({ along, cells }, index) {
    const cell = cells[index];
    if (along === "mix") return mixWords(cell);
    if (along !== "walk") return `${cell[PATHS[along][0]]}`;
    const walk = cell.walk.split(",");
    const low = Math.floor(cell.at + 0.0005);
    const share = Math.round(100 * (cell.at - low));
    return share > 0 ? `${walk[low]} → ${walk[(low + 1) % walk.length]}, ${share}%` : walk[low];
  }

  return {
    seeds, offers, pathOf, placeWords, idle,
    alongWords: ({ along }) => words(`along_${along}`),
    // Where it begins and where it ends.
    endWords(path) {
      const [{ seed, seed_b, motion, motion_b }] = path.cells;
      if (path.along === "t") return [`A ${seed}`, `B ${seed_b}`];
      if (path.along === "motion_t") return [`A ${motion}`, `B ${motion_b}`];
      return [0, path.closed ? 0 : path.cells.length - 1].map((index) => placeWords(path, index));
    },
    // The seeds that somebody wrote; null where they are no walk.
    readSeeds(text, highest) {
      const list = text.split(/\D+/).filter(Boolean).map(Number);
      const [low, high] = WALKED;
      const legal = list.length >= low && list.length <= high && list.every((seed) => seed <= highest);
      return legal ? list : null;
    },
  };
}
