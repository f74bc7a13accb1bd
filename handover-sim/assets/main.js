// Starts the page, and shows every part of it anew when the desk changes.

import * as chat from "./chat.js";
import { act, listen } from "./desk.js";
import { byId, h } from "./dom.js";
import * as inbox from "./inbox.js";
import * as owner from "./owner.js";
import * as timeline from "./timeline.js";

let view;
let selected = location.hash.slice(1);

function show() {
  if (!view) return;
  const thread = view.threads.find(({ person }) => person.id === selected) ?? view.threads[0];
  if (!thread) return;
  const page = view.pages.find(({ id }) => id === thread.page);
  document.title = `${page.name} · Simulator`;
  byId("page-name").replaceChildren(page.name, h("code", {}, page.id));
  owner.show(view, thread, page);
  chat.show(view, thread, page);
  inbox.show(view, thread);
  const waiting = view.threads.some(({ folder }) => folder === "main");
  byId("tab-inbox").dataset.news = waiting && document.documentElement.dataset.tab !== "inbox";
}

function select(person) {
  selected = person;
  history.replaceState(null, "", `#${person}`);
  show();
}

function openTab(name) {
  document.documentElement.dataset.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", tab.dataset.tab === name);
  }
  show();
}

for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => openTab(tab.dataset.tab));
}
openTab("person");
document.addEventListener("visibilitychange", show);
byId("reset").addEventListener("click", () => act("reset"));
chat.start(select);
inbox.start(select);
timeline.start();

listen((next) => {
  if (view && view.era !== next.era) timeline.clear();
  view = next;
  timeline.show(view);
  show();
});
