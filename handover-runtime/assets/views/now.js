// What happens now: whether the bot works, its traffic, and which threads agents have.

import { h, write } from "../lib/dom.js";
import { clock, plural, span, took } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { reconcile } from "../lib/reconcile.js";
import { get } from "../data/api.js";
import { chart } from "../parts/chart.js";
import { chip, coarse, number, ownerName, threadLink, toneOf } from "../parts/words.js";
import { showCount } from "../parts/count.js";

const MINUTE = 60_000;
const LISTED = 8;
/** A chart shows at least this many minutes. */
const SHORTEST = 5;
/** A customer who waits longer than this for an agent is named at the top. */
const LONG = 5 * MINUTE;

const OUTCOMES = [
  ["ok", "ok", "good"],
  ["limited", "rate limited", "wait"],
  ["refused", "refused", "bot"],
  ["failed", "failed", "bad"],
];

export function nowView() {
  const status = h("section", { class: "status", "data-testid": "status", "data-state": "wait", "aria-live": "polite" });
  const tiles = h("div", { class: "tiles" });
  const tile = Object.fromEntries([
    ["received", "Messages in", "per minute", undefined],
    ["sent", "Messages out", "per minute", undefined],
    ["waiting", "Backlog", "", "#/threads/waiting"],
    ["people", "With an agent", "", "#/threads/with_people"],
    ["letters", "Dead letters", "", "#/dead-letters"],
  ].map(([name, label, unit, href]) => {
    const value = h("span", { class: "tile-value", "data-testid": `tile-${name}` }, "–");
    const more = h("span", { class: "tile-more" }, unit);
    const box = h(href ? "a" : "div", { class: "tile panel", href }, h("span", { class: "tile-name" }, label), value, more);
    tiles.append(box);
    return [name, { value, more, box }];
  }));
  const perMinute = (value) => (value < 10 ? String(Math.round(value * 10) / 10) : number(value));
  const charts = {
    messages: chart({
      id: "messages", title: "Messages per minute", format: perMinute,
      lines: [{ name: "in", tone: "inbox" }, { name: "out", tone: "bot" }], nothing: "No messages in this time",
    }),
    latency: chart({
      id: "latency", title: "Latency (p95)", format: took,
      lines: [{ name: "webhook", tone: "inbox" }, { name: "handlers", tone: "other" }, { name: "Graph API", tone: "bot" }],
      nothing: "No events in this time",
    }),
    waiting: chart({
      id: "waiting", title: "Backlog", format: number,
      lines: [{ name: "events", tone: "inbox" }, { name: "calls", tone: "bot" }], nothing: "Nothing had to wait in this time",
    }),
    calls: chart({
      id: "calls", title: "Graph calls per minute", format: perMinute, stacked: true,
      lines: OUTCOMES.map(([, name, tone]) => ({ name, tone })), nothing: "No calls in this time",
    }),
  };
  const chartGrid = h("div", { class: "charts" }, Object.values(charts).map(({ element }) => element));
  const noCharts = h("section", { class: "panel note", "data-testid": "no-metrics", hidden: "" },
    "No charts: this bot is built without the feature ", h("code", {}, "metrics"), " of handover.");
  const facts = h("dl", { class: "figures", "data-testid": "handovers" });
  const targets = h("p", { class: "hint", "data-testid": "handover-targets" });
  const people = h("ol", { class: "people-now", "data-testid": "people-now" });
  const nobody = h("p", { class: "empty" }, "No conversation is with an agent now.");
  const more = h("a", { class: "hint", href: "#/threads/with_people", hidden: "" }, "Show all");
  const handovers = h("section", { class: "panel", "aria-label": "Handovers" },
    h("div", { class: "panel-head" }, h("h2", {}, "Handovers"), targets),
    h("div", { class: "handovers" }, facts,
      h("div", {}, h("h3", {}, "With an agent now, longest first"), people, nobody, more)));
  const nodes = h("section", { class: "panel", "data-testid": "nodes", hidden: "" },
    h("div", { class: "panel-head" }, h("h2", {}, "Nodes"),
      h("p", { class: "hint" }, "Charts, handovers and accounts show this node; the rest shows all nodes")), h("ol", { class: "nodes" }));
  const element = h("div", { class: "now" }, status, tiles, chartGrid, noCharts, handovers, nodes);

  return {
    element,
    showsOverview: true,
    async refresh() {
      const [overview, open] = await Promise.all([get("overview"), get("threads", { group: "with_people", limit: LISTED })]);
      if (!overview) return showSilence(status);
      showCount(overview);
      showStatus(status, overview, open);
      showTiles(tile, overview);
      chartGrid.hidden = !overview.samples;
      noCharts.hidden = Boolean(overview.samples);
      if (overview.samples) showCharts(charts, overview.samples);
      showHandovers(facts, targets, overview);
      if (open) showPeople({ people, nobody, more }, open);
      showNodes(nodes, overview);
    },
  };
}

