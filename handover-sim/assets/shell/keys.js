// Keyboard shortcuts: single keys, outside of text fields.

import { openClock } from "../controls/clock.js";
import { closeDrawer, toggleDrawer } from "../controls/drawer.js";
import { byId, h } from "../lib/dom.js";
import { modal } from "../lib/modal.js";
import { openNewPerson } from "../people/new_person.js";
import { stepPeople } from "../people/list.js";
import { closeDetail, stepTimeline } from "../timeline/list.js";
import { switchTheme } from "./theme.js";
import { goTo } from "./views.js";

const click = (id) => () => {
  const button = byId(id);
  if (button && !button.disabled) button.click();
};

const GROUPS = [
  ["Go to", [
    ["1", "Conversations", () => goTo("people")],
    ["2", "Phone", () => goTo("phone")],
    ["3", "Inbox and apps", () => goTo("business")],
    ["4", "Timeline", () => goTo("timeline")],
    ["/", "Search people", () => byId("people-search").focus()],
    ["f", "Search the timeline", () => byId("filter-search").focus()],
  ]],
  ["Conversation", [
    ["j", "Next conversation", () => stepPeople(1)],
    ["k", "Previous conversation", () => stepPeople(-1)],
    ["n", "New person", openNewPerson],
    ["m", "Move to Main", click("action-inbox-take")],
    ["d", "Done", click("action-inbox-done")],
  ]],
  ["Timeline", [
    ["↑ ↓", "Move in a list; Enter opens"],
    ["[", "Newer row", () => stepTimeline(-1)],
    ["]", "Older row", () => stepTimeline(1)],
    ["a", "Send again", click("detail-again")],
    ["u", "Copy as curl", click("detail-curl")],
    ["w", "Timeline alone, or all", click("timeline-wide")],
  ]],
  ["Platform", [
    ["c", "Clock", openClock],
    ["x", "Faults", () => toggleDrawer("faults")],
    [",", "Settings", () => toggleDrawer("settings")],
    ["l", "Light or dark", switchTheme],
    ["?", "This overview", openKeys],
    ["Esc", "Close what is open, or leave a field"],
  ]],
];

const BY_KEY = new Map(GROUPS.flatMap(([, keys]) => keys).filter(([, , run]) => run).map(([key, , run]) => [key, run]));

export function startKeys() {
  byId("keys-open").addEventListener("click", openKeys);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape") return escape(typing);
    if (typing) return;
    const run = BY_KEY.get(event.key);
    if (!run) return;
    event.preventDefault();
    run();
  });
}

function escape(typing) {
  if (closeDrawer()) return;
  if (typing) typing.blur();
  else closeDetail();
}

function openKeys() {
  modal("Keyboard shortcuts", h("div", { class: "keys", "data-testid": "keys" }, GROUPS.map(([name, keys]) =>
    h("section", {}, h("h3", {}, name), h("dl", {}, keys.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what))))))));
}
