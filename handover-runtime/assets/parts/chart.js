// A small line chart of the last minutes, drawn by hand.

import { h, write } from "../lib/dom.js";

const WIDTH = 300;
const HEIGHT = 80;
/** A line continues over at most this many points without a value: a minute. */
const LONGEST_GAP = 12;

const svg = (tag, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

/**
 * `lines` are `{name, tone}`; `update(values, times)` takes an array of numbers or nulls for each. `format`
 * writes a value; `nothing` is shown while there is none. With `stacked`, each line begins on the one before.
 */
export function chart({ id, title, lines, format, nothing, stacked = false }) {
  const legend = h("dl", { class: "legend" });
  const figures = lines.map(({ name, tone }) => {
    const value = h("dd", {}, "–");
    legend.append(h("div", { class: `tone-${tone}` }, h("dt", {}, name), value));
    return value;
  });
  const top = h("span", { class: "chart-top" });
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const grid = svg("path", { class: "chart-grid", d: `M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}` });
  const shapes = lines.map(({ tone }) => ({
    area: svg("path", { class: `chart-area tone-${tone}` }),
    line: svg("path", { class: `chart-line tone-${tone}` }),
  }));
  const cursor = svg("path", { class: "chart-cursor" });
  plot.append(grid, ...shapes.map(({ area }) => area), ...shapes.map(({ line }) => line), cursor);
  const from = h("span", {});
  const at = h("span", {}, "now");
  const empty = h("p", { class: "chart-empty" }, nothing);
  const box = h("section", { class: "panel chart", "data-testid": `chart-${id}` },
    h("div", { class: "chart-head" }, h("h2", {}, title), legend),
    h("div", { class: "chart-plot" }, plot, top, empty),
    h("div", { class: "chart-times" }, from, at));
  let shown = { values: lines.map(() => []), times: [] };
  let pointed = null;

  function x(index, count) {
    return count > 1 ? (index / (count - 1)) * WIDTH : WIDTH;
  }

  function draw() {
    const { values, times } = shown;
    const heights = stacked
      ? values.map((own, line) => times.map((_, index) => (own[index] === null ? null : values.slice(0, line + 1).reduce((sum, one) => sum + (one[index] ?? 0), 0))))
      : values;
    const highest = Math.max(0, ...heights.flat().filter((value) => value !== null));
    const scale = nice(highest);
    const hasAny = highest > 0 || (!stacked && values.flat().some((value) => value !== null && value !== undefined) && nothing === undefined);
    empty.hidden = hasAny || !nothing;
    plot.toggleAttribute("data-empty", !empty.hidden);
    write(top, highest > 0 ? format(scale) : "");
    const y = (value) => HEIGHT - 1 - (value / (scale || 1)) * (HEIGHT - 4);
    heights.forEach((line, index) => {
      // Of a part that is nothing, no line covers the others.
      const drawn = stacked ? line.map((value, at) => (values[index][at] ? value : null)) : line;
      shapes[index].line.setAttribute("d", path(drawn, y));
      shapes[index].area.setAttribute("d", area(line, stacked ? heights[index - 1] : undefined, y));
    });
    write(from, times.length > 1 ? `${Math.max(1, Math.round((times.at(-1) - times[0]) / 60_000))} min ago` : "");
    show();
  }

  function path(line, y) {
    let d = "";
    let last;
    line.forEach((value, index) => {
      if (value === null || value === undefined) return;
      const goesOn = last !== undefined && index - last <= (stacked ? 1 : LONGEST_GAP);
      const next = line.slice(index + 1, index + 1 + LONGEST_GAP).some((one) => one !== null && one !== undefined);
      d += `${goesOn ? "L" : "M"}${x(index, line.length).toFixed(1)} ${y(value).toFixed(1)}${goesOn || next ? "" : "h1"}`;
      last = index;
    });
    return d;
  }

  function area(line, below, y) {
    const from = line.findIndex((value) => value !== null && value !== undefined);
    const part = line.slice(from);
    if (from < 0 || part.length < 2 || part.some((value) => value === null || value === undefined)) return "";
    const there = part.map((value, index) => `${x(from + index, line.length).toFixed(1)} ${y(value).toFixed(1)}`);
    const back = part.map((_, index) => `${x(from + index, line.length).toFixed(1)} ${y(below?.[from + index] ?? 0).toFixed(1)}`).reverse();
    return `M${there.join("L")}L${back.join("L")}Z`;
  }

  function show() {
    const { values, times } = shown;
    const index = pointed === null ? times.length - 1 : Math.min(pointed, times.length - 1);
    const isNow = pointed === null || index < 0;
    figures.forEach((figure, line) => {
      const value = isNow ? lastOf(values[line]) : values[line][index];
      write(figure, value === null || value === undefined ? "–" : format(value));
    });
    cursor.setAttribute("d", isNow ? "" : `M${x(index, times.length)} 0V${HEIGHT}`);
    write(at, isNow ? "now" : new Date(times[index]).toLocaleTimeString([], { hourCycle: "h23" }));
    plot.setAttribute("aria-label", `${title}: ${lines.map(({ name }, line) => `${name} ${figures[line].textContent}`).join(", ")}`);
  }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    pointed = Math.round(((event.clientX - box.left) / box.width) * (shown.times.length - 1));
    show();
  });
  plot.addEventListener("pointerleave", () => {
    pointed = null;
    show();
  });
  return {
    element: box,
    update(values, times) {
      shown = { values, times };
      draw();
    },
  };
}

const lastOf = (values) => values.findLast((value) => value !== null && value !== undefined);

/** The next round number: 1, 2, 3, 4, 5, 6, 8, 10, 20 … */
function nice(value) {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}
