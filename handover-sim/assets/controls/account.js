// Settings of an account: routing, and permissions of its apps.

import { h } from "../lib/dom.js";
import { PRODUCTS } from "../people/list.js";
import { patch } from "../state/api.js";
import { store } from "../state/store.js";
import { links } from "./links.js";

const MODES = {
  zero_config: ["Zero-config", "All apps get events and may answer until one claims the thread."],
  conversation: ["Conversation routing", "A default app answers; others get standby."],
  legacy: ["Legacy handover protocol", "A primary receiver and secondary receivers."],
};

const TOGGLES = {
  can_take: "Take control",
  standby: "Standby",
  subscribed: "Subscribed",
};

/** Automatic replies of the inbox. */
const AUTOMATIC = {
  instant_reply: ["Instant reply", "Automatic answer of the inbox to the first message of a conversation"],
  away_message: ["Away message", "Automatic answer of the inbox while no agent is available, once a day to each person"],
};

export function accountSettings(account) {
  const { id, name, product, routing } = account;
  const change = (more) => patch(`/control/accounts/${id}`, more);
  return h("section", { class: "setting-group", "data-testid": "account-settings", "data-account": id },
    h("h3", {}, name, " ", h("span", { class: "tag" }, PRODUCTS[product] ?? product), " ", h("code", {}, id)),
    modes(account, change),
    routing.mode === "conversation" && [
      appSelect(account, "default_app", "Default app", false, change),
      appSelect(account, "social", "Page button and Get Started", true, change),
      links(account, change),
    ],
    routing.mode === "legacy" && appSelect(account, "primary", "Primary receiver", true, change),
    toggles(account),
    h("label", { class: "setting" }, h("span", {}, "Get Started payload"), h("input", {
      class: "field", value: account.get_started ?? "", "data-testid": `get_started-${id}`,
      change: ({ target }) => change({ get_started: target.value }),
    })),
    Object.entries(AUTOMATIC).map(([key, [label, title]]) => h("label", { class: "setting", title }, h("span", {}, label), h("input", {
      class: "field", value: account[key] ?? "", placeholder: "Off", "data-testid": `${key}-${id}`,
      change: ({ target }) => change({ [key]: target.value.trim() }),
    }))));
}

function modes({ id, routing }, change) {
  return h("fieldset", { class: "modes" }, h("legend", {}, "Who answers"), Object.entries(MODES).map(([mode, [label, hint]]) =>
    h("label", { class: "check" }, h("input", {
      type: "radio", name: `routing-${id}`, checked: routing.mode === mode, "data-testid": `routing-${mode}-${id}`,
      change: () => change({ routing: begin(id, mode) }),
    }), h("span", {}, label, h("small", {}, hint)))));
}

/** Initial settings of a mode. */
function begin(id, mode) {
  const first = appsOn(id)[0]?.id ?? null;
  if (mode === "conversation") return { mode, default_app: first, social: null, links: {} };
  return mode === "legacy" ? { mode, primary: first } : { mode };
}

function appsOn(id) {
  const account = store.state.accounts.find((each) => each.id === id);
  const connected = new Set(account.apps.map((app) => app.id));
  return store.state.apps.filter((app) => connected.has(app.id) || app.inbox);
}

function appSelect({ id, routing }, key, label, optional, change) {
  const select = h("select", {
    class: "select", "data-testid": `${key}-${id}`,
    change: ({ target }) => change({ routing: { ...routing, [key]: target.value || null } }),
  }, optional && h("option", { value: "" }, "None"),
  appsOn(id).map((app) => h("option", { value: app.id, selected: app.id === routing[key] }, app.name)));
  return h("label", { class: "setting" }, h("span", {}, label), select);
}

function toggles({ id, apps }) {
  const named = apps.map((app) => ({ ...app, ...store.state.apps.find((each) => each.id === app.id) })).filter((app) => !app.inbox);
  return h("table", { class: "toggles" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "App"), Object.values(TOGGLES).map((label) => h("th", { scope: "col" }, label)))),
    h("tbody", {}, named.map((app) => h("tr", {},
      h("th", { scope: "row" }, app.name ?? app.id),
      Object.entries(TOGGLES).map(([key, label]) => h("td", {}, h("input", {
        type: "checkbox", checked: Boolean(app[key]), "aria-label": `${app.name}: ${label}`, "data-testid": `${key}-${id}-${app.id}`,
        change: ({ target }) => patch(`/control/accounts/${id}/apps/${app.id}`, { [key]: target.checked }),
      })))))));
}
