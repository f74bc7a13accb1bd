// The buttons of a template, numbered over the whole message.

import { h } from "../lib/dom.js";
import { text } from "../lib/format.js";
import { webAddress } from "./media.js";

const LABELS = { account_link: "Log in", account_unlink: "Log out", element_share: "Share", audio_call: "Call", phone_number: "Call" };
const WHY_NOT = {
  phone_number: "The simulator places no calls",
  audio_call: "The simulator places no calls",
  game_play: "Opens a game on a real phone",
};

const TAPPED = ["postback", "account_link", "account_unlink"];

/** `tap` gets the number of the button, the button, and its element. */
export function buttonRow(tap) {
  let count = 0;
  const one = (each, index) => {
    const label = text(each.title ?? LABELS[each.type] ?? each.type ?? "Button");
    const url = each.type === "web_url" && webAddress(each.url);
    if (url) return h("a", { class: "card-button", href: url, target: "_blank", rel: "noopener noreferrer", title: url.href }, label);
    const taps = TAPPED.includes(each.type) && tap;
    return h("button", {
      class: "card-button", type: "button", disabled: !taps, "data-testid": "person-button",
      title: WHY_NOT[each.type], click: taps && (({ currentTarget }) => tap(index, each, currentTarget)),
    }, label);
  };
  return (list) => (Array.isArray(list) ? list : []).map((each) => one(each ?? {}, count++));
}
