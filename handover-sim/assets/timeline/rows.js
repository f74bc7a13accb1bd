// The rows of the timeline, newest first, fetched while scrolling.

import { get } from "../state/api.js";
import { allRows } from "./all_rows.js";
import { foundRows } from "./found_rows.js";

/**
 * Without a filter rows are known by their number, so that any place in them can be gone to; with
 * one, they are fetched from the newest on. `changed(above)` is called whenever the list shows
 * something else, with the number of rows that came in above.
 */
export function timelineRows(changed) {
  const known = new Map();
  const fetchRows = (query) => get("/control/timeline", query);
  const all = allRows(known, fetchRows, changed);
  let source = all;

  return {
    setFilter(filter) {
      const given = Object.values(filter).some((value) => value);
      source = given ? foundRows(known, filter, fetchRows, changed) : all;
      changed(0);
    },
    range: all.range,
    /** Removes everything before this moment. */
    clear(range) {
      known.clear();
      all.clear(range);
    },
    take({ rows, last }) {
      for (const row of rows) known.set(row.id, row);
      all.take(rows, last);
      if (source !== all) source.refresh();
    },
    count: () => source.count(),
    total: () => all.count(),
    isComplete: () => source.isComplete(),
    item: (index) => source.item(index),
    indexOf: (id) => source.indexOf(Number(id)),
    need: (from, to) => source.need(from, to),
    row: (id) => known.get(Number(id)),
  };
}
