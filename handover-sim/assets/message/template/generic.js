import { h } from "../../lib/dom.js";
import { picture } from "../media.js";
import { card } from "./card.js";

/** One card, or a row of cards to scroll. */
export function generic({ elements }, row) {
  const cards = elements.map((element) => card({
    above: picture(element.image_url), title: element.title, subtitle: element.subtitle,
  }, row(element.buttons)));
  return cards.length === 1 ? cards : h("div", { class: "cards", tabindex: 0, role: "group", "aria-label": `${cards.length} cards` }, cards);
}
