// Handovers, as entries of the conversation.

import { h } from "../lib/dom.js";
import { clockSeconds } from "../lib/format.js";

export function change(entry) {
  return h("li", { class: "change", "data-testid": "inbox-change", title: clockSeconds(entry.at) }, h("span", {}, sentence(entry)));
}

function sentence({ kind, from, to }) {
  const [before, now] = [from?.name ?? "nobody", to?.name ?? "nobody"];
  return {
    routed: `${now} has the conversation`,
    passed: from ? `${before} passed to ${now}` : `Passed to ${now}`,
    taken: from ? `${now} took over from ${before}` : `${now} took over`,
    requested: from ? `${now} asked ${before} for control` : `${now} asked for control`,
    released: `${before} released the conversation`,
    extended: `${now} extended its time`,
    expired: `${before}'s time ran out`,
  }[kind] ?? `${kind}: from ${before} to ${now}`;
}
