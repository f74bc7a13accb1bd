// Shows the view that the address names, and keeps it up to date.

import { byId, h, write } from "./lib/dom.js";
import { modal } from "./lib/modal.js";
import { startTheme, switchTheme } from "./shell/theme.js";
import { get, onConnection } from "./data/api.js";
import { openToken, startToken } from "./data/token.js";
import { showCount } from "./parts/count.js";
import { accountsView } from "./views/accounts.js";
import { deadLettersView } from "./views/dead_letters.js";
import { nowView } from "./views/now.js";
import { threadView } from "./views/thread.js";
import { threadsView } from "./views/threads.js";

/** The pause between two requests is at least this, and this many times what the last one took. */
const EVERY = 3000;
const REST = 20;

const VIEWS = { now: nowView, threads: threadsView, "dead-letters": deadLettersView, accounts: accountsView };
const TITLES = { now: "Now", threads: "Threads", "dead-letters": "Dead letters", accounts: "Accounts" };

let view;
let round = 0;

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const known = name in VIEWS ? name : "now";
  for (const link of document.querySelectorAll(".views a")) {
    if (link.dataset.view === known) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${TITLES[known]} · Operations`;
  view = known === "threads" && rest.length === 2 ? threadView(...rest) : VIEWS[known]();
  byId("view").replaceChildren(view.element);
  byId("view").scrollTop = 0;
  scrollTo(0, 0);
  refresh();
}

async function refresh() {
  round += 1;
  const mine = round;
  const began = performance.now();
  await Promise.all([view.refresh(), view.showsOverview ? undefined : count()]);
  if (mine !== round) return;
  setTimeout(() => mine === round && refresh(), Math.max(EVERY, (performance.now() - began) * REST));
}

/** Shows the number of dead letters in views that do not load the overview. */
async function count() {
  const overview = await get("overview");
  if (overview) showCount(overview);
}

const KEYS = [
  ["1", "Now", () => { location.hash = "#/now"; }],
  ["2", "Threads", () => { location.hash = "#/threads"; }],
  ["3", "Dead letters", () => { location.hash = "#/dead-letters"; }],
  ["4", "Accounts", () => { location.hash = "#/accounts"; }],
  ["/", "Search threads", search],
  ["j", "Next row", () => step(1)],
  ["k", "Previous row", () => step(-1)],
  ["r", "Refresh", () => refresh()],
  ["t", "Enter the operator token", openToken],
  ["l", "Light or dark", switchTheme],
  ["?", "Keyboard shortcuts", openKeys],
  ["Esc", "Close what is open, or leave a field"],
];

function search() {
  if (!byId("thread-search")) location.hash = "#/threads";
  setTimeout(() => byId("thread-search")?.focus());
}

/** Moves the focus among the rows of the view. */
function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const here = rows.indexOf(document.activeElement?.closest("[data-row]"));
  rows[Math.min(Math.max(here + by, 0), rows.length - 1)]?.focus();
}

function openKeys() {
  modal("Keyboard shortcuts", h("div", { class: "keys", "data-testid": "keys" },
    h("dl", {}, KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what))))));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "Escape") return document.activeElement?.blur();
  if (typing && typing.type !== "checkbox") return;
  const run = KEYS.find(([key]) => key === event.key)?.[2];
  if (!run) return;
  event.preventDefault();
  run();
});

onConnection((state, since) => {
  const status = byId("connection");
  status.dataset.live = state;
  write(status, state === "live" ? "Live" : "No answer");
  status.title = state === "live" ? "" : `The bot has not answered since ${since}. The page goes on asking.`;
  document.documentElement.toggleAttribute("data-stale", state !== "live");
});

startToken();
startTheme();
byId("keys-open").addEventListener("click", openKeys);
addEventListener("hashchange", route);
addEventListener("refresh", () => refresh());
route();
