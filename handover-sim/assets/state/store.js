// State of the page, with subscriptions to changes.

export const store = {
  /** `GET /control/state`; null until the simulator has answered. */
  state: null,
  /** How far the platform's clock is ahead of this computer's. */
  skew: 0,
  /** Known threads by person. */
  threads: new Map(),
  /** The person of the selected thread. */
  selected: null,
  /** Newest entries of the selected thread. */
  entries: [],
};

const listeners = new Map();

/**
 * Topics: `state` (accounts, apps, behavior, faults), `threads` (those that changed), `thread` (the
 * selected one or its entries), `selected` (another one is), `rows` (of the timeline), `epoch` (all that
 * was shown is gone).
 */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

export function tell(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export const now = () => Date.now() + store.skew;

export const current = () => store.threads.get(store.selected);

export const accountOf = (thread) => store.state?.accounts.find(({ id }) => id === thread?.account);

export const appName = (id) => store.state?.apps.find((app) => app.id === String(id))?.name ?? String(id);

/** The apps connected to the thread's account: the bots, and the inbox of its product. */
export function appsOf(thread) {
  const account = accountOf(thread);
  if (!account) return { bots: [], inbox: undefined };
  const connected = new Map(account.apps.map((each) => [each.id, each]));
  const apps = store.state.apps.filter((app) => !app.inbox && connected.has(app.id));
  const inbox = store.state.apps.find((app) => app.id === inboxOf(account));
  return { bots: apps.map((app) => ({ ...connected.get(app.id), ...app })), inbox };
}

export const inboxOf = (account) => (account?.product === "instagram" ? INSTAGRAM_INBOX : PAGE_INBOX);

export const PAGE_INBOX = "263902037430900";
export const INSTAGRAM_INBOX = "1217981644879628";
