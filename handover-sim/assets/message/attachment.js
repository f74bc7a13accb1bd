// Attachments and templates of a message.

import { h } from "../lib/dom.js";
import { block } from "../lib/json.js";
import { buttonRow } from "./button.js";
import { media } from "./media.js";
import { button, media as mediaTemplate } from "./template/button.js";
import { coupon } from "./template/coupon.js";
import { feedback } from "./template/feedback.js";
import { generic } from "./template/generic.js";
import { imageGrid } from "./template/image_grid.js";
import { information } from "./template/information.js";
import { optIn } from "./template/opt_in.js";
import { product } from "./template/product.js";
import { receipt } from "./template/receipt.js";

const TEMPLATES = {
  button,
  generic,
  media: mediaTemplate,
  receipt,
  coupon,
  product,
  customer_feedback: feedback,
  customer_information: information,
  image_grid: imageGrid,
  one_time_notif_req: optIn,
  notification_messages: optIn,
};

/** `tap` handles a button, `agree` an opt-in. Without them, buttons have no effect. */
export function attachment({ type, payload, ...rest }, tap, agree) {
  if (type !== "template") return media(type, { ...rest, ...payload });
  const template = payload?.template_type ?? (payload?.product ? "product" : undefined);
  const show = TEMPLATES[template] ?? unknown;
  try {
    return show(payload, buttonRow(tap), agree);
  } catch {
    return unknown(payload);
  }
}

/** Shows unknown content as JSON. */
function unknown(payload) {
  return h("div", { class: "card" },
    h("div", { class: "card-text" },
      h("p", { class: "card-title" }, `Template “${payload?.template_type ?? "without a type"}”`),
      h("p", { class: "card-sub" }, "The simulator cannot display this attachment.")),
    h("details", { class: "card-raw" }, h("summary", {}, "Show its JSON"), block(JSON.stringify(payload ?? null))));
}
