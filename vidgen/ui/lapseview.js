// How a release learned: the time-lapse that its training left, where there is one.

function createLapseView(root, { store, clock, voice, rules, mixWords, onTrouble }) {
  const { words } = voice;
  const room = root.querySelector('.vg-room[data-view="lapse"]');
  let open = false;
  const release = () => rules().releaseOf(store.get());
  const formOf = ([label, seed]) => rules().complete({ release: release().name, class: label, seed, motion: seed });
  const lapse = createLapse(room.querySelector('[data-role="lapse"]'), {
    clock, voice, onTrouble, isOpen: () => open,
    address: () => `lapse?${new URLSearchParams({ release: release().name, v: release().version })}`,
    label: (place) => words("lapse_step", { step: release().lapse[place].toLocaleString(voice.language()) }),
    clipsOf: (place, { meta }) => meta.shown.map((_, k) => place * meta.shown.length + k),
    nameOf: (index, { meta }) => words("wall_clip", { name: mixWords(formOf(meta.shown[index])), seed: meta.shown[index][1] }),
    onPick: (index, { meta }) => store.set({ ...formOf(meta.shown[index]), view: "stage" }),
  });

  voice.retell(() => rules() && open && lapse.retell());
  return {
    offered: (state) => Boolean(rules().releaseOf(state).lapse),
    open() {
      open = true;
      lapse.open(true);
    },
    close() {
      open = false;
      lapse.open(false);
    },
    follow(state, changed) {
      if (changed.has("pixels") || changed.has("view")) lapse.look(state.pixels);
      if (!changed.has("view") && !changed.has("release")) return;
      lapse.renew();
      lapse.show([...release().lapse.keys()]);
    },
  };
}
