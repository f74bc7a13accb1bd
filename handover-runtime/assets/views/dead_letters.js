// Dead letters by cause: retry and discard one or many, after a preview of what would be sent.

import { h, write } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { block } from "../lib/json.js";
import { modal } from "../lib/modal.js";
import { reconcile } from "../lib/reconcile.js";
import { toast } from "../shell/toast.js";
import { get, postWithToken } from "../data/api.js";
import { partyName, threadLink, when } from "../parts/words.js";

/** How many of a cause are listed until more are asked for. */
const LISTED = 20;

export function deadLettersView() {
  const chosen = new Set();
  const opened = new Set();
  const list = h("div", { class: "causes", "data-testid": "causes" });
  const empty = h("div", { class: "empty", hidden: "", "data-testid": "no-dead-letters" },
    h("p", { class: "empty-title" }, "No dead letters"),
    h("p", {}, "An event whose handler fails after all retries, and a call that the platform refuses, are kept here with their cause."));
  const hint = h("p", { class: "hint" });
  const element = h("div", { class: "dead-letters" }, hint, list, empty);

  async function refresh() {
    const answer = await get("dead_letters");
    if (!answer) return;
    const { causes, total, listed } = answer;
    const ids = new Set(causes.flatMap(({ letters }) => letters.map(({ id }) => id)));
    for (const id of chosen) if (!ids.has(id)) chosen.delete(id);
    empty.hidden = causes.length > 0;
    write(hint, [
      causes.length > 0 && "Events and calls that failed for good, by cause. Retry puts them back into the queue; discard deletes them.",
      total > listed && `The newest ${listed} of ${total} are shown and counted here.`,
    ].filter(Boolean).join(" "));
    reconcile(list, causes.map((cause) => ({ ...cause, key: `${cause.code} ${cause.subcode} ${cause.letters.at(-1).id}` })),
      (cause) => group(cause));
  }

  function group(cause) {
    const { letters } = cause;
    const all = h("input", { type: "checkbox", "aria-label": "Select all of this cause", "data-testid": "choose-all" });
    const retry = h("button", { class: "button small", type: "button", "data-testid": "retry" });
    const discard = h("button", { class: "button small danger", type: "button", "data-testid": "discard" });
    const boxes = new Map();
    const rows = h("ol", { class: "letters" });
    const more = h("button", { class: "button small quiet", type: "button" });
    const mine = () => letters.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
    const wanted = () => (mine().length ? mine() : letters.map(({ id }) => id));

    function show() {
      const count = mine().length;
      all.checked = count === letters.length;
      all.indeterminate = count > 0 && count < letters.length;
      for (const [id, box] of boxes) box.checked = chosen.has(id);
      write(retry, count ? `Retry ${count}…` : letters.length === 1 ? "Retry…" : `Retry all ${letters.length}…`);
      write(discard, count ? `Discard ${count}…` : letters.length === 1 ? "Discard…" : `Discard all ${letters.length}…`);
    }

    function list(limit) {
      boxes.clear();
      rows.replaceChildren(...letters.slice(0, limit).map((letter) => {
        const box = h("input", { type: "checkbox", "aria-label": `Select ${kindName(letter)} of ${letter.person}`, "data-row": "", "data-testid": "choose" });
        box.addEventListener("change", () => {
          if (box.checked) chosen.add(letter.id);
          else chosen.delete(letter.id);
          show();
        });
        boxes.set(letter.id, box);
        return h("li", { class: "letter", "data-testid": "letter" },
          h("label", {}, box, h("span", { class: "letter-name" }, kindName(letter))),
          letter.person ? h("a", { href: threadLink(letter) }, h("code", {}, letter.person)) : h("span", {}, partyName(letter.person)),
          h("span", { class: "hint" }, when(letter.at, Date.now())));
      }));
      more.hidden = letters.length <= limit;
      write(more, `Show all ${letters.length}`);
      show();
    }

    all.addEventListener("change", () => {
      for (const { id } of letters) {
        if (all.checked) chosen.add(id);
        else chosen.delete(id);
      }
      show();
    });
    const name = `${cause.code} ${cause.subcode} ${cause.cause}`;
    more.addEventListener("click", () => {
      opened.add(name);
      list(Infinity);
    });
    retry.addEventListener("click", () => preview(wanted(), refresh));
    discard.addEventListener("click", () => askDiscard(wanted(), refresh));
    list(opened.has(name) ? Infinity : LISTED);
    return h("section", { class: "panel cause", "data-testid": "cause" },
      h("div", { class: "cause-head" }, all,
        h("div", { class: "grow" },
          h("p", { class: "cause-advice", "data-testid": "advice" }, cause.advice),
          h("p", { class: "cause-text" }, cause.cause)),
        h("span", { class: "count bad" }, String(letters.length))),
      rows, h("div", { class: "cause-actions" }, retry, discard, more));
  }

  return { element, refresh };
}

