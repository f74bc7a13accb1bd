import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { openAt } from "../lib/popover.js";
import { goTo } from "../shell/views.js";
import { post } from "../state/api.js";
import { LOCALES } from "../phone/more.js";
import { select } from "../state/selection.js";
import { accountOf, current, store } from "../state/store.js";
import { PRODUCTS, showAll } from "./list.js";

const NAMES = ["Ana", "Ben", "Chiara", "David", "Emre", "Fatima", "Georg", "Hana", "Ivan", "Jun", "Kaya", "Luis", "Mara", "Nils", "Olga", "Paolo"];

export function startNewPerson() {
  const button = byId("person-new");
  button.append(icon("plus"));
  button.addEventListener("click", openNewPerson);
}

/** Asks for the name of a new person, and the account. */
export function openNewPerson() {
  const accounts = store.state?.accounts ?? [];
  const here = byId("account-filter").value || accountOf(current())?.id;
  const name = h("input", { class: "field", "data-testid": "new-person-name", value: suggestion(), required: true, maxlength: 80 });
  const account = h("select", { class: "select", "data-testid": "new-person-account" }, accounts.map((each) =>
    h("option", { value: each.id, selected: each.id === here }, `${each.name} · ${PRODUCTS[each.product] ?? each.product}`)));
  const locale = h("input", { class: "field", "data-testid": "new-person-locale", value: "en_US", list: "new-person-locales", required: true });
  const locales = h("datalist", { id: "new-person-locales" }, LOCALES.map((each) => h("option", { value: each })));
  const form = h("form", { class: "form", submit: add },
    h("h3", {}, "New person"),
    h("label", {}, h("span", {}, "Name"), name),
    accounts.length > 1 && h("label", {}, h("span", {}, "Comes to"), account),
    h("label", {}, h("span", {}, "Language and country"), locale, locales),
    h("button", { class: "button primary", "data-testid": "new-person-add" }, "Add"));
  const popover = openAt(byId("person-new"), form, { label: "New person" });
  name.select();

  async function add(event) {
    event.preventDefault();
    popover.close();
    const answer = await post("/control/persons", { name: name.value.trim(), account: account.value || undefined, locale: locale.value.trim() });
    if (!answer) return;
    showAll();
    select(answer.person);
    goTo("phone");
  }
}

function suggestion() {
  const taken = new Set([...store.threads.values()].map(({ person }) => person.name));
  return NAMES.find((name) => !taken.has(name)) ?? `Person ${store.state?.persons ?? taken.size}`;
}
