// What is in a prepared data set: its classes in numbers, what was left out and why, a sheet a class.

function createDataSet(box, voice) {
  const { words } = voice;
  let shown = ""; // what was laid out last: pictures are asked for once

  function node(tag, content, attributes) {
    const made = makeNode(tag, attributes);
    made.textContent = content;
    return made;
  }

  const nameOf = (each) => each.name[words("class_field")];
  const number = (value) => value.toLocaleString(voice.language());

  function table({ classes }) {
    const heads = ["set_class", "set_videos", "set_clips", "set_seconds", "set_held"].map((key) => words(key));
    const rows = classes.map((each) => [nameOf(each), ...[each.videos, each.clips, each.seconds, each.held].map(number)]);
    const made = makeNode("table");
    const head = makeNode("tr");
    head.append(...heads.map((text) => node("th", text, { scope: "col" })));
    made.append(head, ...rows.map(([name, ...values]) => {
      const row = makeNode("tr");
      row.append(node("th", name, { scope: "row" }), ...values.map((value) => node("td", value)));
      return row;
    }));
    return made;
  }

  // Sources with what is to be known of them, folded; nothing if there are none.
  function listed(key, { count, few }) {
    if (count === 0) return [];
    const [fold, list] = [makeNode("details", { class: "vg-fold" }), makeNode("ul")];
    const lines = few.map(([source, why]) => `${source}: ${why}`);
    if (count > few.length) lines.push(words("set_others", { count: number(count - few.length) }));
    list.append(...lines.map((line) => node("li", line)));
    fold.append(node("summary", words(key, { count: number(count) })), list);
    return [fold];
  }

  function sheets(name, { classes }) {
    const grid = makeNode("div", { class: "vg-sheets" });
    grid.append(...classes.map((each, label) => {
      const figure = makeNode("figure");
      const picture = makeNode("img", {
        src: `train/sheet?${new URLSearchParams({ set: name, label })}`, loading: "lazy",
        alt: words("set_sheet", { name: nameOf(each) }),
      });
      figure.append(picture, node("figcaption", nameOf(each)));
      return figure;
    }));
    return grid;
  }

  return {
    // `set` as /train/set answers it.
    show({ name, standing, summary }) {
      const there = standing === "ready" && summary;
      const now = there ? JSON.stringify([name, summary]) : "";
      if (now === shown && box.hidden === !there) return;
      shown = now;
      box.hidden = !there;
      if (!there) return box.replaceChildren();
      const line = words("set_about", { ...summary, videos: number(summary.videos), classes: summary.classes.length });
      box.replaceChildren(
        node("p", line, { class: "vg-help" }), table(summary), ...listed("set_left_out", summary.left_out),
        ...listed("set_odd", summary.odd), sheets(name, summary),
      );
    },
    // The words are others now.
    forget() {
      shown = null;
    },
  };
}