function showSilence(status) {
  if (status.dataset.state === "silent") return;
  status.dataset.state = "silent";
  status.replaceChildren(icon("alert"), h("div", {},
    h("p", { class: "status-title" }, "The bot does not answer"),
    h("p", {}, "It has stopped, or its machine cannot be reached. The figures below are old. Start the bot; its log says why it stopped.")));
}

function showStatus(status, overview, open) {
  const { ready, problems, accounts, started_at: started, is_durable: durable, version, now } = overview;
  const todo = ready ? remarks(overview, open) : [];
  const sendsNothing = accounts?.length > 0 && accounts.every(({ token }) => ["refused", "limited"].includes(token));
  const state = !ready || sendsNothing ? "bad" : problems.length || todo.length ? "wait" : "good";
  const title = !ready ? "The bot does not work"
    : sendsNothing ? "The bot stores events, but sends nothing"
    : problems.length ? `The bot works, with ${plural(problems.length, "problem")}`
      : todo.length ? `The bot works; ${todo.length === 1 ? "1 thing needs" : `${todo.length} things need`} attention` : "Everything works";
  const about = [
    `started ${clock(started)}, ${coarse(now - started)} ago`,
    accounts && plural(accounts.length, "account"),
    durable ? "" : "stored in memory: the backlog is lost when the bot stops",
    `handover ${version}`,
  ].filter(Boolean).join(" · ");
  const signature = JSON.stringify([state, title, about, problems, todo]);
  if (status.signature === signature) return;
  status.signature = signature;
  status.dataset.state = state;
  status.replaceChildren(icon(state === "good" ? "check" : "alert"), h("div", {},
    h("p", { class: "status-title", "data-testid": "status-title" }, title),
    h("p", { class: "hint" }, about),
    problems.length > 0 && h("ul", { "data-testid": "problems" }, problems.map((problem) => h("li", {}, problem))),
    todo.length > 0 && h("ul", { "data-testid": "todo" }, todo.map(([text, href]) => h("li", {}, h("a", { href }, text))))));
}

/** What an operator should look at although the bot works. */
function remarks({ waiting, now }, open) {
  const found = [];
  const unanswered = open?.threads.filter(({ is_answered: answered, owner_since: since }) => !answered && now - since > LONG) ?? [];
  if (unanswered.length) {
    const longest = coarse(now - Math.min(...unanswered.map(({ owner_since: since }) => since)));
    const one = unanswered.length === 1;
    const many = `${plural(unanswered.length, "customer")} ${one ? "waits" : "wait"} for an agent, the longest for ${longest}`;
    // Only those that are listed were looked at.
    found.push([open.has_more ? `At least ${many}` : one ? `A customer has waited ${longest} for an agent` : many, "#/threads/with_people"]);
  }
  if (waiting?.dead_letters) found.push([`${plural(waiting.dead_letters, "dead letter")}: see why, and retry or discard`, "#/dead-letters"]);
  const oldest = oldestOf(waiting);
  if (oldest && now - oldest > MINUTE) found.push([`The oldest event or call in the backlog has waited ${coarse(now - oldest)}`, "#/threads/waiting"]);
  return found;
}

const oldestOf = (waiting) => {
  const times = [waiting?.oldest_event_at, waiting?.oldest_call_at].filter(Boolean);
  return times.length ? Math.min(...times) : undefined;
};

function showTiles(tile, { samples, waiting, threads, now }) {
  const last = samples?.points.slice(-Math.round(MINUTE / samples.every_ms)) ?? [];
  const sum = (name) => last.reduce((all, point) => all + point[name], 0);
  write(tile.received.value, samples ? number(sum("received")) : "–");
  write(tile.sent.value, samples ? number(sum("sent")) : "–");
  const all = waiting ? waiting.events + waiting.calls : undefined;
  const oldest = oldestOf(waiting);
  write(tile.waiting.value, all === undefined ? "–" : number(all));
  write(tile.waiting.more, all && oldest ? `oldest ${span(now - oldest)}` : "events and calls");
  tile.waiting.box.classList.toggle("alarming", Boolean(all) && oldest !== undefined && now - oldest > MINUTE);
  const away = threads ? threads.inbox + threads.app : undefined;
  write(tile.people.value, away === undefined ? "–" : number(away));
  write(tile.people.more, threads ? `of ${plural(threads.bot + away + threads.unknown, "thread")}` : "");
  write(tile.letters.value, waiting ? number(waiting.dead_letters) : "–");
  write(tile.letters.more, waiting?.dead_letters ? "failed for good" : "nothing failed");
  tile.letters.box.classList.toggle("alarming", Boolean(waiting?.dead_letters));
}

