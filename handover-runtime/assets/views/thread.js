// One thread: its owner, what is queued in it, and on request what was said.

import { h, write } from "../lib/dom.js";
import { clockSeconds, plural, span, weekdayAndClock } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { block } from "../lib/json.js";
import { toast } from "../shell/toast.js";
import { get, getWithToken, postWithToken } from "../data/api.js";
import { ownerName, partyName, toneOf } from "../parts/words.js";

const ICONS = { bot: "bot", inbox: "people", other: "bot", nobody: "nobody" };
const SPEAKERS = { person: "Customer", bot: "Bot", agent: "Agent", app: "App" };
const PAUSE = 30 * 60;

export function threadView(account, person) {
  const path = `threads/${encodeURIComponent(account)}/${encodeURIComponent(person)}`;
  let texts = false;
  const badge = h("div", { class: "owner-badge" });
  const owner = h("p", { class: "owner-name", "data-testid": "thread-owner" });
  const since = h("p", { class: "hint" });
  const facts = h("dl", { class: "facts wide" });
  const pause = h("button", { class: "button", type: "button", "data-testid": "thread-pause", click: () => change(`pause/${PAUSE}`, "The bot is paused in this thread for 30 minutes.") }, "Pause the bot for 30 min");
  const resume = h("button", { class: "button", type: "button", "data-testid": "thread-resume", click: () => change("resume", "The bot answers in this thread again.") }, "End the pause");
  const show = h("button", { class: "button", type: "button", "data-testid": "thread-texts", click: toggleTexts }, "Show texts");
  const parts = h("div", { class: "parts" });
  const head = h("section", { class: "panel thread-head" }, badge,
    h("div", { class: "grow" }, owner, since), h("div", { class: "actions" }, pause, resume, show));
  const element = h("div", { class: "thread" },
    h("p", { class: "crumbs" }, h("a", { href: "#/threads" }, "Threads"), " / ", h("code", { "data-testid": "thread-person" }, partyName(person))),
    head, h("section", { class: "panel padded" }, facts), parts);

  async function change(what, done) {
    if (await postWithToken(`${path}/${what}`)) {
      toast(done);
      await refresh();
    }
  }

  async function toggleTexts() {
    const wanted = !texts;
    if (wanted && !(await getWithToken(path, { texts: true }))) return;
    texts = wanted;
    parts.signature = undefined;
    await refresh();
  }

  async function refresh() {
    const thread = texts ? await getWithToken(path, { texts: true }) : await get(path);
    if (!thread) return;
    const { now, kept } = thread;
    const tone = toneOf(thread);
    head.dataset.tone = tone;
    badge.replaceChildren(icon(ICONS[tone]));
    write(owner, ownerName(thread));
    write(since, thread.owner_since ? `owner of this thread since ${weekdayAndClock(thread.owner_since)}, ${span(now - thread.owner_since)}` : "The owner of this thread is not known");
    pause.hidden = thread.paused_until > now;
    resume.hidden = !pause.hidden;
    write(show, texts ? "Hide texts" : "Show texts");
    showFacts(facts, [
      ["Customer", h("code", {}, partyName(person))],
      ["Account", h("code", {}, account)],
      ["24-hour window", thread.window_until ? `open for ${span(thread.window_until - now)}` : thread.person_wrote_at ? "closed" : "not open: the person has not written"],
      ["Bot paused", thread.paused_until > now ? `for ${span(thread.paused_until - now)}` : "no"],
    ]);
    const signature = JSON.stringify([texts, kept]);
    if (parts.signature === signature) return;
    parts.signature = signature;
    const open = new Set([...parts.querySelectorAll("details[open]")].map(({ dataset }) => dataset.key));
    parts.replaceChildren(...[
      history(kept.history, texts),
      rows("timers", "Timers", kept.timers, (at) => (at > now ? `fires in ${span(at - now)}` : "due now"), open),
      rows("calls", "Queued calls", kept.calls, (at) => `queued ${span(now - at)} ago`, open),
      rows("dead_letters", "Dead letters", kept.dead_letters, (at) => `failed ${weekdayAndClock(at)}`, open),
      rows("receipts", "Sent through the API", kept.receipts, (at) => weekdayAndClock(at), open),
      rows("events", "Events", [...kept.events].reverse(), (at) => weekdayAndClock(at), open),
      kept.session && one("session", "Session", kept.session, open),
    ].filter(Boolean));
  }

  return { element, refresh };
}

function showFacts(list, facts) {
  const signature = facts.map(([, value]) => value.textContent ?? value).join("|");
  if (list.signature === signature) return;
  list.signature = signature;
  list.replaceChildren(...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function history(turns, texts) {
  const box = h("section", { class: "panel" }, h("div", { class: "panel-head" }, h("h2", {}, "History"), h("span", { class: "hint" }, plural(turns.length, "message"))));
  if (turns.length === 0) {
    box.append(h("p", { class: "empty" }, "No history. Without Bot::history, the bot keeps only what is said while an agent has the thread."));
    return box;
  }
  box.append(h("ol", { class: "turns", "data-testid": "turns" }, turns.map(({ at, speaker, text, attachments = [] }) =>
    h("li", { class: `turn ${speaker}` },
      h("span", { class: "turn-who" }, SPEAKERS[speaker] ?? speaker), h("span", { class: "hint" }, clockSeconds(at)),
      h("p", { class: texts ? "" : "hint" }, text, attachments.map(({ kind }) => ` [${kind}]`))))));
  return box;
}

function rows(key, title, list, at, open) {
  if (list.length === 0) return undefined;
  return h("section", { class: "panel" },
    h("div", { class: "panel-head" }, h("h2", {}, title), h("span", { class: "hint" }, String(list.length))),
    h("div", { class: "kept", "data-testid": `thread-${key}` }, list.map((row, index) => {
      const name = `${key} ${row.name} ${row.at} ${index}`;
      return h("details", { "data-key": name, open: open.has(name) && "" },
        h("summary", { "data-row": "" }, h("span", { class: "kept-name" }, row.name), h("span", { class: "hint" }, at(row.at)),
          row.cause && h("p", { class: "trouble" }, row.cause)),
        block(JSON.stringify(row.content)));
    })));
}

function one(key, title, content, open) {
  return h("section", { class: "panel" }, h("div", { class: "kept" },
    h("details", { "data-key": key, open: open.has(key) && "" }, h("summary", { "data-row": "" }, h("span", { class: "kept-name" }, title)), block(JSON.stringify(content)))));
}
