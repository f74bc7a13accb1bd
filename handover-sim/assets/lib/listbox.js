// Long list that renders only its visible rows: one Tab stop, arrow keys inside.

import { h } from "./dom.js";

/** Number of rows rendered above and below the visible ones. */
const SPARE = 6;

/** Attributes that the list sets on a row. All others belong to the row. */
const OWN = new Set(["class", "role", "id", "style", "data-key", "aria-posinset", "aria-setsize"]);

/**
 * `source` has `count()`, `item(index)` (undefined while it is being fetched), `indexOf(key)`, and
 * `need(from, to)`, called with the visible range. `build(item)` makes a row; `choose(item)` opens it.
 */
export function listbox(box, { height, source, build, choose }) {
  const pad = box.appendChild(h("div", { class: "list-pad", role: "presentation" }));
  const shown = new Map();
  let active;

  const indexOfActive = () => (active === undefined ? -1 : source.indexOf(active));

  function render() {
    const count = source.count();
    pad.style.height = `${count * height}px`;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - SPARE);
    const last = Math.min(count, Math.ceil((box.scrollTop + box.clientHeight) / height) + SPARE);
    const kept = new Set();
    let at = pad.firstElementChild;
    for (let index = first; index < last; index += 1) {
      const item = source.item(index);
      const key = String(item?.key ?? `missing-${index}`);
      kept.add(key);
      const row = place(key, item, index, count);
      while (at && at !== row && !kept.has(at.dataset.key)) at = at.nextElementSibling;
      if (row === at) at = at.nextElementSibling;
      else pad.insertBefore(row, at);
    }
    for (const [key, row] of shown) {
      if (kept.has(key)) continue;
      row.remove();
      shown.delete(key);
    }
    if (shown.has(String(active))) box.setAttribute("aria-activedescendant", idOf(active));
    else box.removeAttribute("aria-activedescendant");
    if (last > first) source.need(first, last);
  }

  /** A row keeps its element while it changes, so that clicks do not miss it. */
  function place(key, item, index, count) {
    let row = shown.get(key);
    if (!row) {
      row = h("div", { class: "list-row", role: "option", id: idOf(key), "data-key": key });
      row.style.height = `${height}px`;
      shown.set(key, row);
    }
    row.style.transform = `translateY(${index * height}px)`;
    row.setAttribute("aria-posinset", index + 1);
    row.setAttribute("aria-setsize", count);
    row.classList.toggle("active", key === String(active));
    const signature = JSON.stringify(item);
    if (row.signature === signature && signature !== undefined) return row;
    row.signature = signature;
    row.classList.toggle("missing", !item);
    const fresh = item && build(item);
    for (const name of row.getAttributeNames()) {
      if (!OWN.has(name)) row.removeAttribute(name);
    }
    for (const { name, value } of fresh?.attributes ?? []) {
      if (name === "class") row.className = `list-row ${value}${row.classList.contains("active") ? " active" : ""}`;
      else row.setAttribute(name, value);
    }
    row.replaceChildren(...(fresh?.childNodes ?? []));
    return row;
  }

  const idOf = (key) => `${box.id}-${key}`;

  function reveal(index) {
    if (index < 0) return;
    const top = index * height;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight;
  }

  function activate(index) {
    const item = source.item(index);
    if (!item) return;
    active = item.key;
    reveal(index);
    render();
  }

  box.addEventListener("scroll", render, { passive: true });
  new ResizeObserver(render).observe(box);
  box.addEventListener("click", (event) => {
    const row = event.target.closest("[data-key]");
    const index = row ? source.indexOf(row.dataset.key) : -1;
    const item = index >= 0 && source.item(index);
    if (!item) return;
    active = item.key;
    render();
    choose(item);
  });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = source.count() - 1;
    const page = Math.max(1, Math.floor(box.clientHeight / height) - 1);
    const here = indexOfActive();
    const to = {
      ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: last,
    }[event.key];
    if (to !== undefined) activate(Math.min(last, Math.max(0, to)));
    else if (event.key === "Enter" && here >= 0) choose(source.item(here));
    else return;
    event.preventDefault();
  });

  return {
    render,
    reveal,
    /** Rows were added above: keeps the scroll position. */
    grewAbove(rows) {
      if (box.scrollTop > 0) {
        pad.style.height = `${source.count() * height}px`;
        box.scrollTop += rows * height;
      }
      render();
    },
    activate(key) {
      active = key;
      render();
    },
    toTop() {
      box.scrollTop = 0;
      render();
    },
    isAtTop: () => box.scrollTop < height,
    step(by) {
      const to = indexOfActive() + by;
      if (to < 0 || to >= source.count()) return;
      activate(to);
      const item = source.item(to);
      if (item) choose(item);
    },
  };
}
