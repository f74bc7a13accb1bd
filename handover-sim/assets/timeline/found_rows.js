const PAGE = 100;
const AT_MOST_EVERY = 250;

/** The rows that match a filter, found by the simulator. */
export function foundRows(known, filter, fetchRows, changed) {
  let ids = [];
  let next = null;
  let complete = false;
  let busy = false;
  let later = null;

  const keep = (rows) => rows.map((row) => {
    known.set(row.id, row);
    return row.id;
  });

  async function fetchMore() {
    if (busy || complete) return;
    busy = true;
    const answer = await fetchRows({ ...filter, before: next, limit: PAGE });
    busy = false;
    if (!answer) return;
    const seen = new Set(ids);
    ids = ids.concat(keep(answer.rows).filter((id) => !seen.has(id)));
    next = answer.next;
    complete = next === null;
    changed(0);
  }

  /** Fetches the newest rows again, because their match may have changed. */
  async function fetchNewest() {
    later = null;
    const answer = await fetchRows({ ...filter, limit: PAGE });
    if (!answer) return;
    const head = keep(answer.rows);
    const oldest = answer.next === null ? -Infinity : head.at(-1);
    const before = ids[0] ?? 0;
    ids = head.concat(ids.filter((id) => id < oldest));
    changed(head.filter((id) => id > before).length);
  }

  fetchMore();
  return {
    refresh() {
      later ??= setTimeout(fetchNewest, AT_MOST_EVERY);
    },
    count: () => ids.length,
    isComplete: () => complete,
    item: (index) => known.get(ids[index]),
    indexOf: (id) => ids.indexOf(id),
    need(from, to) {
      if (to >= ids.length) fetchMore();
    },
  };
}
