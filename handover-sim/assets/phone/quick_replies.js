import { byId, h } from "../lib/dom.js";
import { reconcile } from "../lib/reconcile.js";
import { act } from "../state/api.js";
import { ask } from "./more.js";

const CONTACT = { user_email: "Share e-mail", user_phone_number: "Share phone number" };

/** Quick replies of the newest message, above the text field. */
export function quickReplies(person, newest) {
  const replies = (!newest?.unsent && newest?.quick_replies) || [];
  reconcile(byId("quick-replies"), replies.map((reply, index) => ({ ...reply, key: `${newest.mid}-${index}` })), ({ content_type: type = "text", title }) => h("button", {
    type: "button", "data-testid": "quick-reply", disabled: type === "user_email",
    title: type === "user_email" && "The simulator knows no e-mail addresses",
    click: ({ currentTarget }) => (type === "user_phone_number" ? askNumber(currentTarget, person) : act("quick_reply", { person, title })),
  }, title || CONTACT[type] || type));
}

function askNumber(anchor, person) {
  ask(anchor, "Share phone number", [{ name: "number", label: "Number", value: "+43 1 234567", type: "tel" }], "Share",
    (fields) => act("share_phone_number", { person, ...fields }));
}
