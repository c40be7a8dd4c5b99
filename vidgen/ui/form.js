// The state in words: its keys, what each means where it is left out, which of them play a part.

// Of these a picture is made. They are the keys of links and of the GET routes; all are numbers but
// the release, the walk, which is seeds with commas between them, and the part that is looked at.
const FORM_KEYS = [
  "release", "class", "class_b", "mix", "seed", "seed_b", "seed_c", "seed_d", "t", "u", "walk", "at",
  "motion", "motion_b", "motion_t", "psi", "frames", "start", "step", "loop", "part",
];
const TEXT_KEYS = ["release", "walk", "part"];
const SEED_KEYS = ["seed", "seed_b", "seed_c", "seed_d", "motion", "motion_b"];
const WHOLE_KEYS = [...SEED_KEYS, "frames", "loop"];
const CONTENT_KEYS = ["seed", "seed_b", "seed_c", "seed_d", "t", "u"];
const TIME_KEYS = ["frames", "step", "start", "loop"];

// What a form means that leaves a key out. Links rely on it, so it stays as it is for ever.
const NEUTRAL = {
  class: 0, mix: 0, seed: 0, t: 0, u: 0, walk: "", at: 0, motion: 0, motion_t: 0, psi: 1, frames: 16,
  start: 0, step: 1, loop: 0, part: "",
};
// The far ends, where nobody has chosen them: so many seeds on, so that each way leads somewhere.
const FAR_ENDS = {
  seed_b: ["seed", 1], seed_c: ["seed", 2], seed_d: ["seed", 3], motion_b: ["motion", 1],
};

function isFarEnd(key) {
  return key in FAR_ENDS || key === "class_b";
}

// Where a key is not named here, it always plays a part. A server may lack the newer keys.
const PLAYS_A_PART = {
  class_b: (form) => form.mix > 0,
  mix: (form) => form.mix > 0,
  seed_b: (form) => !form.walk && form.t > 0 && form.u !== 1,
  seed_c: (form) => !form.walk && form.u > 0 && form.t < 1,
  seed_d: (form) => !form.walk && form.u > 0 && form.t > 0,
  u: (form) => !form.walk && form.u > 0,
  walk: (form) => Boolean(form.walk),
  at: (form) => Boolean(form.walk),
  part: (form) => Boolean(form.part),
  motion_b: (form) => form.motion_t > 0,
  motion_t: (form) => form.motion_t > 0,
};

function playsAPart(key, form) {
  return PLAYS_A_PART[key] ? PLAYS_A_PART[key](form) : true;
}

// Near ends always go along, but at the far end they weigh nothing.
const WEIGHS_NOTHING = {
  class: (form) => form.mix === 1,
  seed: (form) => Boolean(form.walk) || form.t === 1 || form.u === 1,
  motion: (form) => form.motion_t === 1,
};

// Whether a control changes nothing just now.
function isIdle(key, form) {
  if (WEIGHS_NOTHING[key]) return WEIGHS_NOTHING[key](form);
  return isFarEnd(key) && !playsAPart(key, form);
}

// What the GET routes are asked for: what plays no part is no part of the cache's key.
function clipQuery(form, version) {
  const sent = new URLSearchParams();
  for (const key of FORM_KEYS) if (key in form && playsAPart(key, form)) sent.set(key, form[key]);
  if (version) sent.set("v", version);
  return sent.toString();
}
