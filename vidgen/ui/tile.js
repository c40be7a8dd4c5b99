// One tile of the families: a clip of one model, and what there is to say of it.

function createFamilyTile(name, { clock, words, language, address, isOpen, another, onSheet, onBusy, onTrouble }) {
  const COUNTED = 9; // clips whose median is what a clip takes
  const node = makeNode("li", { "data-release": name });
  const text = makeNode("div", { "data-release": name });
  const screen = makeNode("button", { type: "button", class: "vg-screen" });
  const canvas = makeNode("canvas", { "aria-hidden": "true" });
  const caption = makeNode("span", { "aria-hidden": "true" });
  const [title, idea, source, numbers, label] = ["h2", "p", "p", "dl", "label"].map((tag) => makeNode(tag));
  const choice = makeNode("select");
  const about = makeNode("button", { type: "button", class: "vg-quiet" });
  const spent = []; // ms of the newest clips
  let release = null;
  let busy = false;
  let asking = false;

  screen.append(canvas);
  label.append(makeNode("span"), choice);
  node.append(screen, caption);
  text.append(title, label, idea, source, numbers, about);

  function tellNumbers() {
    const { parameters, scores } = release;
    const shares = ([value, ...ends]) => withInterval([value, ...ends].map((each) => Math.round(1000 * each) / 10), String, "%");
    const plain = (value) => `${Number(value.toPrecision(2))}`;
    const ms = [...spent].sort((one, other) => one - other)[Math.floor(spent.length / 2)];
    const rows = [
      ["family_alignment", scores.alignment && shares(scores.alignment)],
      ["family_kid", scores["kid_clip@own"] && withInterval(scores["kid_clip@own"], plain)],
      ["family_kid_second", scores["kid_clip@transnetv2"] && withInterval(scores["kid_clip@transnetv2"], plain)],
      ["family_motion", scores.motion_ratio && words("family_motion_is", { value: withInterval(scores.motion_ratio, plain) })],
      ["family_laws", scores.laws && shares(scores.laws)],
      ["family_parameters", parameters && parameters.toLocaleString(language())],
      ["family_ms", ms === undefined ? "…" : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`],
    ];
    numbers.replaceChildren(...rows.filter(([, value]) => value).map(([key, value]) => {
      const row = makeNode("div");
      const [term, said] = [makeNode("dt"), makeNode("dd")];
      term.textContent = words(key);
      said.textContent = value;
      row.append(term, said);
      return row;
    }));
  }

  // What a clip takes is not told by one for which the model was loaded, nor by one that was there before.
  function count({ cold, ready_made, model_ms }) {
    if (cold || ready_made) return false;
    spent.push(model_ms);
    if (spent.length > COUNTED) spent.shift();
    tellNumbers();
    return true;
  }

  async function time({ meta, form }) {
    if (count(meta) || spent.length > 0 || asking) return;
    asking = true;
    try {
      const answer = await fetch(address(another(form)));
      if (answer.ok) count(JSON.parse(answer.headers.get("X-Sheet")));
    } catch {
      // The next clip tells it.
    }
    asking = false;
  }

  const picture = createPicture(canvas, {
    clock, language, onTrouble, address, isOpen,
    onBusy(now) {
      busy = now;
      onBusy();
    },
    onSheet(sheet) {
      node.dataset.shown = clipQuery(sheet.form, "");
      time(sheet);
      onSheet(sheet);
    },
  });

  return {
    name, node, text, screen, choice, about, picture,
    busy: () => busy,
    // Says everything that does not depend on the state.
    tell(of, peers, voice) {
      release = of;
      const known = FAMILIES[release.family];
      const called = methodWords(release, peers, words);
      const [year, by] = [known?.year, known?.by || words("family_own")];
      title.textContent = caption.textContent = called;
      const without = isUnlabelled(release, peers) ? [words("family_unlabelled")] : [];
      idea.textContent = [...(known ? [words(`idea_${release.family}`)] : []), ...without].join(" ");
      source.textContent = known ? words(year ? "family_source" : "family_unsourced", { by, year }) : "";
      if (known?.arxiv) {
        const link = makeNode("a", { href: `https://arxiv.org/abs/${known.arxiv}`, target: "_blank", rel: "noreferrer" });
        link.textContent = `arXiv ${known.arxiv}`;
        source.append(" ", link);
      }
      about.textContent = words("about");
      about.setAttribute("aria-label", words("about_which", { name: called }));
      label.hidden = release.parts.length === 0;
      label.firstChild.textContent = words("part");
      choice.setAttribute("aria-label", words("family_part", { name: called }));
      choice.replaceChildren(...["", ...release.parts].map((part) => {
        const option = makeNode("option", { value: part });
        option.textContent = partWords(part, words);
        return option;
      }));
      tellNumbers();
    },
    // Shows which clip it is, and whether the controls move this one.
    show(form, moved, said) {
      choice.value = form.part || "";
      screen.setAttribute("aria-label", words("family_open", { family: title.textContent, name: said }));
      node.dataset.moved = text.dataset.moved = String(moved);
    },
  };
}
