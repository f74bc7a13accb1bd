// Where Meta's documentation is silent, the simulator has to choose: so may you.

import { h } from "../lib/dom.js";
import { words } from "../lib/format.js";
import { put } from "../state/api.js";
import { store } from "../state/store.js";

/** The question, and what there is to choose from with its words, the default first. */
const CHOICES = {
  take_told: ["Who is told that control was taken", { previous_owner: "The previous owner", all_subscribed: "All subscribed apps" }],
  take_from_idle: ["Taking an idle thread", { silent: "Nobody is told", null: "Told, previous owner null" }],
  pass_from_idle: ["Passing an idle thread: previous owner", { null: "null", absent: "Key absent" }],
  claimed_zero_config: ["Zero-config, claimed: the others get", { messaging: "messaging", standby: "standby" }],
  messenger_delivery: ["Messenger: apps that do not own", { standby: "standby", messaging: "messaging" }],
  instagram_delivery: ["Instagram: apps that do not own", { messaging: "messaging", standby: "standby" }],
  idle_message: ["A message into an idle thread", { owned: "The routed app owns it", stays_idle: "It stays idle" }],
  app_ids: ["App ids in handover events", { numbers: "Numbers", strings: "Strings", mixed: "Mixed" }],
  no_metadata: ["Handover without metadata", { absent: "Key absent", null: "null" }],
  echo_after_pass: ["Echo of a message that passes control", { after: "After control moved", before: "Before it moves" }],
  extend_too_long: ["Extending beyond 7 days", { refused: "Refused", clamped: "Lasts 7 days" }],
  send_checks: ["A send is refused first for", { owner_first: "Not being the owner", window_first: "The closed window" }],
  batching: ["A webhook holds", { one_item: "One item", items: "Several items", entries: "Several entries" }],
  inbox_done: ["Done in the inbox", { passes: "Passes to the default app", releases: "Releases the thread", keeps: "Keeps control" }],
};

export function choices(chosen) {
  return h("section", { class: "setting-group", "data-testid": "choices" },
    h("h3", {}, "Where the documentation is silent"),
    h("p", { class: "hint" }, "The first of each is the simulator's default. docs/simulator/rules.md says why."),
    Object.entries(chosen).map(choice));
}

function choice([key, value]) {
  const [label, options] = CHOICES[key] ?? [words(key), {}];
  const save = ({ target }) => put("/desk/choices", { ...store.desk.choices, [key]: target.value });
  const all = value in options ? options : { [value]: words(String(value)), ...options };
  return h("label", { class: "setting" }, h("span", {}, label),
    h("select", { class: "select", "data-testid": `choice-${key}`, change: save },
      Object.entries(all).map(([option, text]) => h("option", { value: option, selected: option === value }, text))));
}
