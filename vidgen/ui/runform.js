// What is asked of a new run: data, preset, how long, and where the data's files are.

// `onStart(asked)` is called with what /train/begin takes.
function createRunForm(form, { voice, onStart }) {
  const { words } = voice;
  const role = (name) => form.querySelector(`[data-role="${name}"]`);
  const [data, preset, root, budget, amount, name, go, about] = [
    "run-data", "run-preset", "run-root", "run-budget", "run-amount", "run-name", "run-go", "run-about",
  ].map(role);
  let presets = [];
  let sets = []; // prepared videos that lie where this page prepares them
  const MARK = "set/"; // before their names among those of data

  const chosenSet = () => sets.find((each) => MARK + each.name === data.value);
  const kind = () => (chosenSet() ? "folder" : data.value);
  const chosen = () => presets.find((each) => each.name === preset.value && each.data === kind());
  const option = (value, text) => {
    const node = makeNode("option", { value });
    node.textContent = text;
    return node;
  };

  const dataWords = (name) => (name === "folder" ? words("run_folder") : name.replace(MARK, ""));

  function fillData() {
    const kept = data.value;
    const known = [...new Set(presets.map((each) => each.data))].map((each) => option(each, dataWords(each)));
    const group = makeNode("optgroup", { label: words("run_sets") });
    group.append(...sets.map((each) => option(MARK + each.name, each.name)));
    data.replaceChildren(...known, ...(sets.length > 0 ? [group] : []));
    if ([...data.options].some((each) => each.value === kept)) data.value = kept;
    if (data.value !== kept) fillPresets();
  }

  function fillPresets() {
    const kept = preset.value;
    const fitting = presets.filter((each) => each.data === kind());
    preset.replaceChildren(...fitting.map((each) => option(each.name, each.name)));
    if (fitting.some((each) => each.name === kept)) preset.value = kept;
    tellPreset();
  }

  function tellPreset() {
    const one = chosen();
    if (!one) return;
    root.required = one.needs_root && !chosenSet();
    root.closest("label").hidden = !root.required;
    const chooses = one.steps === null; // itself, from data, device and time
    if (chooses && budget.value === "steps") [budget.value, amount.value] = ["minutes", 10];
    budget.disabled = chooses;
    const steps = budget.value === "steps";
    amount.max = steps ? one.steps : 7 * 24 * 60;
    if (steps) amount.value = one.steps;
    const values = { ...one, steps: one.steps?.toLocaleString(voice.language()), loss: words(lossKey(one.loss)) };
    about.textContent = chooses ? words("run_about_auto") : words("run_about", values);
  }

  const lossKey = (loss) => `loss_${loss.replace("-", "")}`;

  function asked() {
    const steps = budget.value === "steps";
    const count = Number(amount.value);
    const set = chosenSet();
    const called = name.value.trim() || set?.name;
    return {
      preset: preset.value,
      data: kind(),
      ...(chosen()?.needs_root ? { root: set?.root ?? root.value.trim() } : {}),
      ...(steps ? { steps: count } : { seconds: 60 * count }),
      ...(called ? { name: called } : {}),
    };
  }

  root.value = memory.read("root") || "";
  data.addEventListener("change", fillPresets);
  preset.addEventListener("change", tellPreset);
  budget.addEventListener("change", () => {
    amount.value = 10;
    tellPreset();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (root.value) memory.write("root", root.value.trim());
    onStart(asked());
  });
  return {
    fill(known) {
      presets = known;
      fillData();
      fillPresets();
    },
    sets(known) {
      sets = known;
      if (presets.length > 0) fillData();
    },
    // Chooses a data set by name.
    use(name) {
      data.value = MARK + name;
      fillPresets();
    },
    busy(on) {
      go.disabled = on || presets.length === 0;
    },
    retell() {
      for (const each of data.options) each.textContent = dataWords(each.value);
      for (const each of data.querySelectorAll("optgroup")) each.label = words("run_sets");
      tellPreset();
    },
  };
}
