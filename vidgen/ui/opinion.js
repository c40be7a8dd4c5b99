// What the critics think at a moment of a run: scores, and where in which frame they come from.

// `address(moment)` is where the heated sheet is, `read(moment)` gets what is to be said of it.
function createOpinion(holder, { clock, voice, address, read, isOpen }) {
  const { words } = voice;
  const help = makeNode("p", { class: "vg-help" });
  const list = makeNode("div", { class: "vg-critics" });
  holder.append(help, list);
  let told = null; // {critics, each} of the moment
  let sheet = null;
  let panels = [];

  const transport = createTransport({
    address: (each) => each.address, language: voice.language, onBusy() {}, onTrouble() {},
    onSheet(next) {
      if (!isOpen()) return next.bitmap.close();
      sheet?.bitmap.close();
      sheet = next;
      for (const panel of panels) panel.fit();
    },
  });

  // Scores on a line: each clip a dot, the real ones above.
  function dots(node, { real, fake }) {
    const all = [...real, ...fake];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const place = (score) => (high > low ? (100 * (score - low)) / (high - low) : 50);
    node.replaceChildren(...[["real", real], ["fake", fake]].map(([kind, scores]) => {
      const row = makeNode("div", { "data-kind": kind });
      const name = makeNode("span");
      name.textContent = words(`opinion_${kind}`);
      const line = makeNode("i");
      line.append(...scores.map((score) => makeNode("b", { style: `left: ${place(score)}%` })));
      const mean = makeNode("output");
      mean.textContent = shortNumber(scores.reduce((sum, score) => sum + score, 0) / Math.max(scores.length, 1));
      row.append(name, line, mean);
      return row;
    }));
  }

  // One critic: its scores, and clips with what it looks at; below each how much each frame counts.
  function createPanel(critic, index) {
    const node = makeNode("figure", { class: "vg-critic" });
    const [title, scores, canvas, bars] = ["figcaption", "div", "canvas", "div"].map((tag) => makeNode(tag));
    title.textContent = words("opinion_of", { name: words(`critic_${critic.kind}`) });
    scores.className = "vg-scores";
    bars.className = "vg-frames";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", words("opinion_heat", { name: words(`critic_${critic.kind}`) }));
    dots(scores, critic);
    bars.append(...critic.frames.map((shares) => {
      const clip = makeNode("span", { "aria-hidden": "true" });
      const most = Math.max(...shares, 1);
      clip.append(...shares.map((share) => makeNode("i", { style: `height: ${Math.round((100 * share) / most)}%` })));
      return clip;
    }));
    node.append(title, scores, canvas, bars);
    const context = canvas.getContext("2d");
    const count = 2 * told.each;

    function draw() {
      const frame = clock.frame();
      if (!isOpen() || !sheet || frame < 0 || canvas.width === 0) return;
      const at = Math.min(frame, sheet.meta.frames - 1);
      const wide = canvas.width / count;
      for (let k = 0; k < count; k++) {
        drawCell(context, sheet, index * count + k, at, [k * wide, 0, wide, canvas.height]);
      }
      for (const clip of bars.children) {
        for (const [k, bar] of [...clip.children].entries()) bar.toggleAttribute("data-now", k === at);
      }
    }

    return {
      node, draw,
      fit() {
        const { width, height } = sheet.meta;
        canvas.style.aspectRatio = `${count * width} / ${height}`;
        fitCanvas(canvas, [4 * count * width, 4 * height]);
        draw();
      },
    };
  }

  function lay() {
    holder.hidden = told === null;
    if (told === null) return;
    help.textContent = words("opinion_help");
    panels = told.critics.map(createPanel);
    list.replaceChildren(...panels.map(({ node }) => node));
    if (sheet) for (const panel of panels) panel.fit();
  }

  clock.watch(() => {
    for (const panel of panels) panel.draw();
  });
  new ResizeObserver(() => {
    if (sheet) for (const panel of panels) panel.fit();
  }).observe(list);
  return {
    async show(moment) {
      const words = moment === undefined ? null : await read(moment);
      if (moment !== undefined && words === null) return; // it gave way to a later one
      sheet?.bitmap.close();
      sheet = null;
      told = words;
      lay();
      if (told !== null) transport.ask({ address: address(moment) });
    },
    retell: lay,
  };
}
