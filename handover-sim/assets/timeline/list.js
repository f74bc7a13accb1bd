// Webhooks, calls and handovers as they happen.

import { byId, h, write } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { listbox } from "../lib/listbox.js";
import { on, store } from "../state/store.js";
import { hideDetail, openRow, refreshDetail, startDetail } from "./detail.js";
import { clearFilter, isFiltered, startFilter } from "./filter.js";
import { build, summary } from "./row.js";
import { timelineRows } from "./rows.js";
import { startScenario } from "./scenario.js";

const ROW = 32;

let rows;
let list;
/** Rows that were added above the scroll position. */
let unseen = 0;

export function startTimeline() {
  rows = timelineRows(show);
  list = listbox(byId("timeline-list"), {
    height: ROW,
    source: {
      count: rows.count,
      item: (index) => summary(rows.item(index), openRow()),
      indexOf: rows.indexOf,
      need: rows.need,
    },
    build,
    choose: ({ id }) => open(id),
  });
  startFilter((filter) => {
    unseen = 0;
    rows.setFilter(filter);
    list.toTop();
  });
  startDetail({ row: rows.row, closed: list.render, open });
  startScenario();
  const newest = byId("timeline-newest");
  newest.addEventListener("click", () => {
    list.toTop();
    byId("timeline-list").focus();
  });
  byId("timeline-list").addEventListener("scroll", showUnseen);
  on("rows", (news) => {
    rows.take(news);
    refreshDetail(news.rows);
  });
  on("epoch", () => {
    hideDetail();
    rows.clear(store.state.timeline);
  });
  on("state", () => {
    rows.range(store.state.timeline);
    show(0);
  });
  on("threads", () => list.render());
  show(0);
}

export const stepTimeline = (by) => list.step(by);

export const closeDetail = () => hideDetail();

async function open(id) {
  list.activate(id);
  const shown = refreshDetail([], id);
  list.render();
  await shown;
  // The details reduce the space of the list.
  list.reveal(rows.indexOf(id));
}

function show(above) {
  if (!list) return;
  if (above > 0 && !list.isAtTop()) unseen += above;
  if (above > 0) list.grewAbove(above);
  else list.render();
  showUnseen();
  showCount();
  showEmpty();
}

function showUnseen() {
  if (list.isAtTop()) unseen = 0;
  const button = byId("timeline-newest");
  button.hidden = list.isAtTop();
  write(button, unseen > 0 ? `${plural(unseen, "new row")} · Jump to newest` : "Jump to newest");
}

function showCount() {
  const [count, total] = [rows.count(), rows.total()];
  write(byId("timeline-count"), !isFiltered() ? (total ? plural(total, "row") : "")
    : `${count.toLocaleString("en")}${rows.isComplete() ? "" : "+"} of ${plural(total, "row")}`);
}

function showEmpty() {
  const empty = byId("timeline-empty");
  empty.hidden = rows.count() > 0;
  if (!empty.hidden) empty.replaceChildren(...(isFiltered() ? nothingFound() : nothingYet()));
}

function nothingFound() {
  if (!rows.isComplete()) return [h("p", {}, "Searching…")];
  return [
    h("p", { class: "empty-title" }, "No row matches the filter"),
    h("button", { class: "button", type: "button", "data-testid": "filter-clear", click: clearFilter }, "Show everything"),
  ];
}

function nothingYet() {
  const silent = store.state?.apps.find((app) => app.webhook && app.verified === false);
  return [
    h("p", { class: "empty-title" }, "Nothing yet"),
    h("p", {}, "Every webhook to your bot and every call it makes shows up here, with its JSON, signature and timing."),
    silent && h("p", { class: "trouble", "data-testid": "bot-missing" }, `Nobody answers at ${silent.webhook}: is the bot running?`),
  ].filter(Boolean);
}
