import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";
import { card } from "./card.js";

const SCALES = { csat: 5, nps: 11, ces: 7 };

/** The form with its question. It cannot be sent: the platform opens it in a separate window. */
export function feedback({ title, subtitle, button_title: label, feedback_screens: screens }) {
  const questions = (screens ?? []).flatMap((screen) => screen.questions ?? []);
  return card({
    title, subtitle,
    below: questions.map(({ type, title: asked, follow_up: more }) => h("div", { class: "question" },
      h("p", {}, text(asked ?? "")),
      SCALES[type]
        ? h("p", { class: "scale", role: "img", "aria-label": `${SCALES[type]} answers to choose from` }, Array.from({ length: SCALES[type] }, (_, at) => h("span", {}, type === "nps" ? at : at + 1)))
        : h("p", { class: "card-sub" }, "Free text"),
      more && h("p", { class: "card-sub" }, text(more.placeholder ?? "Free text")))),
  }, h("button", { class: "card-button", type: "button", disabled: true, title: "The simulator does not fill in the form" }, text(label ?? "Give feedback")));
}
