// Small buttons: their icons, and the three that every control has (random, reset, lock).

const ICONS = {
  dice:
    "M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 3.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 " +
    "0-3zm8 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm-4 4a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm-4 4a1.5 1.5 0 1 0 0 3 " +
    "1.5 1.5 0 0 0 0-3zm8 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  reset: "M12 5a7 7 0 1 1-6.6 4.7l1.9.6A5 5 0 1 0 12 7v3L7 6l5-4z",
  star: "M12 3l2.8 5.9 6.2.8-4.5 4.4 1.1 6.3-5.6-3-5.6 3 1.1-6.3L3 9.7l6.2-.8z",
  pencil: "M4 16.5V20h3.5L17.8 9.7l-3.5-3.5zM15.6 4.9l3.5 3.5 1.2-1.2a1 1 0 0 0 0-1.4l-2.1-2.1a1 1 0 0 0-1.4 0z",
  cross: "M6.4 5L12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
  lock:
    "M7 10V8a5 5 0 0 1 10 0v2h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zm2 0h6V8a3 3 0 0 0-6 0z",
};

function makeNode(tag, attributes = {}) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// A button that shows an icon and is called words(`tool_${icon}`) with the control's name in it.
function makeTool(icon, key, onPress) {
  const button = makeNode("button", {
    type: "button", class: `vg-tool vg-tool-${icon}`, "data-t-label": `tool_${icon}`, "data-t-name": key,
  });
  button.innerHTML = `<svg aria-hidden="true" viewBox="0 0 24 24"><path d="${ICONS[icon]}"/></svg>`;
  button.addEventListener("click", onPress);
  return button;
}

function makeTools(key, { random, reset, lock }) {
  const keep = makeTool("lock", key, () => {
    const on = keep.getAttribute("aria-pressed") !== "true";
    keep.setAttribute("aria-pressed", String(on));
    lock(key, on);
  });
  keep.setAttribute("aria-pressed", "false");
  const tools = makeNode("span", { class: "vg-tools" });
  tools.append(makeTool("dice", key, () => random(key)), makeTool("reset", key, () => reset(key)), keep);
  return tools;
}
