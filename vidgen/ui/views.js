// The views of one state: one is open at a time, and the others do no work.

// `views` is name -> {open(), close(), follow(state, changed)}, each of which may be missing; links leave
// the first one out. What belongs to views in the page has data-view="name name".
function createViews(root, views, store) {
  const names = Object.keys(views);
  const bar = root.querySelector('[data-role="views"]');
  let open = null;

  bar.hidden = names.length < 2;
  for (const name of names) {
    const button = makeNode("button", { type: "button", "data-name": name, "data-t": `view_${name}` });
    button.addEventListener("click", () => store.set({ view: name }));
    bar.append(button);
  }

  function turn(name) {
    views[open]?.close?.();
    open = name;
    for (const node of root.querySelectorAll("[data-view]")) {
      node.hidden = !node.dataset.view.split(" ").includes(name);
    }
    for (const button of bar.children) {
      button.setAttribute("aria-pressed", String(button.dataset.name === name));
    }
    views[name].open?.();
  }

  return {
    names,
    follow(state, changed) {
      if (state.view !== open) turn(state.view);
      views[open].follow?.(state, changed);
    },
  };
}
