import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";
import { webAddress } from "../media.js";

const LABELS = [["subtotal", "Subtotal"], ["shipping_cost", "Shipping"], ["total_tax", "Tax"]];

export function receipt(payload) {
  const { currency, summary = {}, address } = payload;
  const money = (value) => (value === undefined || value === null ? "" : amount(value, currency));
  const line = (name, value, kind = "") => h("div", { class: `receipt-line ${kind}` }, h("dt", {}, name), h("dd", {}, value));
  const order = webAddress(payload.order_url);
  return h("div", { class: "card receipt-card", "data-testid": "template" },
    h("div", { class: "card-text" },
      h("p", { class: "card-title" }, `Receipt ${text(payload.order_number ?? "")}`),
      h("p", { class: "card-sub" }, [payload.merchant_name, payload.recipient_name].filter(Boolean).map(text).join(" · "))),
    h("dl", { class: "receipt-lines" },
      (payload.elements ?? []).map((each) => line(
        [h("span", {}, text(each.title)), h("span", { class: "card-sub" }, [each.quantity && `${each.quantity} ×`, each.subtitle].filter(Boolean).join(" "))],
        money(each.price))),
      (payload.adjustments ?? []).map((each) => line(text(each.name ?? "Adjustment"), money(each.amount))),
      LABELS.map(([key, name]) => summary[key] !== undefined && line(name, money(summary[key]))),
      line("Total", money(summary.total_cost), "total")),
    h("div", { class: "card-text card-sub" },
      h("p", {}, text(payload.payment_method ?? "")),
      address && h("p", {}, [address.street_1, address.street_2, address.postal_code, address.city, address.state, address.country].filter(Boolean).join(", "))),
    order && h("a", { class: "card-button", href: order, target: "_blank", rel: "noopener noreferrer" }, "View order"));
}

function amount(value, currency) {
  try {
    return Number(value).toLocaleString("en", { style: "currency", currency });
  } catch {
    return `${value} ${currency ?? ""}`;
  }
}
