// Clips side by side: one canvas that plays them in step, and over it a button for each of them.

// `holder` becomes a grid: arrow keys move in it, a click or Enter calls onPick(index of the clip). `now()` is the
// sheet to draw from.
function createCells(holder, { clock, now, label, onPick }) {
  const canvas = makeNode("canvas", { "aria-hidden": "true" });
  const grid = makeNode("div", { role: "grid", "data-t-label": label });
  const context = canvas.getContext("2d");
  holder.append(canvas, grid);
  let across = 1; // cells a row
  let order = []; // the clip of the sheet that each place shows
  let buttons = [];
  let laid = "";
  let marked = -1;
  let smooth = true;
  let open = false;

  function draw() {
    const [frame, sheet] = [clock.frame(), now()];
    if (!open || !sheet || frame < 0 || holder.clientWidth === 0) return;
    const down = Math.ceil(buttons.length / across);
    const side = (k, count, size) => Math.round((k * size) / count);
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = "high";
    for (let cell = 0; cell < buttons.length; cell++) {
      const [column, row] = [cell % across, Math.floor(cell / across)];
      const [left, top] = [side(column, across, canvas.width), side(row, down, canvas.height)];
      const [right, bottom] = [
        side(column + 1, across, canvas.width), side(row + 1, down, canvas.height),
      ];
      const at = Math.min(frame, sheet.meta.frames - 1);
      drawCell(context, sheet, order[cell], at, [left, top, right - left, bottom - top]);
    }
  }

  function fit() {
    if (!now()) return;
    const { width, height } = now().meta;
    const down = Math.ceil(buttons.length / across);
    fitCanvas(canvas, [4 * width * across, 4 * height * down]);
    draw();
  }

  function heading(kind, text) {
    const node = makeNode("span", { role: kind });
    node.textContent = text;
    node.title = text;
    return node;
  }

  // Lays the buttons out anew: as many as there are names, with headings or without.
  function lay(names, columns, rows) {
    const kept = buttons.indexOf(document.activeElement);
    buttons = names.map((name, index) => {
      const button = makeNode("button", { type: "button", tabindex: index === 0 ? 0 : -1 });
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => onPick(order[index]));
      return button;
    });
    const lines = [];
    if (columns) {
      const line = makeNode("div", { role: "row" });
      line.append(makeNode("span", { role: "gridcell" }), ...columns.map((each) => heading("columnheader", each)));
      lines.push(line);
    }
    for (let first = 0; first < names.length; first += across) {
      const line = makeNode("div", { role: "row" });
      if (rows) line.append(heading("rowheader", rows[first / across]));
      for (const button of buttons.slice(first, first + across)) {
        const cell = makeNode("span", { role: "gridcell" });
        cell.append(button);
        line.append(cell);
      }
      lines.push(line);
    }
    grid.replaceChildren(...lines);
    holder.dataset.headed = String(Boolean(columns));
    holder.style.setProperty("--n", across);
    if (marked >= 0) mark(Math.min(marked, buttons.length - 1));
    if (kept >= 0) buttons[Math.min(kept, buttons.length - 1)].focus();
  }

  function mark(index) {
    buttons[marked]?.removeAttribute("aria-current");
    marked = index;
    buttons[index]?.setAttribute("aria-current", "true");
  }

  grid.addEventListener("focusin", ({ target }) => {
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  });
  grid.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const steps = {
      ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - across, ArrowDown: at + across,
      Home: at - (at % across), End: at - (at % across) + across - 1,
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    buttons[steps[event.key]]?.focus();
  });
  new ResizeObserver(fit).observe(canvas);
  clock.watch(draw);
  return {
    mark,
    // What is shown: the name of each place, places a row, and perhaps headings, and which clip of the
    // sheet each place shows.
    show({ names, count, columns = null, rows = null, clips = [...names.keys()] }) {
      order = clips;
      const shape = JSON.stringify([names, count, columns, rows]);
      holder.style.setProperty("--ratio", `${now().meta.width} / ${now().meta.height}`);
      if (shape !== laid) {
        laid = shape;
        across = count;
        lay(names, columns, rows);
      }
      fit();
    },
    look(pixels) {
      smooth = !pixels;
      draw();
    },
    open(on) {
      open = on;
      if (on) fit();
    },
  };
}
