// A state of the page as a browser keeps it: the text of its link, without how it is looked at.

function createEntries({ rules, views }) {
  const LONGEST = 1500; // characters
  const KEYS = [...LINK_KEYS.filter((key) => !(key in LOOKS))];

  // The keys and values of a text, as an object; {wrong} where it has a key that is none, or twice.
  function parse(text) {
    const given = {};
    for (const [key, value] of new URLSearchParams(text)) {
      if (!KEYS.includes(key) || key in given) return { wrong: [key, value] };
      given[key] = value;
    }
    return { given };
  }

  function readForm(given) {
    const { form, wrong } = rules.read(given);
    return { form, wrong: wrong && [wrong, given[wrong] ?? ""] };
  }

  // The other side of a comparison: a walk has commas of its own.
  function readWith(text) {
    const [junk, ...parts] = text.split(/(?:^|,)([a-z_]+):/);
    if (junk || parts.length === 0) return { wrong: ["with", text] };
    const pairs = Array.from({ length: parts.length / 2 }, (_, k) => [parts[2 * k], parts[2 * k + 1]]);
    return readForm(Object.fromEntries(pairs));
  }

  // The looks of one view; what is not said is neutral.
  function readView(given) {
    const legal = VIEW_LOOKS[given.view] || {};
    const looks = { view: given.view ?? views[0] };
    if (!views.includes(looks.view)) return { wrong: ["view", given.view] };
    for (const key of KEYS) {
      if (!(key in ALL_LOOKS) || (!(key in legal) && !(key in given))) continue;
      looks[key] = key in given ? legal[key] && legalLook(legal[key], given[key]) : legal[key][0];
      if (looks[key] === undefined) return { wrong: [key, given[key]] };
    }
    return { looks };
  }

  return {
    write(state) {
      const pairs = linkPairs(state, rules, views).filter(([key]) => !(key in LOOKS));
      return new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
    },
    // What a text says, whoever wrote it: {patch}, to be written into the store, or {wrong}, the first
    // [key, value] that is not legal here.
    read(text) {
      if (typeof text !== "string" || text.length > LONGEST) return { wrong: ["link", String(text)] };
      const { given, wrong } = parse(text);
      if (wrong) return { wrong };
      const { view, with: beside, ...rest } = given;
      const keys = Object.keys(rest).filter((key) => FORM_KEYS.includes(key));
      const main = readForm(Object.fromEntries(keys.map((key) => [key, rest[key]])));
      const seen = readView(given);
      const compared = view === "compare";
      const other = compared && beside !== undefined ? readWith(beside) : {};
      if (compared !== (beside !== undefined)) other.wrong = ["with", beside ?? ""];
      const first = main.wrong || seen.wrong || other.wrong;
      if (first) return { wrong: first };
      return { patch: { ...main.form, ...seen.looks, ...(compared && { other: other.form }) } };
    },
  };
}
