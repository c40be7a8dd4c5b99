// A clip in words: what it is, and in what two of them differ.

function createTelling({ rules, words, mixWords }) {
  // As much of a model's name as tells it apart.
  function title(form) {
    const release = rules().releaseOf(form);
    const own = (each) => each.title[words("class_field")];
    const alike = rules().releases.filter((each) => own(each) === own(release));
    return alike.length > 1 ? releaseWords(release, rules(), words) : own(release);
  }

  const nameOf = (key) => words({ walk: "along_walk", at: "path_place" }[key] || key);

  function valueWords(key, form) {
    if (key === "release") return title(form);
    if (key === "class" || key === "class_b") return mixWords({ release: form.release, class: form[key] });
    if (key === "part") return partWords(form.part, words);
    if (key === "loop") return words(form.loop ? "on" : "off");
    return `${form[key]}`;
  }

  function contentWords({ seed, seed_b, seed_c, seed_d, t, u, walk, at }) {
    if (walk) return words("told_walk", { walk: walk.replaceAll(",", " "), at });
    if (u > 0) return words("told_plane", { seeds: [seed, seed_b, seed_c, seed_d].join(" ") });
    return words("told_seed", { seed: t > 0 ? `${seed} → ${seed_b}, ${Math.round(100 * t)}%` : seed });
  }

  function motionWords({ motion, motion_b, motion_t }) {
    const place = motion_t > 0 ? `${motion} → ${motion_b}, ${Math.round(100 * motion_t)}%` : motion;
    return words("told_motion", { motion: place });
  }

  return {
    // What it is, and what of it is not neutral.
    clip(form) {
      const more = ["psi", "frames", "step", "start"].filter((key) => form[key] !== NEUTRAL[key]);
      const rest = more.map((key) => `${words(key)} ${form[key]}`);
      if (form.loop) rest.push(words("loop"));
      if (form.part) rest.push(partWords(form.part, words));
      return [title(form), mixWords(form), contentWords(form), motionWords(form), ...rest].join(" · ");
    },
    // In what two forms differ, each key with both values; "" where they are the same clip.
    difference(one, other) {
      const seen = (key) => playsAPart(key, one) || playsAPart(key, other);
      const anew = one.release !== other.release; // then the same number is another class
      const differs = (key) => one[key] !== other[key] || (anew && key === "class");
      const keys = FORM_KEYS.filter((key) => differs(key) && seen(key));
      return keys
        .map((key) => `${nameOf(key)} ${valueWords(key, one)}\u00a0/ ${valueWords(key, other)}`)
        .join(" · ");
    },
  };
}
