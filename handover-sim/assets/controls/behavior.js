// Settings of the behavior of the platform.

import { h } from "../lib/dom.js";
import { words } from "../lib/format.js";
import { put } from "../state/api.js";
import { store } from "../state/store.js";

const CHANNELS = { standby: "On standby", messaging: "On messaging" };

/** Settings by subject: label and options, the default first. */
const SUBJECTS = {
  "Handovers": {
    idle_message: ["A message into an idle thread", { owned: "The routed app owns it", stays_idle: "It stays idle" }],
    take_notifies: ["take_thread_control goes to", { previous_owner: "The previous owner", all_subscribed: "All subscribed apps" }],
    take_from_idle: ["Taking an idle thread", { silent: "No app", null: "All subscribed apps, previous owner null" }],
    pass_from_idle: ["Passing an idle thread", { null: "Previous owner is null", absent: "Previous owner is absent" }],
    extend_too_long: ["Extending beyond 7 days", { refused: "Is refused", clamped: "Lasts 7 days" }],
    inbox_done: ["Done in the inbox", { passes: "Passes to default app", releases: "Releases the thread", keeps: "Keeps control" }],
    app_ids: ["App ids in handover events", { numbers: "Are numbers", strings: "Are strings", mixed: "Are mixed" }],
    no_metadata: ["Handover without metadata", { absent: "Has no such key", null: "Has metadata null" }],
  },
  "Webhooks": {
    messenger_delivery: ["Messenger: other apps get events", CHANNELS],
    instagram_delivery: ["Instagram: other apps get events", { messaging: CHANNELS.messaging, standby: CHANNELS.standby }],
    claimed_zero_config: ["Zero-config: others get a claimed thread", { messaging: CHANNELS.messaging, standby: CHANNELS.standby }],
    echo_after_pass: ["Echo of a message that passes control", { after: "After control moved", before: "Before it moves" }],
    messenger_deletions: ["Messages deleted on Messenger", { not_sent: "No webhook", sent: "As on Instagram" }],
    batching: ["A webhook holds", { one_item: "One item", items: "Several items", entries: "Several entries" }],
  },
  "Bodies of Instagram": {
    instagram_echo_app_id: ["Echoes", { absent: "Have no app_id", present: "Have an app_id" }],
    instagram_templates: ["Templates in echoes", { by_kind: "Under their type", empty: "Without elements", as_sent: "As they were sent" }],
    instagram_new_message_edit: ["message_edit with num_edit 0", {
      without_parties: "With each message, no sender", with_parties: "With each message, with sender", never: "Never comes", only: "In place of messages",
    }],
  },
  "Calls": {
    send_checks: ["A send is refused first for", { owner_first: "Not being the owner", window_first: "The closed window", parameters_last: "Owner, window, parameters" }],
    appsecret_proof: ["appsecret_proof", { optional: "May be left out", required: "Is required" }],
    rate_limits: ["Rate limits", { none: "No limits", documented: "As documented", own: "Your own" }],
  },
};

const LIMITS = {
  messages_per_second: [300, "Messages a second"],
  heavy_messages_per_second: [10, "Audio and video a second"],
  private_replies_per_hour: [750, "Private replies an hour"],
  conversation_calls_per_second: [2, "Calls about conversations a second"],
  profile_calls_per_10_minutes: [10, "Profile calls in 10 minutes"],
  daily_calls_per_person: [200, "Calls a day for each person"],
};

const limits = (value) => Object.fromEntries(Object.entries(LIMITS).map(([name, [documented]]) => [name, value(documented)]));
const NO_LIMITS = limits(() => null);
const DOCUMENTED = limits((documented) => documented);

const save = (key, value) => put("/control/behavior", { [key]: value });

export function behavior(chosen) {
  const known = new Set(Object.values(SUBJECTS).flatMap((questions) => Object.keys(questions)));
  const others = Object.keys(chosen).filter((key) => !known.has(key));
  const subjects = [...Object.entries(SUBJECTS), ["Others", Object.fromEntries(others.map((key) => [key, [words(key), {}]]))]];
  return h("section", { class: "setting-group", "data-testid": "behavior" },
    h("h3", {}, "How the platform behaves"),
    h("p", { class: "hint" }, "Settings where Meta's documentation is silent or differs from what bots see. The first option of each list is the default. See docs/simulator/rules.md."),
    subjects.filter(([, questions]) => Object.keys(questions).some((key) => key in chosen)).map(([subject, questions]) => [
      h("h4", {}, subject),
      Object.entries(questions).filter(([key]) => key in chosen).map(([key, question]) => [
        key === "rate_limits" ? rateLimits(question, chosen[key]) : choice(key, question, chosen[key]),
      ]),
    ]));
}

function choice(key, [label, options], value) {
  const all = value in options ? options : { [value]: words(String(value)), ...options };
  return list(key, label, all, value, (option) => save(key, option));
}

function list(key, label, options, value, chosen) {
  return h("label", { class: "setting" }, h("span", {}, label),
    h("select", { class: "select", "data-testid": `behavior-${key}`, change: ({ target }) => chosen(target.value) },
      Object.entries(options).map(([option, text]) => h("option", { value: option, selected: option === value }, text))));
}

/** A preset of limits, or a number for each. */
function rateLimits([label, options], limits) {
  const same = (other) => Object.keys(LIMITS).every((name) => (limits[name] ?? null) === other[name]);
  const set = same(NO_LIMITS) ? "none" : same(DOCUMENTED) ? "documented" : "own";
  // Limits that differ from the documented ones are custom.
  const begin = { none: NO_LIMITS, documented: DOCUMENTED, own: { ...DOCUMENTED, messages_per_second: 1 } };
  return [
    list("rate_limits", label, options, set, (option) => save("rate_limits", begin[option])),
    set === "own" && h("div", { class: "own-limits" }, Object.entries(LIMITS).map(([name, [, what]]) =>
      h("label", { class: "setting" }, h("span", {}, what), h("input", {
        class: "field", type: "number", min: 0, placeholder: "No limit", value: limits[name] ?? "", "data-testid": `limit-${name}`,
        change: ({ target }) => save("rate_limits", { ...limits, [name]: target.value === "" ? null : Number(target.value) }),
      })))),
  ];
}
