// Curves over the steps of a run: a small figure with its newest values, drawn as SVG.

const SVG = "http://www.w3.org/2000/svg";

// A number as people read it: three digits that matter.
const shortNumber = (value) => (value === 0 ? "0" : `${Number(value.toPrecision(3))}`);

// What of the values is shown: without the few that would press all others flat.
function spanOf(values) {
  const sorted = values.filter((value) => value !== null).sort((one, other) => one - other);
  if (sorted.length === 0) return null;
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const few = sorted.length < 20;
  const [low, high] = few ? [at(0), at(1)] : [at(0.01), at(0.99)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - room, high + room];
}

function pathOf(steps, values, [low, high]) {
  const [first, last] = [steps[0], steps.at(-1)];
  let pen = "M";
  return values.map((value, k) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const x = last > first ? (100 * (steps[k] - first)) / (last - first) : 50;
    const y = Math.min(Math.max((100 * (high - value)) / (high - low), -5), 105);
    const piece = `${pen}${x.toFixed(2)} ${y.toFixed(2)}`;
    pen = "L";
    return piece;
  }).join("");
}

// `series` is [{name, tint, values}], of as many values as there are steps.
function createChart(titleKey, words) {
  const node = makeNode("figure", { class: "vg-chart" });
  const [caption, title, legend] = ["figcaption", "b", "span"].map((tag) => makeNode(tag));
  const plot = makeNode("div", { role: "img" });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const [top, bottom, right] = ["top", "bottom", "right"].map((side) => makeNode("i", { "data-at": side }));
  caption.append(title, legend);
  plot.append(svg, top, bottom, right);
  node.append(caption, plot);

  function line(values, steps, span, tint) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", pathOf(steps, values, span));
    path.setAttribute("style", `stroke: var(--${tint})`);
    return path;
  }

  return {
    node,
    show(steps, series) {
      const told = series.filter(({ values }) => values?.some((value) => value !== null));
      const span = spanOf(told.flatMap(({ values }) => values));
      node.hidden = span === null;
      if (span === null) return;
      title.textContent = words(titleKey);
      svg.replaceChildren(...told.map(({ values, tint }) => line(values, steps, span, tint)));
      const newest = (values) => shortNumber(values.findLast((value) => value !== null));
      legend.replaceChildren(...told.map(({ name, tint, values }) => {
        const key = makeNode("span", { style: `--tint: var(--${tint})` });
        key.textContent = `${name} ${newest(values)}`;
        return key;
      }));
      [top.textContent, bottom.textContent] = [shortNumber(span[1]), shortNumber(span[0])];
      right.textContent = steps.at(-1);
      const all = told.map(({ name, values }) => `${name} ${newest(values)}`).join(words("list"));
      plot.setAttribute("aria-label", words("chart_said", { title: words(titleKey), step: steps.at(-1), values: all }));
    },
  };
}
