// Typing indicators and read receipts.

import { byId, write } from "../lib/dom.js";
import { act } from "../state/api.js";
import { now } from "../state/store.js";

let stopTyping;
let reading = false;
/** Newest message that was reported as read. */
let readUntil;

export function showPresence(thread, messages) {
  showTyping(thread.typing_until);
  write(byId("person-receipt"), receipt(thread, messages.at(-1)));
  read(thread, messages);
}

function showTyping(until) {
  clearTimeout(stopTyping);
  const box = byId("person-typing");
  const left = (until ?? 0) - now();
  box.hidden = left <= 0;
  if (left > 0) stopTyping = setTimeout(() => { box.hidden = true; }, left);
}

function receipt(thread, last) {
  if (!last || last.app) return "";
  return thread.seen_until >= last.at ? "Seen" : "Sent";
}

/** Reports the visible messages as read. */
async function read(thread, messages) {
  const unread = messages.some((message) => message.app && message.read === false);
  const visible = document.visibilityState === "visible" && byId("phone").offsetParent;
  const newest = messages.at(-1)?.mid;
  if (!unread || !visible || reading || readUntil === newest) return;
  reading = true;
  readUntil = newest;
  await act("read", { person: thread.person.id });
  reading = false;
}
