import { h } from "../../lib/dom.js";
import { picture } from "../media.js";
import { card } from "./card.js";

/** A question whether the business may write later. */
export function optIn({ title, image_url: image, notification_messages_cta_text: label, notification_messages_frequency: often }, row, agree) {
  return card({ above: picture(image), title: title ?? "May we write to you?", subtitle: often && `Frequency: ${often}` },
    h("button", { class: "card-button", type: "button", disabled: !agree, "data-testid": "person-agree", click: agree }, label ?? "Notify me"));
}
