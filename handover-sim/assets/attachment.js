// Media and templates of a message, in the person's chat and in the inbox alike.

import { h, icon } from "./dom.js";

const KNOWN = ["button", "generic", "media"];

/** `tap` gets the number of a postback button; without it buttons only show. */
export function attachment({ type, payload = {} }, tap) {
  if (type !== "template") return media(type, payload);
  let count = 0;
  const buttons = (list) => (Array.isArray(list) ? list : []).map((each) => button(each, count++, tap));
  const elements = Array.isArray(payload.elements) ? payload.elements : [];
  const own = buttons(payload.buttons);
  const cards = elements.map((element) => h("div", { class: "card" },
    h("div", { class: "card-text" },
      element.media_type && h("p", { class: "card-title" }, element.media_type),
      element.title && h("p", { class: "card-title" }, text(element.title)),
      element.subtitle && h("p", { class: "card-sub" }, text(element.subtitle))),
    buttons(element.buttons)));
  const title = payload.text ?? payload.title
    ?? (KNOWN.includes(payload.template_type) ? null : `Template “${payload.template_type}”`);
  return [
    (title || own.length > 0) && h("div", { class: "card" },
      title && h("div", { class: "card-text" }, text(title)), own),
    cards.length > 0 && h("div", { class: "cards" }, cards),
  ];
}

function button(each, index, tap) {
  const label = text(each.title ?? each.type);
  const url = each.type === "web_url" && webAddress(each.url);
  if (url) return h("a", { class: "card-button", href: url, target: "_blank", rel: "noopener noreferrer" }, label);
  const taps = each.type === "postback" && tap;
  return h("button", {
    class: "card-button", type: "button", disabled: !taps, "data-testid": "person-button",
    click: taps && (() => tap(index)),
  }, label);
}

function media(type, payload) {
  const url = webAddress(payload.url);
  const name = url?.pathname.split("/").pop();
  const content = [
    h("span", { class: "file-kind" }, icon(type)),
    h("span", { class: "file-text" },
      h("p", { class: "file-name" }, name ? decoded(name) : text(type)),
      h("p", { class: "file-host" }, url ? url.host : text(payload.url ?? ""))),
  ];
  return h("div", { class: "card" }, url
    ? h("a", { class: "file", href: url, target: "_blank", rel: "noopener noreferrer" }, content)
    : h("span", { class: "file" }, content));
}

/** Only addresses of the web become links; `javascript:` and the like do not. */
function webAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
