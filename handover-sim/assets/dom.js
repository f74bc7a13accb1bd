// Makes elements. Data reaches the page as text only: no markup is ever made of it.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Brings a list's children in line with the items, and leaves alone what has not changed. */
export function reconcile(list, items, build) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let at = list.firstElementChild;
  for (const item of items) {
    const signature = JSON.stringify(item);
    let child = known.get(item.key);
    if (!child || child.signature !== signature) {
      const fresh = build(item);
      fresh.dataset.key = item.key;
      fresh.signature = signature;
      if (child) {
        if (at === child) at = fresh;
        child.replaceWith(fresh);
      }
      child = fresh;
    }
    known.delete(item.key);
    if (child === at) at = at.nextElementSibling;
    else list.insertBefore(child, at);
  }
  for (const gone of known.values()) gone.remove();
}

/**
 * Keeps the end of a scrolling box in sight for as long as the reader has not scrolled away from it.
 * Call `settle` after every change; `toEnd` goes there whatever the reader did.
 */
export function follow(box, away = () => {}) {
  let following = true;
  const settle = () => {
    if (following) box.scrollTop = box.scrollHeight;
    away(!following);
  };
  const toEnd = () => {
    following = true;
    settle();
  };
  box.addEventListener("scroll", () => {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    away(!following);
  });
  new ResizeObserver(settle).observe(box);
  return { settle, toEnd };
}

const SHAPES = {
  send: ["M4 12h15", "M12 5l7 7-7 7"],
  toApp: ["M5 12h14", "M13 6l6 6-6 6"],
  fromApp: ["M19 12H5", "M11 6l-6 6 6 6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  bot: ["M12 4v4", "M6 8h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z", "M9 12.5v2", "M15 12.5v2"],
  people: ["M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z", "M2.5 20a6.5 6.5 0 0 1 13 0", "M16 4.5a3.5 3.5 0 0 1 0 6.5", "M17.5 14a6.5 6.5 0 0 1 4 6"],
  nobody: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M8 12h8"],
  image: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4", "M15.5 9h.01"],
  audio: ["M9 18V6l10-2v12", "M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z", "M19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"],
  video: ["M3 6h12v12H3z", "M15 10.5l6-3.5v10l-6-3.5"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4"],
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  })) svg.setAttribute(key, value);
  for (const d of SHAPES[name] ?? SHAPES.file) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

export const initial = (name) => [...name][0]?.toUpperCase() ?? "?";

export const clock = (at) =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const clockSeconds = (at) =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
