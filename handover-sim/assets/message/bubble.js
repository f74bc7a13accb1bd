// One message, on both sides.

import { h } from "../lib/dom.js";
import { clock, text } from "../lib/format.js";
import { attachment } from "./attachment.js";

export const moment = (at) => h("li", { class: "moment" }, clock(at));

/** `tap` handles a button, `agree` an opt-in. Without them, buttons have no effect. */
export function content(message, tap, agree) {
  if (message.unsent) return [h("div", { class: "bubble unsent" }, "Message unsent")];
  const attachments = [message.attachments ?? message.attachment ?? []].flat();
  return [
    message.quoted && h("p", { class: "quote" }, h("span", {}, "↩ "), message.quoted),
    message.text && h("div", { class: "bubble" }, text(message.text)),
    attachments.map((each) => attachment(each, tap, agree)),
    reactions(message),
    message.edited && h("p", { class: "edited" }, "Edited"),
  ];
}

function reactions({ reaction, person_reaction: byPerson }) {
  const both = [[byPerson, "The person reacted"], [reaction, "The business reacted"]].filter(([each]) => each);
  if (both.length === 0) return null;
  return h("div", { class: "reactions" }, both.map(([each, who]) => {
    const shown = each.emoji ?? each.reaction ?? each;
    return h("span", { class: "reaction", title: who, "aria-label": `${who}: ${shown}`, role: "img", "data-testid": "reaction" }, shown);
  }));
}
