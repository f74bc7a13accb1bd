import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";
import { picture } from "../media.js";
import { card } from "./card.js";

export function coupon(payload, row) {
  const url = payload.coupon_url && { type: "web_url", url: payload.coupon_url, title: payload.coupon_url_button_title ?? "Use the coupon" };
  return [
    payload.coupon_pre_message && h("div", { class: "bubble" }, text(payload.coupon_pre_message)),
    card({
      above: picture(payload.image_url), title: payload.title, subtitle: payload.subtitle,
      below: payload.coupon_code && h("p", { class: "coupon-code" }, text(payload.coupon_code)),
    }, url ? row([url]) : []),
  ];
}
