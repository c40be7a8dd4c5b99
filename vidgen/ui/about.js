// About a model: the dialog with its card, and with the judge's report in a frame.

// The report is HTML that came with a release: it gets no origin, and so nothing of this page's.
function createAbout(root, { store, voice, rules }) {
  const { words } = voice;
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const act = (name) => root.querySelector(`[data-act="${name}"]`);
  const dialog = role("about");
  const sides = ["card", "report"];
  let name = null; // of the release that it is about
  let card = null; // what the server tells of it; null until it has
  let said = null; // what there is to say instead
  let side = "card";

  const theme = () => (root.closest(".dark") ? "dark" : "light");
  const address = () => `report?${new URLSearchParams({ release: name, lang: voice.language(), theme: theme() })}`;

  // The frame is there only while the report is looked at: nobody else waits for its pictures.
  function showReport() {
    const holder = role("about-report");
    const shown = holder.querySelector("iframe");
    if (side !== "report") return holder.replaceChildren();
    if (shown?.getAttribute("src") === address()) return;
    const frame = makeNode("iframe", { sandbox: "allow-scripts", referrerpolicy: "no-referrer", src: address() });
    frame.title = words("about_report");
    holder.replaceChildren(frame);
  }

  function tell() {
    if (name === null) return;
    const release = rules().releaseOf({ release: name });
    const text = said && (said.key ? words(said.key, said) : said.message);
    role("about-title").textContent = releaseWords(release, rules(), words);
    role("about-said").textContent = text || (card ? "" : words("about_wait"));
    role("about-said").dataset.kind = said ? "trouble" : "busy";
    for (const each of sides) {
      act(`about-${each}`).setAttribute("aria-pressed", String(side === each));
      role(`about-${each}`).hidden = side !== each;
    }
    const reported = Boolean(card?.report);
    act("about-report").parentElement.hidden = !reported;
    if (reported) role("about-tab").href = address();
    if (card) drawCard(role("about-card"), card, release, voice);
    showReport();
  }

  function turn(next) {
    side = next;
    tell();
  }

  async function fetchCard(asked) {
    try {
      const answer = await fetch(`about?${new URLSearchParams({ release: asked })}`, {
        headers: { "Accept-Language": voice.language() },
      });
      const found = answer.ok ? { card: await answer.json() } : { said: await refusal(answer) };
      if (name === asked) ({ card = null, said = null } = found);
    } catch {
      if (name === asked) said = { key: "about_gone" };
    }
    tell();
  }

  for (const each of sides) act(`about-${each}`).addEventListener("click", () => turn(each));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => turn("card"));
  voice.retell(tell);

  function open(release = store.get().release) {
    [name, card, said, side] = [release, null, null, "card"];
    role("about-card").replaceChildren();
    tell();
    dialog.showModal();
    fetchCard(release);
  }

  act("about").addEventListener("click", () => rules() && open());
  return { open };
}
