// Preparing videos: what is asked of a new data set, those there are, and how the chosen one stands.

// `onSets(sets)` hears of all that can be trained on, `onUse(name)` of the one that is to be.
function createPrepare(room, { voice, ask, doing, question, onSets, onUse }) {
  const EVERY = 1200; // ms between two looks
  const { words } = voice;
  const role = (name) => room.querySelector(`[data-role="${name}"]`);
  const act = (name) => room.querySelector(`[data-act="${name}"]`);
  const about = createDataSet(role("set-found"), voice);
  let timer = null;
  let open = false;
  let first = true; // nobody has looked yet
  let sets = [];
  let chosen = null; // the name of the data set that is looked at
  let seen = null; // how it stood at the last look
  let awaited = null; // was begun here: as soon as it is ready it is what a new run trains on

  const text = (name) => role(name).value.trim();
  const count = (name) => Number(role(name).value);
  const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));

  function asked() {
    return {
      source: text("set-source"), size: count("set-size"), fps: count("set-fps"), frames: count("set-frames"),
      crop: role("set-crop").value, short: role("set-short").value, longest: count("set-longest"),
      loops: role("set-loops").checked,
      ...given({ name: text("set-name"), licence: text("set-licence"), credit: text("set-credit") }),
    };
  }

  function whereWords({ standing, done, of, root }) {
    if (standing === "ready" || standing === "failed") return standing === "ready" ? root : "";
    if (of === null) return standing === "preparing" ? words("set_looking") : "";
    if (done === of && standing === "preparing") return words("set_joining", { of });
    return words("set_progress", { done, of });
  }

  function tellSet() {
    role("set").hidden = seen === null;
    if (seen === null) return;
    const { standing, done, of } = seen;
    const working = standing === "preparing";
    role("set-title").textContent = seen.name;
    role("set-standing").textContent = words(`set_${standing}`);
    role("set-standing").dataset.standing = standing;
    const bar = role("set-bar");
    bar.hidden = standing === "ready" || standing === "failed";
    if (of === null) bar.removeAttribute("value");
    else [bar.max, bar.value] = [Math.max(of, 1), done];
    role("set-where").textContent = whereWords(seen);
    role("set-said").hidden = !seen.said;
    role("set-said").textContent = seen.said;
    act("set-stop").hidden = !working;
    act("set-resume").hidden = !seen.goes_on;
    act("set-resume").textContent = words(standing === "failed" ? "set_again" : "run_resume");
    act("set-use").hidden = standing !== "ready";
    act("set-delete").hidden = !seen.deletable;
    about.show(seen);
  }

  function tellSets() {
    role("sets").replaceChildren(...sets.map((each) => {
      const [item, button, name, how] = [makeNode("li"), makeNode("button", { type: "button" }), makeNode("b"), makeNode("span")];
      const counted = each.standing === "preparing" && each.of !== null;
      name.textContent = each.name;
      how.textContent = counted ? words("set_progress", each) : words(`set_${each.standing}`);
      how.dataset.standing = each.standing;
      button.setAttribute("aria-pressed", String(each.name === chosen));
      button.append(name, how);
      button.addEventListener("click", () => choose(each.name === chosen ? null : each.name));
      item.append(button);
      return item;
    }));
  }

  function choose(name) {
    chosen = name;
    if (name === null) seen = null;
    tellSets();
    tellSet();
    look();
  }

  async function look() {
    clearTimeout(timer);
    try {
      const told = JSON.stringify(sets);
      const now = (await ask("sets")).sets;
      if (first) noticeWork(now);
      const name = chosen;
      const known = now.some((each) => each.name === name);
      const one = known ? await ask(`set?set=${encodeURIComponent(name)}`) : null;
      sets = now;
      if (name === chosen) [chosen, seen] = [known ? name : null, one];
      if (told !== JSON.stringify(sets)) {
        tellSets();
        onSets(sets.filter((each) => each.standing === "ready"));
      }
      tellSet();
      useAwaited();
    } catch {
      // The server is away: the preparation goes on, and so does this as soon as it is back.
    }
    clearTimeout(timer);
    if (open) timer = setTimeout(look, EVERY);
  }

  // What was at work before this page was opened is shown at once.
  function noticeWork(now) {
    first = false;
    const one = now.find(({ standing }) => standing === "preparing");
    if (!one || chosen !== null) return;
    role("prepare").open = true;
    chosen = one.name;
  }

  function useAwaited() {
    const one = sets.find(({ name }) => name === awaited);
    if (!one || ["preparing", "stopping"].includes(one.standing)) return;
    if (one.standing === "ready") onUse(awaited);
    awaited = null;
  }

  const begin = (path, body) => doing(async () => {
    const { name } = await ask(`prepare/${path}`, body);
    [chosen, awaited] = [name, name];
  }, look);

  role("set-source").value = memory.read("videos") || "";
  role("set-form").addEventListener("submit", (event) => {
    event.preventDefault();
    memory.write("videos", text("set-source"));
    begin("begin", asked());
  });
  act("set-resume").addEventListener("click", () => begin("resume", { set: chosen }));
  act("set-stop").addEventListener("click", () => doing(() => ask("prepare/stop", { set: chosen }), look));
  act("set-use").addEventListener("click", () => onUse(chosen));
  act("set-close").addEventListener("click", () => choose(null));
  act("set-delete").addEventListener("click", async () => {
    const set = chosen;
    if (await question(words("set_delete_sure", { name: set }))) doing(() => ask("prepare/delete", { set }), look);
  });
  return {
    open() {
      open = true;
      look();
    },
    close() {
      open = false;
      clearTimeout(timer);
    },
    // A run is looked at now.
    hide: () => chosen !== null && choose(null),
    retell() {
      about.forget();
      tellSets();
      tellSet();
    },
  };
}
