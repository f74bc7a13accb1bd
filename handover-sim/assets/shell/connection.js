import { byId, write } from "../lib/dom.js";

const TEXTS = {
  live: "Live",
  lost: "Reconnecting…",
  shared: "Shared",
};

/** Whether the shown thread is up to date. */
export function connection(state) {
  const status = byId("connection");
  status.dataset.live = state;
  status.title = state === "lost" ? "The simulator does not respond. The page reconnects automatically." : "";
  write(status, TEXTS[state]);
}
