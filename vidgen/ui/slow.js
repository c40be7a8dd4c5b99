// Slow motion: a tiny game, one player's step at a time, with all its numbers and pictures.

function createSlow(room, { clock, voice, ask, onTrouble, isOpen }) {
  const { words } = voice;
  const role = (name) => room.querySelector(`[data-role="${name}"]`);
  const act = (name) => room.querySelector(`[data-act="${name}"]`);
  const section = role("slow");
  const STRIPS = { // what is shown of a stage, and what it says
    draw: [["real", "slow_row_real"], ["fake", "slow_row_fake"]],
    critic: [["real", "slow_row_real"], ["real_heat", "slow_row_heat"], ["fake", "slow_row_fake"], ["fake_heat", "slow_row_heat"]],
    generator: [["fake", "slow_row_before"], ["wish", "slow_row_wish"], ["after", "slow_row_after"], ["change", "slow_row_change"]],
  };
  const DATA = { "phenomena-32": "slow_data_phenomena", "digits-32": "slow_data_digits", "sprites-32": "slow_data_sprites" };
  const chart = createChart("chart_losses", words);
  const lanes = createLanes(role("slow-scores"), words);
  let told = null; // what the last step came to
  let sheet = null;
  let needs = {}; // whether a data set needs a folder, by name
  let busy = false;
  let canvases = []; // [canvas, places of its clips on the sheet]

  const shown = () => isOpen() && !section.hidden && sheet !== null;

  function draw() {
    const frame = clock.frame();
    if (!shown() || frame < 0) return;
    for (const [canvas, clips] of canvases) {
      const wide = canvas.width / clips.length;
      const context = canvas.getContext("2d");
      const at = Math.min(frame, sheet.meta.frames - 1);
      clips.forEach((clip, k) => drawCell(context, sheet, clip, at, [k * wide, 0, wide, canvas.height]));
    }
  }

  function fit() {
    if (!shown()) return;
    const { width, height } = sheet.meta;
    for (const [canvas, clips] of canvases) {
      canvas.style.aspectRatio = `${clips.length * width} / ${height}`;
      fitCanvas(canvas, [6 * clips.length * width, 6 * height]);
    }
    draw();
  }

  function tellStrips() {
    const { rows, numbers } = told;
    const count = told.sheet.clips / rows.length;
    const places = (row) => [...Array(count).keys()].map((k) => rows.indexOf(row) * count + k);
    const strips = STRIPS[told.stage].map(([row, key]) => {
      const [figure, caption] = [makeNode("figure"), makeNode("figcaption")];
      const canvas = makeNode("canvas", { role: "img" });
      caption.textContent = words(key, { factor: shortNumber(Number((numbers.factor || 1).toPrecision(2))) });
      canvas.setAttribute("aria-label", caption.textContent);
      figure.append(caption, canvas);
      return [figure, canvas, places(row)];
    });
    role("slow-strips").replaceChildren(...strips.map(([figure]) => figure));
    const seen = rows.includes("after") ? "after" : "fake";
    canvases = [
      ...strips.map(([, canvas, clips]) => [canvas, clips]),
      [role("slow-real"), places("real").slice(0, 1)], [role("slow-fake"), places(seen).slice(0, 1)],
    ];
  }

  const arrow = ([from, to]) => `${shortNumber(from)} → ${shortNumber(to)}`;

  // The numbers of a stage: [key of its words, value, values that its explanation needs].
  function numbersOf({ stage, numbers, scores }) {
    if (stage === "draw") {
      return [["slow_num_critic", shortNumber(numbers.loss_d)], ["slow_num_generator", shortNumber(numbers.loss_g)]];
    }
    const gradient = ["slow_num_gradient", shortNumber(numbers.gradient)];
    const [real, fake] = ["real", "fake"].map((kind) => scores[kind][0][0]);
    const [high, low] = stage === "critic" ? [fake, real] : [real, fake];
    const inside = (value) => (value < 0 ? `(${shortNumber(value)})` : shortNumber(value));
    const first = ["slow_num_pair", shortNumber(Math.log1p(Math.exp(high - low))), { high: inside(high), low: inside(low) }];
    if (stage === "generator") {
      return [["slow_num_generator", arrow(numbers.loss)], first, gradient, ["slow_num_pixels", shortNumber(numbers.levels)]];
    }
    const { penalty, gamma, total } = numbers;
    const values = { penalty: shortNumber(penalty), gamma: shortNumber(gamma) };
    return [["slow_num_critic", arrow(numbers.loss)], first, ["slow_num_penalty", shortNumber(penalty * gamma), values],
      ["slow_num_total", shortNumber(total)], gradient];
  }

  function tellNumbers() {
    role("slow-numbers").replaceChildren(...numbersOf(told).map(([key, value, values]) => {
      const [row, name, number, help] = ["div", "dt", "dd", "dd"].map((tag) => makeNode(tag));
      name.textContent = words(key);
      number.textContent = value;
      help.textContent = words(`${key}_help`, values);
      help.className = "vg-help";
      row.append(name, number, help);
      return row;
    }));
  }

  function tell() {
    const on = told !== null;
    act("slow-show").hidden = !on || !section.hidden;
    if (!on || section.hidden) return;
    const { stage, round, history, names, next } = told;
    section.dataset.stage = stage;
    section.dataset.round = round;
    role("slow-where").textContent = words("slow_where", { round, what: words(`slow_at_${stage}`) });
    role("slow-story").textContent = words(`slow_story_${stage}`);
    role("slow-machine").setAttribute("aria-label", words("slow_machine", { what: words(`slow_at_${stage}`) }));
    for (const button of section.querySelectorAll("[data-go]")) {
      button.toggleAttribute("data-next", button.dataset.go === next);
    }
    const language = words("class_field") === "zh" ? 1 : 0;
    lanes.show(told.scores, names.map((name, k) => `${k + 1} ${name[language]}`));
    tellNumbers();
    tellStrips();
    chart.show(history.step, history.step.length < 2 ? [] : [
      { name: words("slow_node_critic"), tint: "crit", values: history.loss_d },
      { name: words("slow_node_generator"), tint: "gen", values: history.loss_g },
    ]);
    fit();
  }

  async function take(next) {
    const blob = await (await fetch(`data:image/jpeg;base64,${next.picture}`)).blob();
    const bitmap = await createImageBitmap(blob);
    sheet?.bitmap.close();
    sheet = { bitmap, meta: next.sheet };
    told = next;
    clock.load(next.sheet.frames, next.sheet.fps);
  }

  function show(on) {
    section.hidden = !on;
    room.toggleAttribute("data-slow", on);
    tell();
  }

  // Asks for something that takes a while; what is pressed meanwhile counts for nothing.
  async function doing(path, body) {
    if (busy) return false;
    busy = true;
    voice.say({ key: "working", kind: "busy" });
    section.dataset.busy = role("slow-card").dataset.busy = "true";
    try {
      await take(await ask(`slow/${path}`, body));
      voice.say(null);
    } catch (error) {
      onTrouble(error instanceof Error ? { key: "trouble_network" } : error);
    }
    busy = false;
    delete section.dataset.busy;
    delete role("slow-card").dataset.busy;
    return told !== null;
  }

  function tellData() {
    const kept = role("slow-data").value;
    role("slow-data").replaceChildren(...Object.keys(needs).map((name) => {
      const option = makeNode("option", { value: name });
      option.textContent = words(DATA[name]);
      return option;
    }));
    if (kept) role("slow-data").value = kept;
    tellRoot();
  }

  function tellRoot() {
    const needed = Boolean(needs[role("slow-data").value]);
    role("slow-root").closest("label").hidden = !needed;
    role("slow-root").required = needed;
  }

  role("slow-root").value = memory.read("root") || "";
  role("slow-data").addEventListener("change", tellRoot);
  role("slow-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { data: role("slow-data").value, root: role("slow-root").value.trim() };
    if (body.root) memory.write("root", body.root);
    if (!(await doing("begin", body))) return;
    show(true);
    section.focus();
  });
  for (const button of section.querySelectorAll("[data-go]")) {
    button.addEventListener("click", async () => {
      const { go } = button.dataset;
      await doing("go", { go: go === "next" ? told.next : go });
      tell();
    });
  }
  act("slow-show").addEventListener("click", () => show(true));
  act("slow-end").addEventListener("click", () => show(false));
  role("runs").addEventListener("click", () => show(false));
  role("sets").addEventListener("click", () => show(false));
  role("slow-charts").append(chart.node);
  clock.watch(draw);
  new ResizeObserver(fit).observe(section);
  return {
    async open() {
      try {
        const now = await ask("slow");
        needs = now.data;
        if (now.told) await take(now.told);
        role("slow-card").open ||= now.told !== null;
      } catch {
        // The server is away; the form says so when it is pressed.
      }
      tellData();
      tell();
    },
    retell() {
      tellData();
      tell();
    },
  };
}
