// All faults of the simulator, with their parameters and descriptions.

import { span } from "../lib/format.js";

const number = (name, label, value, more = {}) => ({ name, label, value, type: "number", min: 0, ...more });

/** Faults of webhooks and faults of calls. */
export const FAULTS = {
  webhook: {
    delay: { label: "Delay", fields: [number("ms", "Milliseconds", 2000)], reads: ({ ms }) => `${span(ms)} late` },
    duplicate: { label: "Duplicate", fields: [number("copies", "Repetitions", 1, { min: 1 })], reads: ({ copies }) => `delivered ${copies + 1} times` },
    reorder: { label: "Reorder", fields: [number("window", "Overtaken by", 1, { min: 1 }), number("wait_ms", "Maximum wait, ms", 1000)], reads: ({ window }) => `overtaken by ${window}` },
    drop: { label: "Drop", fields: [], reads: () => "never delivered" },
    batch: { label: "Batch", fields: [number("items", "Maximum items", 3, { min: 1 }), number("gather_ms", "Wait for items, ms", 500)], reads: ({ items }) => `up to ${items} in one POST` },
  },
  call: {
    delay: { label: "Delay", fields: [number("ms", "Milliseconds", 2000)], reads: ({ ms }) => `answered ${span(ms)} late` },
    close_before: { label: "Close before execution", fields: [], reads: () => "cut, nothing done" },
    close_after: { label: "Close after execution", fields: [], reads: () => "done, then cut" },
    status: { label: "HTTP error without JSON", fields: [number("code", "Status", 503, { min: 200, max: 599 }), { name: "body", label: "Body", value: "Service Unavailable", type: "text", optional: true }, { name: "executed", label: "Execute the call", type: "checkbox" }], reads: ({ code, executed: done }) => `${done ? "done, but " : ""}answered ${code} without JSON` },
    answer_after_webhooks: { label: "Echo before the answer", fields: [], reads: () => "answered after its webhooks" },
    error: {
      label: "Graph API error",
      presets: {
        "Service unavailable (2)": { code: 2, subcode: "", is_transient: false },
        "Temporary, try again (1200)": { code: 1200, subcode: 2018024, is_transient: true },
        "Internal error, try again (-1)": { code: -1, subcode: 2018012, is_transient: true },
        "Person is not available (551)": { code: 551, subcode: 1545041, is_transient: false },
        "Outside the window (10)": { code: 10, subcode: 2018278, is_transient: false },
      },
      fields: [
        number("code", "Code", 2, { min: -1 }), number("subcode", "Subcode", "", { optional: true }),
        { name: "message", label: "Message", value: "", type: "text", optional: true },
        { name: "is_transient", label: "is_transient", type: "checkbox" },
      ],
      reads: ({ code, subcode, is_transient: passing }) => `${passing ? "passing " : ""}error ${code}${subcode ? `/${subcode}` : ""}`,
    },
    throttle: { label: "Throttle", fields: [number("code", "Code", 80001), number("minutes", "Minutes", 5, { min: 1 })], reads: ({ minutes }) => `throttled for ${minutes} min` },
    expired_token: { label: "Expired token", fields: [], reads: () => "token has expired (190/463)" },
    slow_body: { label: "Slow body", fields: [number("ms", "Delay of the second half, ms", 5000)], reads: ({ ms }) => `half of the answer ${span(ms)} late` },
  },
};

/** Conditions of a rule. */
export const KINDS = {
  webhook: ["message", "postback", "echo", "delivery", "read", "reaction", "messaging_handovers", "pass_thread_control", "take_thread_control", "request_thread_control", "referral"],
  call: ["messages", "pass_thread_control", "take_thread_control", "request_thread_control", "release_thread_control", "extend_thread_control", "thread_owner", "messenger_profile"],
};

/** `{"type": "delay", "ms": 2000}` as a name with its parameters. */
export function nameOf({ type, ...parameters }) {
  return [type, parameters];
}

export const faultOf = (type, parameters) => ({ type, ...parameters });

export function reads(on, fault) {
  const [name, parameters] = nameOf(fault);
  return FAULTS[on]?.[name]?.reads(parameters) ?? `${name} ${JSON.stringify(parameters)}`;
}