function showCharts(given, { every_ms: every, points }) {
  const minute = Math.round(MINUTE / every);
  // A bot that has just started has few samples: they do not fill the chart.
  const missing = Math.max(0, SHORTEST * minute - points.length);
  const first = points[0]?.at ?? Date.now();
  const times = [...Array.from({ length: missing }, (_, index) => first - (missing - index) * every), ...points.map(({ at }) => at)];
  const charts = Object.fromEntries(Object.entries(given).map(([name, { update }]) => [name, {
    update: (values) => update(values.map((line) => [...Array(missing).fill(null), ...line]), times),
  }]));
  /** The sum of the minute before each point. */
  const rate = (value) => points.map((_, index) =>
    points.slice(Math.max(0, index - minute + 1), index + 1).reduce((sum, point) => sum + value(point), 0));
  charts.messages.update([rate(({ received }) => received), rate(({ sent }) => sent)]);
  charts.latency.update(["acknowledge_ms", "handler_ms", "graph_ms"].map((name) => points.map((point) => point[name])));
  charts.waiting.update(["waiting_events", "waiting_calls"].map((name) => points.map((point) => point[name])));
  const known = new Set(["ok", "limited", "refused", "not_owner", "token_refused"]);
  const calls = {
    ok: ({ calls: by }) => by.ok ?? 0,
    limited: ({ calls: by }) => by.limited ?? 0,
    refused: ({ calls: by }) => (by.refused ?? 0) + (by.not_owner ?? 0) + (by.token_refused ?? 0),
    failed: ({ calls: by }) => Object.entries(by).reduce((sum, [name, count]) => sum + (known.has(name) ? 0 : count), 0),
  };
  charts.calls.update(OUTCOMES.map(([name]) => rate(calls[name])));
}

function showHandovers(facts, targets, { handovers }) {
  if (!handovers) return;
  const { since, by_the_bot: byBot, taken, to, first_word: word, away, unclaimed, returned } = handovers;
  const time = (spread) => (spread ? span(spread.median_ms) : "–");
  const slow = (spread) => (spread ? `median; 1 in 10 took over ${span(spread.slowest_tenth_ms)}` : "median; no data yet");
  const items = [
    ["handed", "Handed over by the bot", number(byBot), taken ? `and ${number(taken)} taken by agents` : ""],
    ["word", "Time to the first agent message", time(word), slow(word)],
    ["away", "Time until returned to the bot", time(away), slow(away)],
    ["unclaimed", "No agent answered", number(unclaimed), "taken back by the bot"],
    ["returned", "Returned to the bot", number(returned), ""],
  ];
  reconcile(facts, items.map(([key, name, value, hint]) => ({ key, name, value, hint })), ({ key, name, value, hint }) =>
    h("div", {}, h("dt", {}, name), h("dd", { "data-testid": `handovers-${key}` }, value), h("span", { class: "hint" }, hint)));
  const names = to.map(({ name, app, count }) => `${name ?? (app ? `App ${app}` : "another app")}: ${number(count)}`);
  write(targets, [`since the start of this process, ${clock(since)}`, names.length ? `to ${names.join(", ")}` : ""].filter(Boolean).join(" · "));
}

function showPeople({ people, nobody, more }, { threads, has_more: hasMore, now }) {
  const items = threads.map((thread) => ({
    ...thread, key: `${thread.account}/${thread.person}`, since: coarse(now - thread.owner_since), person_wrote_at: undefined,
  }));
  reconcile(people, items, (thread) => h("li", {}, h("a", { class: "person-now", href: threadLink(thread), "data-row": "", "data-testid": "person-now" },
    h("code", {}, thread.person),
    chip(toneOf(thread), ownerName(thread)),
    h("span", { class: "since" }, thread.since),
    thread.is_answered ? h("span", { class: "hint" }, "answered") : h("span", { class: "badge tone-wait" }, "no answer yet"))));
  nobody.hidden = items.length > 0;
  more.hidden = !hasMore;
}

function showNodes(box, { node, nodes, now }) {
  box.hidden = !node;
  if (!node) return;
  const items = nodes ?? [];
  write(box.querySelector("h2"), `${plural(node.nodes, "node")}; this node works ${node.lanes} of 256 lanes${node.has_lease ? "" : "; its lease has expired"}`);
  reconcile(box.querySelector(".nodes"), items.map((one) => ({ ...one, key: `${one.name} ${one.started_at}`, lease_until: undefined, late: one.lease_until < now })), (one) =>
    h("li", {}, h("code", {}, one.name), one.is_this && chip("bot", "this node"), one.late && chip("bad", "lease expired"),
      h("span", {}, plural(one.lanes, "lane")), h("span", { class: "hint" }, `handover ${one.version} · since ${clock(one.started_at)}`)));
}

