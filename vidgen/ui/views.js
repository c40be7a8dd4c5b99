// The views of one state: one is open at a time, and the others do no work.

// `views` is name -> {enter(state), open(), close(), follow(state, changed), offered(state), idle(state),
// unmet(state), file()}, each of which may be missing; links leave the first one out. What belongs to views in the page has data-view="name name".
function createViews(root, views, store) {
  const names = Object.keys(views);
  const bar = root.querySelector('[data-role="views"]');
  let open = null;

  const enter = (state) => views[state.view].enter?.(state) ?? {};

  bar.hidden = names.length < 2;
  for (const name of names) {
    const button = makeNode("button", { type: "button", "data-name": name, "data-t": `view_${name}` });
    button.addEventListener("click", () => store.set({ view: name, ...enter({ ...store.get(), view: name }) }));
    bar.append(button);
  }

  // Who was in the view that went is now at the picture of this one, else at the button that opened it.
  function keepFocus(name) {
    if (!document.activeElement.closest("[data-view][hidden]")) return;
    (root.querySelector(`[data-view~="${name}"] > canvas[tabindex]`) || bar.querySelector(`[data-name="${name}"]`)).focus();
  }

  function turn(name) {
    views[open]?.close?.();
    open = name;
    root.dataset.open = name;
    for (const node of root.querySelectorAll("[data-view]")) {
      node.hidden = !node.dataset.view.split(" ").includes(name);
    }
    for (const button of bar.children) {
      button.setAttribute("aria-pressed", String(button.dataset.name === name));
    }
    keepFocus(name);
    views[name].open?.();
  }

  return {
    names,
    // What a view makes of the state that somebody enters it with: keys to change.
    enter,
    follow(state, changed) {
      const offered = (name) => views[name].offered?.(state) ?? true;
      for (const button of bar.children) button.hidden = !offered(button.dataset.name);
      const wanted = offered(state.view) ? state.view : names[0];
      const opened = wanted !== open;
      if (opened) turn(wanted);
      views[open].follow?.(state, opened ? new Set([...changed, "view"]) : changed);
    },
    // What the open view makes of the state by itself: {form, sets(key), key}, which says so in words;
    // undefined where it makes nothing else of it.
    idle: (state) => views[open]?.idle?.(state),
    // What of the state the open view can't show as it stands, as [key, value] pairs.
    unmet: (state) => views[open]?.unmet?.(state) ?? [],
    // What the open view gives to take home, as far as it is not one clip: {query, clips}.
    file: () => views[open]?.file?.(),
  };
}
