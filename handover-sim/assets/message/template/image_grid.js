import { h } from "../../lib/dom.js";
import { picture } from "../media.js";
import { card } from "./card.js";

export function imageGrid({ elements }, row) {
  return elements.map(({ title, subtitle, images, buttons }) => card({
    above: h("div", { class: "grid" }, (images ?? []).map((each) => picture(each.url ?? "image", each.is_hero_image ? "hero" : ""))),
    title, subtitle,
  }, row(buttons)));
}
