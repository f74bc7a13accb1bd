// On the first visit, six hints lead through a handover.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { shared } from "../state/shared.js";
import { current, on, accountOf } from "../state/store.js";
import { toneOf } from "../owner.js";
import { showView } from "./views.js";

const KEY = "tour";
const GAP = 10;

const owner = () => {
  const thread = current();
  return thread && toneOf(thread.owner?.id, accountOf(thread));
};
const entries = () => current()?.entries ?? 0;

/**
 * A hint is shown beside its `anchor` and does not cover `free`. The next one follows when `done(before)` is true;
 * `before` is the result of `begin` when the hint appeared.
 */
const STEPS = [
  {
    anchor: "person-form", free: "get-started", view: "phone", title: "You are the customer",
    text: "This is the phone of a customer who writes to your Page. Write \"Hello\", and your bot answers.",
    begin: entries, done: (before) => entries() > before,
  },
  {
    anchor: "timeline-list", view: "timeline", title: "Everything that happened",
    text: "The timeline lists each webhook to your bot (→) and each call that your bot makes (←). Open a row to see its JSON.",
  },
  {
    anchor: "owner", view: "phone", title: "Who may write",
    text: "One app at a time owns the conversation and may write. You see here which one: after your first message, it is your bot.",
  },
  {
    anchor: "person-form", free: "quick-replies", view: "phone", title: "Ask for a human",
    text: "Write what your bot hands over for, such as \"I need a human please\". The thread owner above becomes Page Inbox.",
    done: () => owner() === "inbox",
  },
  {
    anchor: "inbox-form", view: "business", title: "Now you are the agent",
    text: "This is the inbox of the business. Answer the customer here. The bot gets your messages too, and stays silent.",
    begin: entries, done: (before) => owner() === "inbox" && entries() > before,
  },
  {
    anchor: "business-actions", view: "business", title: "Give it back",
    text: "Press Done: the bot owns the conversation again and continues. \"Save as test\" turns your conversation into a test.",
    begin: owner, done: (before) => before === "inbox" && owner() !== "inbox",
  },
];

let at = -1;
let before;
let box;

export function startTour() {
  byId("tour-open").append(icon("flag"), h("span", {}, "Tour"));
  byId("tour-open").addEventListener("click", () => show(0));
  on("thread", proceed);
  on("state", proceed);
  addEventListener("resize", place);
  addEventListener("viewchange", place);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box && !document.querySelector("dialog[open]")) end();
  });
  // A test that drives a browser is not a first visit.
  if (localStorage.getItem(KEY) || navigator.webdriver || shared()) return;
  const first = () => {
    if (at >= 0 || !current() || localStorage.getItem(KEY)) return;
    show(0);
  };
  on("thread", first);
}

function show(step) {
  at = step;
  const { title, text, view, begin } = STEPS[at];
  before = begin?.();
  showView(view);
  box?.remove();
  const isLast = at === STEPS.length - 1;
  const next = h("button", { class: "button small primary", type: "button", "data-testid": "tour-next", click: () => (isLast ? end() : show(at + 1)) }, isLast ? "Finish" : "Next");
  box = h("aside", { class: "tour", role: "dialog", "aria-label": "Tour", "data-testid": "tour", "data-step": at + 1 },
    h("p", { class: "tour-title", "aria-live": "polite" }, title),
    h("p", {}, text),
    h("div", { class: "tour-foot" },
      h("span", { class: "hint" }, `${at + 1} of ${STEPS.length}`),
      !isLast && h("button", { class: "button small quiet", type: "button", "data-testid": "tour-skip", click: end }, "Skip the tour"), next));
  document.body.append(box);
  for (const marked of document.querySelectorAll("[data-tour]")) delete marked.dataset.tour;
  byId(STEPS[at].anchor).dataset.tour = "";
  place();
}

function proceed() {
  if (!box) return;
  place();
  if (STEPS[at].done?.(before)) {
    if (at === STEPS.length - 1) end();
    else show(at + 1);
  }
}

/** Beside its anchor, and inside the window. */
function place() {
  if (!box) return;
  const anchor = byId(STEPS[at].anchor).getBoundingClientRect();
  const free = STEPS[at].free && byId(STEPS[at].free).getBoundingClientRect();
  const top = free?.height > 0 ? Math.min(anchor.top, free.top) : anchor.top;
  const { width, height } = box.getBoundingClientRect();
  const fits = (y) => y >= GAP && y + height <= innerHeight - GAP;
  const above = top - GAP - height;
  const below = anchor.bottom + GAP;
  const y = fits(below) ? below : fits(above) ? above : Math.max(GAP, Math.min(anchor.top + 60, innerHeight - GAP - height));
  const left = Math.min(Math.max(GAP, anchor.left), innerWidth - GAP - width);
  box.style.top = `${y}px`;
  box.style.left = `${left}px`;
}

function end() {
  localStorage.setItem(KEY, "seen");
  box?.remove();
  box = undefined;
  at = -1;
  for (const marked of document.querySelectorAll("[data-tour]")) delete marked.dataset.tour;
}
