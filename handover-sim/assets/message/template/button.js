import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";
import { media as tile } from "../media.js";

export function button({ text: said, buttons }, row) {
  return h("div", { class: "card", "data-testid": "template" },
    h("div", { class: "card-text" }, text(said ?? "")), row(buttons));
}

export function media({ elements }, row) {
  return elements.map(({ media_type: type, buttons, ...rest }) => {
    const card = tile(type, rest);
    card.append(...row(buttons));
    return card;
  });
}
