// What agents do in the Page Inbox, and in the Instagram Inbox alike.

import { act } from "../state/api.js";

export function asInbox(thread, inbox) {
  const { person, owner, requested } = thread;
  const owns = Boolean(inbox) && owner?.id === inbox.id;
  const fields = { person: person.id };
  return {
    id: inbox?.id,
    state: owns ? "Yours to answer"
      : requested ? `Asked ${owner?.name ?? "the owner"} for control`
      : owner ? `${owner.name} is answering` : "Nobody is answering",
    acts: owns
      ? [{ id: "inbox-done", label: "Done", primary: true, title: "Mark as done: control goes back to the default app (d)", run: () => act("inbox_done", fields) }]
      : [
        { id: "inbox-request", label: "Request", disabled: requested, title: "Ask the owner for control: it gets request_thread_control", run: () => act("inbox_request", fields) },
        { id: "inbox-take", label: "Move to Main", primary: true, title: "The inbox takes control (m)", run: () => act("inbox_take", fields) },
      ],
    placeholder: owns || !owner ? `Reply to ${person.name}` : "Replying takes control",
    verb: "Reply",
    send: (text) => act("inbox_reply", { ...fields, text }),
  };
}
