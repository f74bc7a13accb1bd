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

/** Screen readers announce every write, so nothing is written twice. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
