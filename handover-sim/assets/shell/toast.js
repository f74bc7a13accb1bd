import { byId } from "../lib/dom.js";

let hide;

/** Says for a few seconds what went wrong. */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { box.hidden = true; }, 6000);
}