/** `event message`, `call messages`, `notice agent`. */
const kindName = ({ kind, name }) => `${kind} ${name}`;

/** Shows what would be sent or handled again, and asks for confirmation. */
async function preview(ids, done) {
  let texts = false;
  let answer = await postWithToken("dead_letters/preview", { ids, texts });
  if (!answer) return;
  const rows = h("div", { class: "kept", "data-testid": "preview" });
  const repeat = h("input", { type: "checkbox", "data-testid": "repeat" });
  const left = h("label", { class: "check", hidden: "" }, repeat, h("span", {}));
  const go = h("button", { class: "button primary", type: "button", "data-testid": "retry-now" });
  const show = h("button", { class: "button", type: "button", "data-testid": "preview-texts" }, "Show texts");
  const summary = h("p", {});

  function update() {
    const { letters, ready, may_arrive_twice: copies } = answer;
    const count = ready + (repeat.checked ? copies : 0);
    left.hidden = copies === 0;
    write(left.querySelector("span"), `Also ${plural(copies, "message")} that may have been delivered already, and could arrive twice`);
    write(go, `Retry ${count}`);
    go.disabled = count === 0;
    write(summary, [
      ids.length > letters.length && `The newest ${letters.length} of ${ids.length} are shown.`,
      "Calls are sent again and handlers run again, in the order of each thread, after what is queued there.",
    ].filter(Boolean).join(" "));
    rows.replaceChildren(...letters.map(({ kind, name, person, refusal, content }) => h("details", { open: letters.length === 1 && "" },
      h("summary", {}, h("span", { class: "kept-name" }, kind === "call" ? `Send call ${name}` : kind === "notice" ? `Send notice ${name}` : `Handle event ${name}`),
        " ", h("code", {}, person), refusal && h("p", { class: "trouble" }, `Not retried: ${refusal}.`)),
      block(JSON.stringify(content)))));
  }

  const box = modal(`Retry ${plural(ids.length, "dead letter")}`, summary, rows, left, h("div", { class: "row" }, go, show));
  repeat.addEventListener("change", update);
  show.addEventListener("click", async () => {
    texts = !texts;
    const again = await postWithToken("dead_letters/preview", { ids, texts });
    if (!again) return;
    answer = again;
    write(show, texts ? "Hide texts" : "Show texts");
    update();
  });
  go.addEventListener("click", async () => {
    go.disabled = true;
    const retried = await postWithToken("replay", { source: "dead_letters", ids, repeat_messages: repeat.checked });
    box.close();
    if (retried) toast(`${plural(retried.length, "dead letter")} queued again.`);
    await done();
  });
  update();
}

function askDiscard(ids, done) {
  const go = h("button", { class: "button danger", type: "button", "data-testid": "discard-now" }, `Discard ${ids.length}`);
  const box = modal(`Discard ${plural(ids.length, "dead letter")}?`,
    h("p", {}, "They are deleted, which cannot be undone. The conversations stay as they are."), h("div", { class: "row" }, go));
  go.addEventListener("click", async () => {
    box.close();
    const answer = await postWithToken("dead_letters/discard", { ids });
    if (answer) toast(`${plural(answer.discarded, "dead letter")} discarded.`);
    await done();
  });
  go.focus();
}
