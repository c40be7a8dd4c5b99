// The families of generators, what each is called; and what a model is called among others.

// Who thought of a family, and when. In order of their years.
const FAMILIES = {
  framegan: { called: "FrameGAN" },
  vgan: { called: "VGAN", by: "Vondrick, Pirsiavash, Torralba", year: 2016, arxiv: "1609.02612" },
  mocogan: { called: "MoCoGAN", by: "Tulyakov, Liu, Yang, Kautz", year: 2018, arxiv: "1707.04993" },
  progressive: { called: "Progressive", by: "Karras, Aila, Laine, Lehtinen", year: 2018, arxiv: "1710.10196" },
  convgru: { called: "ConvGRU", by: "Clark, Donahue, Simonyan", year: 2019, arxiv: "1907.06571" },
  stgan: { called: "stgan", year: 2026 },
};

// A loss by its name in the config of a run.
function lossWords(name, words) {
  const key = {
    minimax: "loss_minimax", "non-saturating": "loss_nonsaturating", hinge: "loss_hinge",
    wasserstein: "loss_wasserstein", relativistic: "loss_relativistic",
  }[name];
  return key ? words(key) : name;
}

// Whether a model is of the same data as one with labels: of that data set, at that size, with those
// classes or, without labels, one. A server may not know the data set.
function sameData(labelled, other) {
  const names = ({ classes }) => JSON.stringify(classes.map(({ en, zh }) => [en, zh]));
  const known = Boolean(labelled.data && other.data);
  if (labelled.width !== other.width || labelled.height !== other.height) return false;
  if (known && labelled.data !== other.data) return false;
  return names(labelled) === names(other) || (known && other.classes.length === 1);
}

// The models by their data; of the same data by the year of their family.
function kindsOfData(releases) {
  const kinds = [];
  const labels = ({ classes }) => classes.length > 1;
  for (const each of [...releases.filter(labels), ...releases.filter((one) => !labels(one))]) {
    const kind = kinds.find(([first]) => sameData(first, each));
    if (kind) kind.push(each);
    else kinds.push([each]);
  }
  const place = ({ family }) => Object.keys(FAMILIES).indexOf(family) + 1 || 99;
  return kinds.map((kind) => kind.sort((one, other) => place(one) - place(other)));
}

const isUnlabelled = (release, peers) => release.classes.length === 1 && peers.some(({ classes }) => classes.length > 1);

// What a model is called among others of its data: its family, and as much more as tells them apart.
function methodWords(release, peers, words) {
  const { called } = FAMILIES[release.family] || { called: release.family };
  const twins = peers.filter(({ family }) => family === release.family);
  const apart = (tell) => new Set(twins.map(tell)).size > 1;
  const unlabelled = (each) => isUnlabelled(each, peers);
  const said = [called];
  if (apart(({ loss }) => loss) && release.loss) said.push(lossWords(release.loss, words));
  if (unlabelled(release)) said.push(words("about_no_labels"));
  const alike = twins.filter((each) => each.loss === release.loss && unlabelled(each) === unlabelled(release));
  if (alike.length > 1) said.push(release.name);
  return said.join(" · ");
}

// A model as it is chosen among all: title and size, and before them its method where others have the
// same.
function releaseWords(release, { releases, peersOf }, words) {
  const sized = (each) => `${each.title[words("class_field")]} · ${each.width}×${each.height}`;
  const alike = releases.filter((each) => sized(each) === sized(release));
  if (alike.length < 2) return sized(release);
  return `${methodWords(release, peersOf(release), words)} · ${sized(release)}`;
}

// A number with its unit, and in brackets the ends of its interval, where it has one.
function withInterval([value, ...ends], say, unit = "") {
  const number = `${say(value)}${unit}`;
  return ends.length ? `${number} (${ends.map(say).join("–")}${unit})` : number;
}
