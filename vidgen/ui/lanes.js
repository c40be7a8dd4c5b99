// Scores of pairs on a line, a lane for each pair: where both stood before a step, and where they are now.

function createLanes(figure, words) {
  const mean = (pairs, when) => pairs.reduce((sum, pair) => sum + pair[when], 0) / pairs.length;

  function mark(kind, when, at) {
    return makeNode("b", { "data-kind": kind, "data-when": when, style: `left: ${at}%` });
  }

  return {
    // `scores` is {real, fake}, of each clip [before, after]; `names` says the clips.
    show(scores, names) {
      const all = [...scores.real, ...scores.fake].flat();
      const [low, high] = [Math.min(...all), Math.max(...all)];
      const place = (score) => (high > low ? 2 + (96 * (score - low)) / (high - low) : 50);
      const caption = makeNode("figcaption");
      caption.textContent = words("slow_scores");
      const plot = makeNode("div", { class: "vg-lanes", role: "img" });
      plot.append(...names.map((name, k) => {
        const [lane, text, line] = [makeNode("div"), makeNode("span"), makeNode("i")];
        text.textContent = text.title = name;
        for (const kind of ["real", "fake"]) {
          const [from, to] = scores[kind][k].map(place);
          if (from !== to) {
            line.append(mark(kind, "before", from));
            line.append(makeNode("u", { "data-kind": kind, style: `left: ${Math.min(from, to)}%; width: ${Math.abs(to - from)}%` }));
          }
          line.append(mark(kind, "after", to));
        }
        lane.append(text, line);
        return lane;
      }));
      const ends = makeNode("div", { class: "vg-lane-ends" });
      ends.append(...["slow_left", "slow_right"].map((key) => {
        const end = makeNode("span");
        end.textContent = words(key);
        return end;
      }));
      const said = ["real", "fake"].map((kind) => {
        const values = { name: words(`opinion_${kind}`), from: shortNumber(mean(scores[kind], 0)), to: shortNumber(mean(scores[kind], 1)) };
        const node = makeNode("p", { "data-kind": kind });
        node.textContent = words("slow_mean", values);
        return node;
      });
      plot.setAttribute("aria-label", said.map((node) => node.textContent).join(words("list")));
      figure.replaceChildren(caption, plot, ends, ...said);
    },
  };
}
