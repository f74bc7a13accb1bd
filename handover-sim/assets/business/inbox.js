// The inbox of an account: actions of agents.

import { h } from "../lib/dom.js";
import { menuAt } from "../lib/popover.js";
import { PRODUCTS } from "../people/list.js";
import { ask } from "../phone/more.js";
import { act } from "../state/api.js";

/** Authors of messages that do not change the owner: `from` of `inbox_say`. */
export const BESIDE = {
  inbox: "An agent",
  native_app: "A human in the app",
  instant_reply: "Instant reply",
  away_message: "Away message",
  ai: "Meta's AI",
};

/** `reply` takes control first; the others do not. */
let way = "reply";

export function asInbox(thread, inbox, account) {
  const { person, owner, requested } = thread;
  const owns = Boolean(inbox) && owner?.id === inbox.id;
  const fields = { person: person.id };
  const beside = way !== "reply";
  return {
    id: inbox?.id,
    state: owns ? "You answer"
      : requested ? "Control requested"
      : owner ? `${owner.name} answers` : "Idle",
    actions: [
      ...(owns
        ? [{ id: "inbox-done", label: "Done", primary: true, title: "Mark as done: control goes back to the default app (d)", run: () => act("inbox_done", fields) }]
        : [
          { id: "inbox-request", label: "Request", disabled: requested, title: "Ask the owner for control: it gets request_thread_control", run: () => act("inbox_request", fields) },
          { id: "inbox-take", label: "Move to Main", primary: true, title: "The inbox takes control (m)", run: () => act("inbox_take", fields) },
        ]),
      { id: "inbox-more", label: "⋯", title: "Comment in public, delete", run: (anchor) => more(anchor, fields, account) },
    ],
    ways: { reply: owns ? "An agent" : "An agent, taking control", ...BESIDE, inbox: "An agent, without taking control", native_app: `A human in the ${PRODUCTS[account.product]} app` },
    way,
    choose: (chosen) => { way = chosen; },
    placeholder: beside ? "Write without taking control" : owns || !owner ? `Reply to ${person.name}` : "Replying takes control",
    verb: beside ? "Send" : "Reply",
    send: (text) => (beside ? act("inbox_say", { ...fields, text, from: way }) : act("inbox_reply", { ...fields, text })),
  };
}

function more(anchor, fields, account) {
  menuAt(anchor, "More", [
    {
      label: "Comment in public…", icon: "list", testid: "account-comment",
      run: () => ask(anchor, `Comment as ${account.name}`, [{ name: "text", label: "Text", value: "Thank you!" }], "Send",
        (given) => act("account_comment", { ...fields, ...given })),
    },
    { label: "Delete a message no app has seen", icon: "trash", testid: "delete-old", run: () => act("inbox_delete", fields) },
  ]);
}

/** Deletes a message of the account. */
export const deleteButton = (person, mid) => h("button", {
  class: "gesture", type: "button", "data-testid": "account-delete", "aria-label": "Delete this message", title: "Delete this message",
  click: () => act("inbox_delete", { person, mid }),
}, "×");
