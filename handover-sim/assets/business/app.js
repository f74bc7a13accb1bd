// Acting as a connected app, as if it had called the Graph API.

import { h } from "../lib/dom.js";
import { openAt } from "../lib/popover.js";
import { act } from "../state/api.js";

export function asApp(thread, app, bots, inbox) {
  const { person, owner } = thread;
  const owns = owner?.id === app.id;
  const fields = { person: person.id, app: app.id };
  const pass = { id: "app-pass", label: "Pass…", title: "pass_thread_control", run: (anchor) => askWhom(anchor, fields, app, bots, inbox) };
  return {
    id: app.id,
    state: owns ? "Owns the thread" : owner ? `${owner.name} owns the thread` : "Idle: nobody owns the thread",
    actions: owns
      ? [{ id: "app-release", label: "Release", title: "release_thread_control", run: () => act("app_release", fields) }, { ...pass, primary: true }]
      : [
        ...(owner ? [] : [pass]),
        { id: "app-request", label: "Request", title: "request_thread_control", run: () => act("app_request", fields) },
        { id: "app-take", label: "Take", primary: true, title: "take_thread_control", run: () => act("app_take", fields) },
      ],
    placeholder: `Send as ${app.name}`,
    verb: "Send",
    send: (text) => act("app_send", { ...fields, text }),
  };
}

function askWhom(anchor, fields, app, bots, inbox) {
  const to = h("select", { class: "select", "data-testid": "pass-to" },
    h("option", { value: "" }, "The default app (no target)"),
    [inbox, ...bots].filter((each) => each && each.id !== app.id).map(({ id, name }) => h("option", { value: id, selected: id === inbox?.id }, name)));
  const metadata = h("input", { class: "field", maxlength: 2000, "data-testid": "pass-metadata" });
  const form = h("form", {
    class: "form",
    submit: (event) => {
      event.preventDefault();
      popover.close();
      act("app_pass", { ...fields, to: to.value || undefined, metadata: metadata.value || undefined });
    },
  }, h("h3", {}, "Pass the thread"),
  h("label", {}, h("span", {}, "To"), to),
  h("label", {}, h("span", {}, "Metadata"), metadata),
  h("button", { class: "button primary", "data-testid": "pass-send" }, "Pass"));
  const popover = openAt(anchor, form, { label: "Pass the thread" });
}
