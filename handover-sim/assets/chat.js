// The person's phone.

import { attachment } from "./attachment.js";
import { act } from "./desk.js";
import { byId, clock, follow, h, icon, initial, reconcile } from "./dom.js";

/** A pause after which a chat shows the time. */
const PAUSE = 15 * 60 * 1000;

const NAMES = ["Ana", "Ben", "Chiara", "David", "Emre", "Fatima", "Georg", "Hana", "Ivan", "Jun", "Kaya", "Luis"];

let person;
let reading = false;
let scroll;

export function start(select) {
  scroll = follow(byId("person-scroll"));
  const input = byId("person-input");
  const send = byId("person-send");
  send.append(icon("send"));
  input.addEventListener("input", () => { send.disabled = !input.value.trim(); });
  byId("person-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    send.disabled = true;
    await act("say", { person, text });
  });
  byId("get-started").addEventListener("click", () => act("get_started", { person }));
  byId("person-select").addEventListener("change", (event) => select(event.target.value));
  byId("person-new").addEventListener("click", async () => {
    const taken = [...byId("person-select").options].map((option) => option.text);
    const name = NAMES.find((each) => !taken.includes(each)) ?? `Person ${taken.length + 1}`;
    const answer = await act("person", { name });
    if (answer) {
      select(answer.person);
      input.focus();
    }
  });
}

export function show(view, thread, page) {
  const other = person !== thread.person.id;
  person = thread.person.id;
  showPersons(view.threads);
  for (const id of ["phone-name", "intro-name"]) byId(id).textContent = page.name;
  for (const id of ["phone-avatar", "intro-avatar"]) byId(id).textContent = initial(page.name);

  const messages = thread.lines.filter((line) => line.line === "message");
  byId("intro-text").textContent = messages.length
    ? `${thread.person.name}'s conversation with the Page`
    : `You are ${thread.person.name}. Write something, or tap Get Started as people do who come for the first time.`;
  reconcile(byId("person-messages"), bubbles(messages), bubble);
  showTyping(view.now, thread.typing_until);
  byId("person-receipt").textContent = receipt(thread, messages.at(-1));
  byId("get-started").hidden = messages.length > 0;
  const replies = messages.at(-1)?.quick_replies ?? [];
  reconcile(byId("quick-replies"), replies.map((reply, index) => ({ ...reply, key: String(index) })), quickReply);
  if (other) scroll.toEnd();
  else scroll.settle();
  read(thread, messages);
}

/**
 * The lines of a chat as its list shows them: with times, and marks where the speaker changes.
 * Changes of control pass through where they are.
 */
export function bubbles(lines, mine = (message) => !message.app) {
  let last;
  let speaker;
  return lines.flatMap((line, index) => {
    if (line.line === "handover") {
      speaker = undefined;
      return [{ ...line, key: `change-${index}` }];
    }
    const paused = !last || line.at - last.at > PAUSE;
    const by = line.app?.id ?? "person";
    const shown = { ...line, key: line.mid, mine: mine(line), turn: speaker !== by };
    last = line;
    speaker = by;
    return paused ? [{ key: `at-${line.at}`, moment: line.at }, shown] : [shown];
  });
}

export const moment = (at) => h("li", { class: "moment" }, clock(at));

export const reaction = (message) =>
  message.reaction && h("span", { class: "reaction", "aria-label": "Reaction" }, message.reaction);

function bubble(message) {
  if (message.moment) return moment(message.moment);
  const tap = (index) => act("button", { person, mid: message.mid, index });
  return h("li", {
    class: `${message.mine ? "mine" : "theirs"}${message.turn ? " turn" : ""}`,
    "data-testid": message.mine ? "bubble-person" : "bubble-page",
  },
  message.text && h("div", { class: "bubble" }, message.text),
  message.attachment && attachment(message.attachment, tap),
  reaction(message));
}

function quickReply({ content_type: type, title }) {
  const label = title || { user_email: "Share e-mail", user_phone_number: "Share phone number" }[type];
  return h("button", {
    type: "button", "data-testid": "quick-reply", disabled: type !== "text",
    title: type !== "text" && "The simulator knows no contact data",
    click: () => act("quick_reply", { person, title }),
  }, label);
}

function receipt(thread, last) {
  if (!last || last.app) return "";
  return thread.seen_until >= last.at ? "Seen" : "Sent";
}

let stopTyping;

function showTyping(now, until) {
  clearTimeout(stopTyping);
  const box = byId("person-typing");
  box.hidden = !until;
  if (until) stopTyping = setTimeout(() => { box.hidden = true; }, until - now);
}

function showPersons(threads) {
  const select = byId("person-select");
  const options = threads.map(({ person: { id, name } }) => ({ key: id, name }));
  reconcile(select, options, ({ key, name }) => h("option", { value: key }, name));
  select.value = person;
}

/** The apps learn that the person has read what is in front of them. */
async function read(thread, messages) {
  const unread = messages.some((message) => message.app && !message.read);
  const visible = document.visibilityState === "visible" && byId("person-panel").offsetParent;
  if (!unread || !visible || reading) return;
  reading = true;
  await act("read", { person: thread.person.id });
  reading = false;
}
