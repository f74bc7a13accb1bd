// One row: a webhook, a call or a verification.

import { h } from "../lib/dom.js";
import { clockSeconds, took } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { appName, store } from "../state/store.js";

const WAY = {
  webhook: { icon: "toApp", title: "Webhook to the app" },
  call: { icon: "fromApp", title: "Call by the app" },
  data_deletion: { icon: "toApp", title: "Data deletion request to the app" },
  verification: { icon: "check", title: "Verification of the webhook" },
};

/** Fields of every message that are not shown in the summary. */
const MINOR = new Set(["echo", "message_echo", "delivery", "read"]);

export const isHandover = (title) => /^(pass|take|request|release|extend)_thread_control$/.test(title);

/** Key of the row's content: the row is rendered again only if it changes. */
export function summary(row, open) {
  if (!row) return undefined;
  return {
    ...row,
    key: row.id,
    selected: row.id === open,
    name: store.state?.persons > 1 ? store.threads.get(row.person)?.person.name : null,
    by: bots() > 1 && row.app ? appName(row.app) : null,
    summary: row.summary?.replace(APP_ID, appName),
  };
}

/** Previous and new owner of a handover. */
const APP_ID = /(?<=\b(?:from|to|by) )\d{6,}/g;

function bots() {
  const connected = new Set(store.state?.accounts.flatMap(({ apps }) => apps.map(({ id }) => id)));
  return store.state?.apps.filter((app) => !app.inbox && connected.has(app.id)).length ?? 0;
}

export function build({ kind, title, at, channel, state, status, millis, attempts, error, fault, app, selected, name, by, summary: about }) {
  const way = WAY[kind] ?? WAY.call;
  const result = status ? String(status) : state === "failed" ? "failed" : attempts ? `try ${attempts + 1}` : "…";
  const trouble = state !== "succeeded" && error;
  return h("div", {
    class: "item", "data-testid": "timeline-item", "data-kind": kind, "data-title": title, "data-state": state,
    "data-channel": channel, "data-app-id": app, "data-handover": isHandover(title), "data-minor": MINOR.has(title),
    "data-fault": fault, "aria-selected": String(selected),
    "aria-label": [clockSeconds(at), way.title, title, channel === "standby" && "on standby", name, trouble, result, fault && `fault: ${fault}`].filter(Boolean).join(", "),
  },
  h("span", { class: "item-time" }, clockSeconds(at)),
  h("span", { class: "item-way" }, icon(way.icon)),
  h("span", { class: "item-what" },
    h("span", { class: "item-title" }, title),
    channel === "standby" && h("span", { class: "tag" }, "standby"),
    fault && h("span", { class: "tag fault" }, fault),
    h("span", { class: `item-gist${trouble ? " trouble" : ""}` }, [by, trouble || [name, about]].flat().filter(Boolean).join(" · "))),
  h("span", { class: "item-millis" }, millis === null || millis === undefined ? "" : took(millis)),
  h("span", { class: "item-status" }, result));
}
