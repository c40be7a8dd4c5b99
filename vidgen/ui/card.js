// A model card: what a release is, how good, how it was made. All of it is text from outside.

function drawCard(holder, card, release, voice) {
  const { words } = voice;
  const own = (pair) => pair[words("class_field")];
  const whole = (number) => Math.round(number).toLocaleString(voice.language());
  const plain = (number) => (Math.abs(number) < 1000 ? `${Number(number.toPrecision(3))}` : whole(number));
  const share = (number) => (number === null ? "–" : `${Math.round(1000 * number) / 10}%`);

  function make(tag, content = "", attributes = {}) {
    const node = makeNode(tag, attributes);
    node.append(...[content].flat());
    return node;
  }

  // Rows of cells; the first of each names it.
  function table(kind, head, rows) {
    const row = (cells) => make("tr", cells.map((text, k) => (k ? make("td", text) : make("th", text, { scope: "row" }))));
    const top = make("tr", head.map((text) => make("th", text, { scope: "col" })));
    return make("table", [make("thead", [top]), make("tbody", rows.map(row))], { class: kind });
  }

  function numbers() {
    const measured = card.numbers.map(({ name, values, meaning }) => [name, withInterval(values, plain), own(meaning)]);
    const distances = card.distances.map(({ name, values, floor }) => [
      name, withInterval(values, plain), words("about_distance", { floor: plain(floor[0]) }),
    ]);
    const rows = [...measured, ...distances];
    if (rows.length === 0) return [make("p", words("about_unmeasured"))];
    const head = [words("about_number"), words("about_value"), words("about_meaning")];
    return [make("p", words("about_brackets")), table("vg-numbers", head, rows)];
  }

  function classes() {
    if (card.shares.length === 0) return [];
    const lawful = card.shares.some(([, , law]) => law !== null);
    const head = [words("class"), words("about_seen"), words("about_seen_real"), words("family_laws")];
    const rows = card.shares.map((shares, k) => [own(release.classes[k]), ...shares.map(share)]);
    const cut = (cells) => (lawful ? cells : cells.slice(0, 3));
    return [make("h3", words("about_by_class")), table("vg-shares", cut(head), rows.map(cut))];
  }

  function kind() {
    const { called, by, year } = FAMILIES[card.family] || { called: card.family };
    const source = by ? `${called} (${by}, ${year})` : called;
    const labels = card.made ? [words(card.made.labels ? "about_labels" : "about_no_labels")] : [];
    return [source, ...labels].join(words("list"));
  }

  function cost({ clips, steps, seconds, device }) {
    const seen = clips ? words("about_clips", { clips: whole(clips), steps: whole(steps) }) : words("about_steps", { steps: whole(steps) });
    return [seen, ...spent(seconds, device)].join(words("list"));
  }

  function spent(seconds, device) {
    const minutes = plain(seconds / 60);
    return seconds > 0 ? [words(device === "cpu" ? "about_cpu_time" : "about_time", { minutes, device })] : [];
  }

  function ancestor({ name, data, clips, seconds, device }) {
    const seen = clips ? [words("about_clips_alone", { clips: whole(clips) })] : [];
    return [words("about_ancestor_is", { name, data }), ...seen, ...spent(seconds, device)].join(words("list"));
  }

  function facts() {
    const { made } = card;
    const size = { parameters: whole(card.parameters), megabytes: plain(card.bytes / 1e6) };
    const packages = Object.entries(made?.packages || {}).map((pair) => pair.join(" ")).join(words("list"));
    const rows = [
      ["about_data", made && words("about_data_is", { name: made.data, print: made.fingerprint.slice(0, 16) })],
      ["about_kind", kind()],
      ["about_loss", made?.loss && lossWords(made.loss, words)],
      ["about_cost", made && cost(made)],
      ...[...(made?.ancestors || [])].reverse().map((each) => ["about_ancestor", ancestor(each)]),
      ["about_size", words("about_size_is", size)],
      ["about_code", made && words("about_code_is", { revision: made.revision.slice(0, 12), seed: made.seed })],
      ["about_packages", packages],
      ["about_checksum", card.sha256],
    ];
    const told = rows.filter(([, text]) => text).flatMap(([key, text]) => [make("dt", words(key)), make("dd", text)]);
    const config = made?.config && make("details", [make("summary", words("about_config")), make("pre", made.config, { tabindex: "0" })]);
    return [make("dl", told), ...(config ? [config] : [])];
  }

  const ancestors = card.made?.ancestors || [];
  const terms = card.made ? [words("about_licence_is", card.made), ...ancestors.map((each) => words("about_ancestor_licence", each))] : [];
  holder.replaceChildren(
    make("h3", words("about_good")), ...numbers(), ...classes(),
    make("h3", words("about_making")), ...facts(),
    ...(card.limits.length ? [make("h3", words("about_limits")), make("ul", card.limits.map((each) => make("li", own(each))))] : []),
    ...(terms.length ? [make("h3", words("about_licence")), ...terms.map((each) => make("p", each))] : [])
  );
}
