import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";

/** The block of text that most templates have. */
export function card({ title, subtitle, above, below, label }, buttons = []) {
  return h("div", { class: "card", "data-testid": "template", "aria-label": label },
    above,
    (title || subtitle || below) && h("div", { class: "card-text" },
      title && h("p", { class: "card-title" }, text(title)),
      subtitle && h("p", { class: "card-sub" }, text(subtitle)),
      below),
    buttons);
}
