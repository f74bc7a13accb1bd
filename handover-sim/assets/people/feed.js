// The conversations that match the filter, newest activity first, fetched while scrolling.

import { get } from "../state/api.js";
import { store } from "../state/store.js";

const PAGE = 100;

/** `changed` is called when the list changes. */
export function feed(changed) {
  let filter = { account: "", folder: "", search: "" };
  let order = [];
  let next = null;
  /** The activity down to which the list is complete. */
  let reach = -Infinity;
  let fetching = null;

  async function fetchMore() {
    if (fetching) return;
    const asked = fetching = { filter, before: next };
    const answer = await get("/control/threads", { ...filter, before: next, limit: PAGE });
    if (fetching !== asked) return;
    fetching = null;
    if (!answer) return;
    const known = new Set(order);
    for (const thread of answer.threads) {
      store.threads.set(thread.person.id, thread);
      if (!known.has(thread.person.id)) order.push(thread.person.id);
    }
    order.sort((a, b) => byActivity(store.threads.get(a), store.threads.get(b)));
    next = answer.next;
    reach = next ? activity(answer.threads.at(-1)) : -Infinity;
    changed();
  }

  /** The result of the simulator's filter. */
  const passes = (thread) => {
    const sought = filter.search.toLowerCase();
    const { person, last, entries } = thread;
    return (!filter.account || thread.account === filter.account)
      && (!filter.folder || (thread.folder === filter.folder && entries > 0))
      && (!sought || [person.id, person.name, last?.text ?? ""].some((text) => text.toLowerCase().includes(sought)));
  };

  return {
    setFilter(more) {
      filter = { ...filter, ...more };
      order = [];
      next = null;
      reach = -Infinity;
      fetching = null;
      fetchMore();
    },
    filter: () => filter,
    /** Inserts, moves or removes threads that are new or have changed. */
    take(threads) {
      const fresh = new Set(threads.map(({ person }) => person.id));
      order = order.filter((id) => !fresh.has(id));
      for (const thread of [...threads].sort(byActivity).reverse()) {
        if (!passes(thread)) continue;
        const at = order.findIndex((id) => byActivity(thread, store.threads.get(id)) <= 0);
        if (at >= 0) order.splice(at, 0, thread.person.id);
        else if (activity(thread) >= reach) order.push(thread.person.id);
      }
      changed();
    },
    count: () => order.length,
    at: (index) => store.threads.get(order[index]),
    indexOf: (person) => order.indexOf(person),
    need(from, to) {
      if (next && to >= order.length) fetchMore();
    },
  };
}

const activity = (thread) => thread?.revision ?? 0;
const byActivity = (a, b) => activity(b) - activity(a);
