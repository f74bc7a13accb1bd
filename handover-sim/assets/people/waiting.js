// The number of conversations that wait for an agent.

import { byId } from "../lib/dom.js";
import { get } from "../state/api.js";
import { on, tell } from "../state/store.js";

/** The maximum that is counted. */
const MOST = 200;

const waiting = new Set();
let more = false;

export function startWaiting() {
  on("threads", (threads) => {
    for (const { person, folder, entries } of threads) {
      if (folder === "main" && entries > 0) waiting.add(person.id);
      else waiting.delete(person.id);
    }
    show();
  });
  on("epoch", count);
  count();
}

async function count() {
  waiting.clear();
  const answer = await get("/control/threads", { folder: "main", limit: MOST });
  for (const { person } of answer?.threads ?? []) waiting.add(person.id);
  more = Boolean(answer?.next);
  show();
}

function show() {
  const badge = byId("main-count");
  badge.textContent = more ? `${MOST}+` : waiting.size || "";
  tell("waiting", waiting.size);
}
