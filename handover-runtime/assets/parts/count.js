// How many dead letters there are, beside the name of their view.

import { byId, write } from "../lib/dom.js";
import { plural } from "../lib/format.js";

export function showCount({ waiting }) {
  const letters = waiting?.dead_letters ?? 0;
  write(byId("dead-count"), letters ? String(letters) : "");
  byId("dead-count").title = letters ? plural(letters, "dead letter") : "";
}
