/** Rows are fetched in pages of this size. */
const PAGE = 100;

/** All rows of the timeline. They are numbered without gaps; the oldest may be dropped. */
export function allRows(known, fetchRows, changed) {
  let first = 1;
  let last = 0;
  let epoch = 0;
  /** Requested pages, with the newest row at the time of the request. */
  const asked = new Map();
  const idAt = (index) => last - index;

  async function fetchPage(page) {
    const end = (page + 1) * PAGE;
    if (asked.has(page) && (asked.get(page) === last || asked.get(page) >= end)) return;
    asked.set(page, last);
    const at = epoch;
    const answer = await fetchRows({ before: end, limit: PAGE });
    if (at !== epoch) return;
    if (!answer) {
      asked.delete(page);
      return;
    }
    for (const row of answer.rows) known.set(row.id, row);
    // Rows that are missing in the page were dropped.
    const oldest = Math.min(answer.rows.at(-1)?.id ?? end, last + 1);
    if (oldest > Math.max(page * PAGE, first)) first = oldest;
    changed(0);
  }

  return {
    /** Sets the range of rows that exist. */
    range({ first: oldest, last: newest }) {
      last = Math.max(last, newest ?? 0);
      first = Math.max(first, oldest ?? last + 1);
    },
    clear(range) {
      epoch += 1;
      asked.clear();
      last = range.last ?? 0;
      first = range.first ?? last + 1;
      changed(0);
    },
    take(rows, newest) {
      const above = Math.max(0, newest - last);
      last = Math.max(last, newest);
      changed(above);
    },
    count: () => Math.max(0, last - first + 1),
    isComplete: () => true,
    item: (index) => known.get(idAt(index)),
    indexOf: (id) => (id >= first && id <= last ? last - id : -1),
    need(from, to) {
      for (let index = from; index < to; index += 1) {
        const id = idAt(index);
        if (id >= first && !known.has(id)) fetchPage(Math.floor(id / PAGE));
      }
    },
  };
}
