// Who controls the thread.

import { byId, h, icon, reconcile } from "./dom.js";

export const PAGE_INBOX = "263902037430900";

const ICONS = { bot: "bot", inbox: "people", other: "bot", nobody: "nobody" };

let shown;
let latest;

export function show(view, thread, page) {
  latest = { view, thread, page, skew: view.now - Date.now() };
  const { owner } = thread;
  const tone = !owner ? "nobody" : toneOf(owner.id, page);
  const card = byId("owner-card");
  card.dataset.tone = tone;
  byId("owner-badge").replaceChildren(icon(ICONS[tone]));
  byId("owner-caption").textContent = view.threads.length > 1
    ? `Thread owner of ${thread.person.name}'s conversation`
    : "Thread owner";
  const name = byId("owner");
  // Screen readers announce every write, so nothing is written twice.
  const holder = owner?.name ?? "Nobody";
  if (name.textContent !== holder) name.textContent = holder;
  name.dataset.appId = owner?.id ?? "";
  showUntil();
  const bots = view.apps.filter((app) => app.id !== PAGE_INBOX);
  const inbox = view.apps.filter((app) => app.id === PAGE_INBOX);
  const apps = [...bots, ...inbox].map((app) => ({ ...app, key: app.id, gets: gets(app, owner, page), holds: owner?.id === app.id }));
  reconcile(byId("owner-apps"), apps, (app) => h("li", {
    class: app.holds && `holds tone-${toneOf(app.id, page)}`,
  }, h("span", {}, app.name), h("span", {}, app.gets)));

  const key = `${thread.person.id} ${owner?.id ?? ""}`;
  if (shown !== undefined && shown !== key) {
    card.classList.remove("changed");
    void card.offsetWidth;
    card.classList.add("changed");
  }
  shown = key;
}

/** The default app looks like the bot it is, the inbox like people, everybody else like neither. */
export function toneOf(app, page) {
  if (app === PAGE_INBOX) return "inbox";
  return !page.default_app || app === page.default_app ? "bot" : "other";
}

function gets(app, owner, page) {
  if (!app.subscribed) return owner?.id === app.id ? "owns the thread" : "no webhook";
  const responsible = owner?.id ?? page.default_app;
  if (!page.default_app || responsible === app.id) return "messaging";
  return app.standby ? "standby" : "nothing";
}

function showUntil() {
  if (!latest) return;
  const { thread, page, view, skew } = latest;
  const until = byId("owner-until");
  if (thread.owner) {
    const left = Math.max(0, thread.expiration - (Date.now() + skew));
    const day = new Date(thread.expiration).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    until.textContent = `until ${day}, ${duration(left)} left`;
  } else {
    const next = view.apps.find((app) => app.id === page.default_app);
    until.textContent = next ? `idle: the next message goes to ${next.name}` : "idle: any app may answer";
  }
}

function duration(millis) {
  const minutes = Math.round(millis / 60_000);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours && minutes % 60) return `${hours} h ${minutes % 60} min`;
  return hours ? `${hours} h` : `${minutes} min`;
}

setInterval(showUntil, 15_000);
