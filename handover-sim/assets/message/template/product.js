import { h } from "../../lib/dom.js";
import { picture } from "../media.js";
import { card } from "./card.js";

/** Products of a catalogue the simulator does not have: their ids are all there is. */
export function product(payload) {
  const elements = payload.elements ?? payload.product?.elements ?? [];
  const cards = elements.map((each) => card({
    above: picture(each.image_url ?? "product"), title: each.title ?? `Product ${each.id}`, subtitle: each.subtitle ?? each.retailer_id,
  }));
  return cards.length === 1 ? cards : h("div", { class: "cards", tabindex: 0, role: "group", "aria-label": `${cards.length} products` }, cards);
}
