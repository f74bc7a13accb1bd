// Handovers, as entries of the conversation.

import { h } from "../lib/dom.js";
import { clockSeconds } from "../lib/format.js";

export function change(entry) {
  return h("li", { class: "change", "data-testid": "inbox-change", title: clockSeconds(entry.at) }, h("span", {}, sentence(entry)));
}

function sentence({ kind, from, to }) {
  const [before, now] = [from?.name ?? "nobody", to?.name ?? "nobody"];
  return {
    routed: `Routed to ${now}`,
    passed: from ? `${before} passed the thread to ${now}` : `Passed to ${now}`,
    taken: from ? `${now} took over from ${before}` : `${now} took over`,
    requested: from ? `${now} asked ${before} for control` : `${now} asked for control`,
    released: `${before} released the thread`,
    extended: `${now} extended its control`,
    expired: `Control of ${before} expired`,
  }[kind] ?? `${kind}: from ${before} to ${now}`;
}
