// On small screens one view at a time; the timeline can fill the page.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";

const VIEWS = {
  people: { label: "People", icon: "list" },
  phone: { label: "Phone", icon: "phone" },
  business: { label: "Inbox", icon: "inbox" },
  timeline: { label: "Timeline", icon: "toApp" },
};

const FIRST_FIELD = { people: "people-list", phone: "person-input", business: "inbox-input", timeline: "timeline-list" };
const KEY = "wide";
const root = document.documentElement;
const oneAtATime = matchMedia("(max-width: 699px)");
/** People and phone share a column, and so do inbox and timeline. */
const twoAtATime = matchMedia("(min-width: 700px) and (max-width: 860px)");

export function startViews() {
  for (const tab of tabs()) {
    const { label, icon: name } = VIEWS[tab.dataset.tab];
    tab.append(icon(name), h("span", {}, label));
    tab.addEventListener("click", () => showView(tab.dataset.tab));
  }
  byId("timeline-wide").append(icon("wide"));
  byId("timeline-wide").addEventListener("click", () => setWide(!("wide" in root.dataset)));
  for (const room of [oneAtATime, twoAtATime]) room.addEventListener("change", () => showView(root.dataset.tab));
  showView(root.dataset.tab);
  setWide(localStorage.getItem(KEY) === "yes");
}

const tabs = () => document.querySelectorAll(".bottom [role=tab]");

export function showView(name) {
  root.dataset.tab = name;
  // On larger screens the others are visible.
  const apart = oneAtATime.matches || name === "timeline" || (twoAtATime.matches && name === "people");
  const shown = apart ? name : "business";
  for (const tab of tabs()) tab.setAttribute("aria-selected", tab.dataset.tab === shown);
  dispatchEvent(new Event("viewchange"));
}

/** Shows the view and focuses its first field. */
export function goTo(name) {
  if (name === "phone" || name === "business") setWide(false);
  showView(name);
  byId(FIRST_FIELD[name]).focus();
}

export function setWide(wide) {
  if (wide) root.dataset.wide = "";
  else delete root.dataset.wide;
  localStorage.setItem(KEY, wide ? "yes" : "no");
  const button = byId("timeline-wide");
  button.setAttribute("aria-pressed", wide);
  const label = wide ? "Show the conversation" : "Timeline alone";
  button.title = `${label} (w)`;
  button.setAttribute("aria-label", label);
}
