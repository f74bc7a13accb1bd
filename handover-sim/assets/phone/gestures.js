// Actions of the person on a message: react, reply, edit, unsend.

import { h } from "../lib/dom.js";
import { openAt } from "../lib/popover.js";
import { act } from "../state/api.js";
import { accountOf, current, store } from "../state/store.js";
import { writeAbout } from "./composer.js";

const MESSENGER = [["love", "❤"], ["smile", "😊"], ["wow", "😮"], ["sad", "😢"], ["angry", "😠"], ["like", "👍"], ["dislike", "👎"]];
const INSTAGRAM = [["love", "❤"], ["laugh", "😂"], ["wow", "😮"], ["sad", "😢"], ["angry", "😠"], ["like", "👍"]];

export function openGestures(anchor, message) {
  const person = store.selected;
  const { mid } = message;
  const reactions = accountOf(current())?.product === "instagram" ? INSTAGRAM : MESSENGER;
  const own = message.person_reaction?.emoji ?? message.person_reaction;
  let popover;
  const item = (attributes, run, ...children) => h("button", {
    type: "button", role: "menuitem", ...attributes,
    click: () => {
      popover.close();
      run();
    },
  }, ...children);
  const buttons = [
    ...reactions.map(([reaction, emoji]) => item(
      { class: "emoji", "data-testid": `react-${reaction}`, "aria-label": reaction, title: reaction },
      () => act("react", { person, mid, reaction, emoji }), emoji)),
    own && item({ class: "menu-item", "data-testid": "unreact" }, () => act("unreact", { person, mid }), "Take the reaction back"),
    item({ class: "menu-item", "data-testid": "message-reply" }, () => writeAbout(message, "reply"), "Reply"),
    message.mine && message.text && item({ class: "menu-item", "data-testid": "message-edit" }, () => writeAbout(message, "edit"), "Edit"),
    message.mine && item({ class: "menu-item", "data-testid": "message-unsend" }, () => act("unsend", { person, mid }), "Unsend"),
  ].filter(Boolean);
  const palette = h("div", { class: "emojis", role: "group", "aria-label": "React" }, buttons.filter((each) => each.classList.contains("emoji")));
  const menu = h("div", { class: "menu" }, palette, buttons.filter((each) => !each.classList.contains("emoji")));
  menu.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const here = buttons.indexOf(document.activeElement);
    buttons[(here + by + buttons.length) % buttons.length].focus();
  });
  popover = openAt(anchor, menu, { role: "menu", label: "React, reply and more" });
}
