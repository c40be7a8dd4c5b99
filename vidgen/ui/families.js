// The families of generators: what each is called, who thought of it, when. In order of their years.
const FAMILIES = {
  framegan: { called: "FrameGAN" },
  vgan: { called: "VGAN", by: "Vondrick, Pirsiavash, Torralba", year: 2016, arxiv: "1609.02612" },
  mocogan: { called: "MoCoGAN", by: "Tulyakov, Liu, Yang, Kautz", year: 2018, arxiv: "1707.04993" },
  progressive: { called: "Progressive", by: "Karras, Aila, Laine, Lehtinen", year: 2018, arxiv: "1710.10196" },
  convgru: { called: "ConvGRU", by: "Clark, Donahue, Simonyan", year: 2019, arxiv: "1907.06571" },
  stgan: { called: "stgan", year: 2026 },
};

// The releases of the same data: the same classes, the same picture; by the year of their family.
function peersOf(release, releases) {
  const data = ({ classes, width, height }) => JSON.stringify([classes.map(({ en, zh }) => [en, zh]), width, height]);
  const place = ({ family }) => Object.keys(FAMILIES).indexOf(family) + 1 || 99;
  const peers = releases.filter((each) => data(each) === data(release));
  return peers.sort((one, other) => place(one) - place(other));
}

// A loss by its name in the config of a run.
function lossWords(name, words) {
  const key = {
    minimax: "loss_minimax", "non-saturating": "loss_nonsaturating", hinge: "loss_hinge",
    wasserstein: "loss_wasserstein", relativistic: "loss_relativistic",
  }[name];
  return key ? words(key) : name;
}

// A release as it is chosen among others.
function releaseWords(release, releases, words) {
  return `${release.title[words("class_field")]} · ${release.width}×${release.height}`;
}

// A number, and in brackets the ends of its interval, where it has one.
function withInterval([value, ...ends], say) {
  return ends.length ? `${say(value)} (${ends.map(say).join("–")})` : say(value);
}
