import { byId, h } from "../lib/dom.js";
import { reconcile } from "../lib/reconcile.js";
import { act } from "../state/api.js";

const CONTACT = { user_email: "Share e-mail", user_phone_number: "Share phone number" };

/** The newest message's quick replies, above the field to write in. */
export function quickReplies(person, newest) {
  const replies = (!newest?.unsent && newest?.quick_replies) || [];
  reconcile(byId("quick-replies"), replies.map((reply, index) => ({ ...reply, key: `${newest.mid}-${index}` })), ({ content_type: type = "text", title }) => h("button", {
    type: "button", "data-testid": "quick-reply", disabled: type !== "text",
    title: type !== "text" && "The simulator knows no contact data",
    click: () => act("quick_reply", { person, title }),
  }, title || CONTACT[type] || type));
}
