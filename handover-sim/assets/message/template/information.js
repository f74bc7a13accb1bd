import { h } from "../../lib/dom.js";
import { text } from "../../lib/format.js";
import { card } from "./card.js";

/** A form with typed questions. It cannot be sent here. */
export function information(payload) {
  const questions = (payload.screens ?? payload.customer_information_screens ?? []).flatMap((screen) => screen.questions ?? screen.fields ?? []);
  return card({
    title: payload.title ?? "Information", subtitle: payload.subtitle,
    below: questions.map((each) => h("p", { class: "card-sub" }, text(each.title ?? each.label ?? each.type ?? "Question"))),
  }, h("button", { class: "card-button", type: "button", disabled: true, title: "The simulator does not fill in the form" }, text(payload.button_title ?? "Fill in")));
}
