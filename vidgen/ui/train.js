// Training: a new run, the runs there are, and how the chosen one goes. On the server's own machine only.

function createTrain(root, { clock, voice, onTrouble, store, rules, renew }) {
  const EVERY = 1200; // ms between two looks at the chosen run
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="train"]');
  const role = (name) => room.querySelector(`[data-role="${name}"]`);
  const act = (name) => room.querySelector(`[data-act="${name}"]`);
  const duration = (seconds) =>
    seconds < 100 ? words("run_seconds", { seconds: Math.round(seconds) }) : words("run_minutes", { minutes: Math.round(seconds / 60) });
  const CHARTS = {
    chart_losses: [["loss_g", "gen"], ["loss_d", "crit"]],
    chart_gaps: [["gap_", "crit"]],
    chart_penalties: [["penalty_", "crit"]],
    chart_gradients: [["gradient_g", "gen"], ["gradient_d", "crit"]],
    chart_diversity: [["batch_diversity", "real"]],
  };
  const TINTS = ["crit", "real", "gen"];
  const question = createQuestion(room, words);
  const charts = Object.keys(CHARTS).map((key) => [key, createChart(key, words)]);
  let timer = null;
  let open = false;
  let chosen = null; // the name of the run that is looked at
  let runs = [];
  let seen = null; // how the chosen run went at the last look

  async function ask(path, body) {
    const options = body && {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    };
    const answer = await fetch(`train/${path}`, {
      ...options, headers: { ...options?.headers, "Accept-Language": voice.language() },
    });
    if (answer.ok) return answer.json();
    throw await refusal(answer);
  }

  // Does what is asked of a run, and says what went wrong.
  async function doing(work, after = look) {
    room.dataset.busy = "true";
    try {
      await work();
      voice.say(null);
    } catch (error) {
      onTrouble(error instanceof Error ? { key: "trouble_network" } : error);
    }
    delete room.dataset.busy;
    await after();
  }

  const form = createRunForm(role("run-form"), {
    voice,
    onStart: (asked) => doing(async () => {
      choose((await ask("begin", asked)).name);
      prepare.hide();
    }),
  });
  const prepare = createPrepare(room, { voice, ask, doing, question, onSets: form.sets, onUse: form.use });

  const slow = createSlow(room, { clock, voice, ask, onTrouble, isOpen: () => open });

  const addressOf = (kind) => (moment) => `train/picture?${new URLSearchParams({ run: chosen, step: moment, kind })}`;
  const lapse = createLapse(role("run-lapse"), {
    clock, voice, onTrouble() {}, isOpen: () => open,
    address: addressOf("clips"),
    label: (step) => words("lapse_step", { step: step.toLocaleString(voice.language()) }),
    onMoment: (step) => opinion.show(step),
    nameOf: (index) => words("lapse_clip", { number: index + 1 }),
    onPick: () => seen.release && store.set({ release: seen.release, view: "stage" }),
  });
  const opinion = createOpinion(role("run-opinion"), {
    clock, voice, isOpen: () => open,
    address: addressOf("heat"),
    read: (step) => ask(`moment?${new URLSearchParams({ run: chosen, step })}`).catch(() => null),
  });

  // The name of a critic in a key such as gap_frame.
  const criticWords = (key) => words(`critic_${key.split("_")[1]}`);

  function seriesOf(curves, rows) {
    return rows.flatMap(([key, tint]) => {
      if (!key.endsWith("_")) return [{ name: words(`curve_${key}`), tint, values: curves[key] }];
      const keys = Object.keys(curves).filter((each) => each.startsWith(key));
      return keys.map((each, k) => ({ name: criticWords(each), tint: TINTS[k % 3], values: curves[each] }));
    });
  }

  function showCurves(curves) {
    for (const [key, chart] of charts) chart.show(curves.step || [], seriesOf(curves, CHARTS[key]));
  }

  function tellRun() {
    role("run-none").hidden = seen !== null;
    role("run").hidden = seen === null;
    if (seen === null) return;
    const { standing, step, last, left, clips, clips_a_second: rate, seconds } = seen;
    const number = (value) => Math.round(value).toLocaleString(voice.language());
    role("run-title").textContent = seen.name;
    role("run-standing").textContent = words(`run_${standing}`);
    role("run-standing").dataset.standing = standing;
    const bar = role("run-bar");
    bar.max = last || Math.max(step, 1);
    bar.value = step;
    const parts = [
      last ? words("run_steps_of", { step: number(step), last: number(last) }) : words("run_steps", { step: number(step) }),
      words("run_clips", { clips: number(clips) }),
      ...(rate === null ? [] : [words("run_rate", { rate: shortNumber(rate) })]),
      words("run_spent", { time: duration(seconds) }),
      ...(left === null || standing !== "running" ? [] : [words("run_left", { time: duration(left) })]),
    ];
    role("run-where").textContent = parts.join(" · ");
    role("run-said").hidden = !seen.said;
    role("run-said").textContent = seen.said;
    act("run-pause").hidden = !["starting", "running"].includes(standing);
    act("run-resume").hidden = !seen.goes_on;
    act("run-ship").hidden = !seen.saved;
    act("run-play").hidden = !seen.release;
    act("run-delete").hidden = !seen.deletable;
    room.dataset.standing = standing;
    room.dataset.step = step;
  }

  function tellRuns() {
    role("runs").replaceChildren(...runs.map((run) => {
      const [item, button, name, how] = [makeNode("li"), makeNode("button", { type: "button" }), makeNode("b"), makeNode("span")];
      name.textContent = run.name;
      how.textContent = words(`run_${run.standing}`);
      how.dataset.standing = run.standing;
      button.setAttribute("aria-pressed", String(run.name === chosen));
      button.append(name, how);
      button.addEventListener("click", () => {
        prepare.hide();
        choose(run.name);
      });
      item.append(button);
      return item;
    }));
    role("runs-none").hidden = runs.length > 0;
  }

  function choose(name) {
    if (name === chosen) return;
    chosen = name;
    lapse.renew();
    opinion.show();
    look();
  }

  async function look() {
    clearTimeout(timer);
    try {
      const told = JSON.stringify([runs, chosen]);
      runs = (await ask("runs")).runs;
      if (!runs.some(({ name }) => name === chosen)) choose(runs[0]?.name ?? null);
      seen = chosen && (await ask(`run?run=${encodeURIComponent(chosen)}`));
      if (told !== JSON.stringify([runs, chosen])) tellRuns();
      tellRun();
      showCurves(seen?.curves || {});
      lapse.show(seen?.moments || []);
    } catch {
      // The server is away: the run goes on, and so does this as soon as it is back.
    }
    clearTimeout(timer);
    if (open) timer = setTimeout(look, EVERY);
  }

  async function fill() {
    try {
      form.fill((await ask("presets")).presets);
    } catch (error) {
      onTrouble(error instanceof Error ? { key: "trouble_network" } : error);
    }
    form.busy(false);
  }

  role("charts").append(...charts.map(([, chart]) => chart.node));
  act("run-pause").addEventListener("click", () => doing(() => ask("pause", { run: chosen })));
  act("run-resume").addEventListener("click", () => doing(() => ask("resume", { run: chosen })));
  act("run-ship").addEventListener("click", () => doing(async () => {
    await ask("ship", { run: chosen, name: seen.release || chosen });
    await renew();
  }));
  act("run-delete").addEventListener("click", async () => {
    const run = chosen;
    if (await question(words("run_delete_sure", { name: run }))) doing(() => ask("delete", { run }));
  });
  act("run-play").addEventListener("click", () => store.set({ release: seen.release, view: "stage" }));
  voice.retell(() => {
    form.retell();
    prepare.retell();
    slow.retell();
    tellRuns();
    tellRun();
    showCurves(seen?.curves || {});
    lapse.retell();
    opinion.retell();
  });
  form.busy(true);
  return {
    open() {
      open = true;
      lapse.open(true);
      fill();
      prepare.open();
      slow.open();
      look();
    },
    close() {
      open = false;
      lapse.open(false);
      prepare.close();
      clearTimeout(timer);
    },
    follow(state, changed) {
      if (changed.has("pixels") || changed.has("view")) lapse.look(state.pixels);
    },
  };
}
