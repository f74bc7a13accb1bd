// Owner of the thread, end of its ownership, 24-hour window, and receivers of events.

import { byId, h, write } from "./lib/dom.js";
import { span, weekdayAndClock } from "./lib/format.js";
import { icon } from "./lib/icon.js";
import { reconcile } from "./lib/reconcile.js";
import { accountOf, appName, appsOf, current, inboxOf, now, on } from "./state/store.js";

const ICONS = { bot: "bot", inbox: "people", other: "bot", nobody: "nobody" };

export function startOwner() {
  on("thread", show);
  on("state", show);
  setInterval(showTimes, 1000);
}

function show() {
  const thread = current();
  if (!thread || !accountOf(thread)) return;
  const card = byId("owner");
  const name = byId("owner-name");
  const tone = toneOf(thread.owner?.id, accountOf(thread));
  if (card.dataset.tone !== tone) {
    card.dataset.tone = tone;
    byId("owner-badge").replaceChildren(icon(ICONS[tone]));
  }
  write(name, thread.owner?.name ?? "Nobody");
  name.dataset.appId = thread.owner?.id ?? "";
  reconcile(byId("owner-apps"), listeners(thread), ({ name: app, gets, holds, tone: its }) => h("li", {
    "data-gets": gets, class: holds && `holds tone-${its}`, title: holds && "Owns the thread",
  }, h("span", { class: "gets-app" }, app), h("span", { class: "gets-what" }, gets)));
  showTimes();
}

/** Tone of an app: the default app is the bot, the inbox has its own, and every other app a third. */
export function toneOf(app, account) {
  if (!app) return "nobody";
  if (app === inboxOf(account)) return "inbox";
  const responsible = defaultApp(account) ?? account?.apps[0]?.id;
  return app === responsible ? "bot" : "other";
}

export const defaultApp = ({ routing }) => routing.default_app ?? routing.primary ?? null;

function listeners(thread) {
  const account = accountOf(thread);
  const { bots, inbox } = appsOf(thread);
  const holder = thread.owner?.id;
  const rows = bots.map((app) => ({ key: app.id, name: app.name, gets: gets(app, holder, account), holds: app.id === holder, tone: toneOf(app.id, account) }));
  if (inbox) rows.push({ key: inbox.id, name: inbox.name, gets: holder === inbox.id ? "answers" : "watches", holds: inbox.id === holder, tone: "inbox" });
  return rows;
}

function gets(app, holder, account) {
  if (!app.subscribed) return "nothing: not subscribed";
  const responsible = holder ?? defaultApp(account);
  if (account.routing.mode === "zero_config" || !responsible || responsible === app.id) return "messaging";
  return app.standby ? "standby" : "nothing: standby is off";
}

function showTimes() {
  const thread = current();
  const account = accountOf(thread);
  if (!thread || !account) return;
  write(byId("owner-until"), thread.owner ? ownedUntil(thread) : idle(account));
  const open = thread.window_until && thread.window_until > now();
  const box = byId("owner-window");
  box.dataset.open = Boolean(open);
  write(box, open ? `Open · ${span(thread.window_until - now())} left` : thread.entries > 0 ? "Closed" : "Not open yet");
  box.title = open
    ? `Apps may answer until ${weekdayAndClock(thread.window_until)}`
    : "Apps may not write until the person does; HUMAN_AGENT has seven days";
}

function ownedUntil({ expiration }) {
  if (!expiration) return "without an end";
  return `until ${weekdayAndClock(expiration)} · ${span(expiration - now())} left`;
}

function idle(account) {
  const next = defaultApp(account);
  return next ? `Idle. Next message: ${appName(next)}` : "Idle. Any app may answer";
}
