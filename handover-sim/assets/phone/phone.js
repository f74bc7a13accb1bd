// The person's phone.

import { byId, h, write } from "../lib/dom.js";
import { follow } from "../lib/follow.js";
import { initial } from "../lib/format.js";
import { reconcile } from "../lib/reconcile.js";
import { bubbles } from "../message/bubbles.js";
import { content, moment } from "../message/bubble.js";
import { act } from "../state/api.js";
import { loadEarlier } from "../state/selection.js";
import { accountOf, current, on, store } from "../state/store.js";
import { startComposer } from "./composer.js";
import { openGestures } from "./gestures.js";
import { startMore } from "./more.js";
import { showPresence } from "./presence.js";
import { quickReplies } from "./quick_replies.js";
import { tap } from "./taps.js";

let shown;
let scroll;

export function startPhone() {
  scroll = follow(byId("phone-scroll"));
  startComposer();
  startMore();
  byId("get-started").addEventListener("click", () => act("get_started", { person: store.selected }));
  byId("phone-earlier").addEventListener("click", loadEarlier);
  on("thread", show);
  on("state", show);
  document.addEventListener("visibilitychange", show);
  addEventListener("viewchange", show);
}

function show() {
  const thread = current();
  const account = accountOf(thread);
  if (!thread || !account) return;
  const { person } = thread;
  for (const id of ["phone-name", "intro-name"]) write(byId(id), account.name);
  for (const id of ["phone-avatar", "intro-avatar"]) write(byId(id), initial(account.name));
  write(byId("phone-sub"), account.product === "instagram" ? "Instagram" : "Messenger");
  write(byId("phone-whose"), person.name);
  document.title = `${person.name} · ${account.name} · Simulator`;

  const messages = store.entries.filter((entry) => entry.entry === "message");
  const isAll = (store.entries[0]?.index ?? 0) === 0;
  byId("phone-earlier").hidden = isAll;
  byId("phone-intro").hidden = !isAll;
  write(byId("intro-text"), messages.length
    ? `${person.name}'s conversation with ${account.name}`
    : `You are ${person.name}. Write something${account.get_started ? ", or tap Get Started as people do who come for the first time" : ""}.`);
  reconcile(byId("person-messages"), bubbles(messages, (message) => !message.app), bubble);
  byId("get-started").hidden = thread.entries > 0 || messages.length > 0 || !account.get_started;
  quickReplies(person.id, messages.at(-1));
  showPresence(thread, messages);
  if (shown !== person.id) scroll.toEnd();
  else scroll.settle();
  shown = person.id;
}

function bubble(message) {
  if (message.moment) return moment(message.moment);
  const { mid, mine } = message;
  const person = store.selected;
  const tapped = (index, button, anchor) => tap(mid, index, button, anchor);
  const agree = () => act("agree_to_notifications", { person, mid });
  return h("li", {
    class: `${mine ? "mine" : "theirs"}${message.turn ? " turn" : ""}`,
    "data-testid": mine ? "bubble-person" : "bubble-page", "data-mid": mid,
  },
  message.turn && message.persona && h("p", { class: "byline" }, message.persona),
  h("div", { class: "said" }, content(message, tapped, agree)),
  !message.unsent && h("button", {
    class: "gesture", type: "button", "data-testid": "message-more", "aria-label": "React, reply and more", "aria-haspopup": "menu",
    click: ({ currentTarget }) => openGestures(currentTarget, message),
  }, "⋯"));
}
