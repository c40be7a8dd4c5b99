// What is asked of a new run: data, preset, how long, and where the data's files are.

// `onStart(asked)` is called with what /train/begin takes.
function createRunForm(form, { voice, onStart }) {
  const { words } = voice;
  const role = (name) => form.querySelector(`[data-role="${name}"]`);
  const [data, preset, root, budget, amount, name, go, about] = [
    "run-data", "run-preset", "run-root", "run-budget", "run-amount", "run-name", "run-go", "run-about",
  ].map(role);
  let presets = [];

  const chosen = () => presets.find((each) => each.name === preset.value && each.data === data.value);
  const option = (value, text) => {
    const node = makeNode("option", { value });
    node.textContent = text;
    return node;
  };

  const dataWords = (name) => (name === "folder" ? words("run_folder") : name);

  function fillPresets() {
    const kept = preset.value;
    const fitting = presets.filter((each) => each.data === data.value);
    preset.replaceChildren(...fitting.map((each) => option(each.name, each.name)));
    if (fitting.some((each) => each.name === kept)) preset.value = kept;
    tellPreset();
  }

  function tellPreset() {
    const one = chosen();
    if (!one) return;
    root.closest("label").hidden = !one.needs_root;
    root.required = one.needs_root;
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
    return {
      preset: preset.value,
      data: data.value,
      ...(chosen()?.needs_root ? { root: root.value.trim() } : {}),
      ...(steps ? { steps: count } : { seconds: 60 * count }),
      ...(name.value.trim() ? { name: name.value.trim() } : {}),
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
      data.replaceChildren(...[...new Set(known.map((each) => each.data))].map((each) => option(each, dataWords(each))));
      fillPresets();
    },
    busy(on) {
      go.disabled = on || presets.length === 0;
    },
    retell() {
      for (const each of data.options) each.textContent = dataWords(each.value);
      tellPreset();
    },
  };
}
