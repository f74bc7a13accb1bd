// Menus and small forms that open at a button, and close with Esc or a click outside.

import { h } from "./dom.js";
import { icon } from "./icon.js";

const GAP = 6;

/** Opens `content` at the anchor, moves the focus into it, and back when it closes. */
export function openAt(anchor, content, { role = "dialog", label } = {}) {
  const box = h("div", { class: "popover", popover: "auto", role, "aria-label": label }, content);
  document.body.append(box);
  box.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    const focusWasInside = box.contains(document.activeElement) || document.activeElement === document.body;
    box.remove();
    anchor.setAttribute("aria-expanded", false);
    if (focusWasInside) anchor.focus();
  });
  box.showPopover();
  anchor.setAttribute("aria-expanded", true);
  place(box, anchor.getBoundingClientRect());
  box.querySelector("input, select, button")?.focus();
  return { close: () => box.isConnected && box.hidePopover() };
}

/** Places it below the anchor, or above if there is more space; always inside the window. */
function place(box, at) {
  const { width, height } = box.getBoundingClientRect();
  const below = at.bottom + GAP + height <= innerHeight;
  const top = below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height);
  const left = Math.min(Math.max(GAP, at.left), innerWidth - width - GAP);
  box.style.top = `${top}px`;
  box.style.left = `${left}px`;
}

/** Opens a menu of `{label, icon?, hint?, testid?, run}`, with arrow keys. */
export function menuAt(anchor, label, entries) {
  let popover;
  const items = entries.map((entry) => h("button", {
    class: "menu-item", type: "button", role: "menuitem", "data-testid": entry.testid,
    click: () => {
      popover.close();
      entry.run();
    },
  }, entry.icon && icon(entry.icon), h("span", {}, entry.label), entry.hint && h("kbd", {}, entry.hint)));
  const list = h("div", { class: "menu" }, items);
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const here = items.indexOf(document.activeElement);
    items[(here + by + items.length) % items.length].focus();
  });
  popover = openAt(anchor, list, { role: "menu", label });
  return popover;
}
