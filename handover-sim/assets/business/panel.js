// The side of the business: the inbox and the connected apps.

import { byId, h, write } from "../lib/dom.js";
import { follow } from "../lib/follow.js";
import { reconcile } from "../lib/reconcile.js";
import { content, moment } from "../message/bubble.js";
import { bubbles } from "../message/bubbles.js";
import { change } from "../message/change.js";
import { toneOf } from "../owner.js";
import { loadEarlier } from "../state/selection.js";
import { accountOf, appsOf, current, on, store, tell } from "../state/store.js";
import { asApp } from "./app.js";
import { BESIDE, asInbox, deleteButton } from "./inbox.js";
import { showNote } from "./note.js";

let scroll;
let shown;
/** The app to act as. Default: the inbox. */
let chosen;

export function startBusiness() {
  scroll = follow(byId("inbox-scroll"));
  const input = byId("inbox-input");
  const send = byId("inbox-reply");
  input.addEventListener("input", () => { send.disabled = !input.value.trim(); });
  byId("inbox-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    send.disabled = true;
    if (await role().send(text) || input.value) return;
    input.value = text;
    send.disabled = false;
  });
  byId("inbox-way").addEventListener("change", ({ target }) => {
    role().choose(target.value);
    show();
    input.focus();
  });
  byId("inbox-earlier").addEventListener("click", loadEarlier);
  byId("business-tabs").addEventListener("keydown", moveAlongTabs);
  on("thread", show);
  on("state", show);
  on("selected", () => {
    input.value = "";
    send.disabled = true;
  });
}

/** Actions of the selected app. */
function role() {
  const thread = current();
  const { bots, inbox } = appsOf(thread);
  const app = bots.find(({ id }) => id === chosen);
  return app ? asApp(thread, app, bots, inbox) : asInbox(thread, inbox, accountOf(thread));
}

function show() {
  const thread = current();
  const account = accountOf(thread);
  if (!thread || !account) return;
  const its = role();
  showTabs(thread, account, its.id);
  write(byId("inbox-name"), thread.person.name);
  write(byId("inbox-state"), its.state);
  reconcile(byId("business-actions"), its.actions.map(({ run, ...act }) => ({ ...act, key: act.id })), (act) => h("button", {
    class: `button small${act.primary ? " primary" : ""}`, type: "button", id: `action-${act.id}`,
    "data-testid": act.id, title: act.title, disabled: act.disabled,
    click: ({ currentTarget }) => role().actions.find(({ id }) => id === act.id)?.run(currentTarget),
  }, act.label));
  const input = byId("inbox-input");
  input.placeholder = its.placeholder;
  input.setAttribute("aria-label", its.placeholder);
  write(byId("inbox-reply"), its.verb);
  showWays(its);
  showNote(store.entries);

  byId("inbox-earlier").hidden = (store.entries[0]?.index ?? 0) === 0;
  byId("inbox-empty").hidden = thread.entries > 0 || store.entries.length > 0;
  const inboxId = appsOf(thread).inbox?.id;
  reconcile(byId("inbox-messages"), entries(inboxId), entryView);
  if (shown !== thread.person.id) scroll.toEnd();
  else scroll.settle();
  shown = thread.person.id;
}

/** Selects the author of the agent's messages. */
function showWays({ ways, way }) {
  byId("inbox-ways").hidden = !ways;
  if (!ways) return;
  const list = byId("inbox-way");
  const signature = JSON.stringify([ways, way]);
  if (list.signature === signature) return;
  list.signature = signature;
  list.replaceChildren(...Object.entries(ways).map(([value, label]) => h("option", { value, selected: value === way }, label)));
}

function showTabs(thread, account, acting) {
  const { bots, inbox } = appsOf(thread);
  const tabs = [inbox, ...bots].filter(Boolean).map(({ id, name }) => ({
    key: id, name, tone: toneOf(id, account), selected: id === acting, holds: thread.owner?.id === id,
  }));
  const list = byId("business-tabs");
  const focused = list.contains(document.activeElement);
  reconcile(list, tabs, ({ key, name, tone, selected, holds }) => h("button", {
    class: `tab tone-${tone}`, role: "tab", type: "button", "aria-selected": selected, tabindex: selected ? 0 : -1,
    "aria-controls": "business-body", "data-testid": "action-as", "data-app-id": key,
    title: `Act as ${name}${holds ? ", which owns the thread" : ""}`, click: () => actAs(key),
  }, holds && h("span", { class: "tab-dot" }), name));
  if (focused) list.querySelector("[aria-selected=true]")?.focus();
}

function actAs(app) {
  chosen = app;
  tell("thread");
}

function moveAlongTabs(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const tabs = [...byId("business-tabs").children];
  const here = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  actAs(tabs[(here + by + tabs.length) % tabs.length].dataset.key);
}

/** Messages and changes of the owner, and whether the newest answer has been read. */
function entries(inbox) {
  const items = bubbles(store.entries, (message) => Boolean(message.app));
  const last = items.findLast((each) => each.mid);
  if (last?.app) last.receipt = last.read ? "Read" : "Delivered";
  return items.map((each) => ({ ...each, agent: each.app?.id === inbox }));
}

function byline({ persona, origin, app }) {
  if (persona) return `${persona} · ${app.name}`;
  return origin && origin !== "inbox" ? BESIDE[origin] ?? app.name : app.name;
}

function entryView(item) {
  if (item.moment) return moment(item.moment);
  if (item.entry === "handover") return change(item);
  const byApp = item.app && !item.agent;
  return h("li", {
    class: `${item.mine ? "mine" : "theirs"}${item.turn ? " turn" : ""}${byApp ? " by-app" : ""}`,
    "data-testid": item.app ? "inbox-bubble-page" : "inbox-bubble-person",
  },
  item.turn && item.app && h("p", { class: "byline" }, byline(item)),
  h("div", { class: "said" }, content(item)),
  item.app && !item.unsent && deleteButton(store.selected, item.mid),
  item.receipt && h("p", { class: "receipt" }, item.receipt));
}
