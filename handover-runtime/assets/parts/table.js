// A table whose rows become cards on narrow screens.

import { h } from "../lib/dom.js";
import { reconcile } from "../lib/reconcile.js";

/**
 * `columns` are `{name, class?, cell(item)}`; `href(item)` makes a row a link. `update(items)` takes items
 * with a `key`.
 */
export function table({ label, testid, columns, href }) {
  const body = h("div", { class: "table-body", role: "rowgroup" });
  const head = h("div", { class: "table-head", role: "row" },
    columns.map(({ name, class: kind }) => h("span", { role: "columnheader", class: kind }, name)));
  const element = h("div", { class: "table", role: "table", "aria-label": label, "data-testid": testid }, head, body);
  return {
    element,
    update(items) {
      head.hidden = items.length === 0;
      reconcile(body, items, (item) => {
        const to = href?.(item);
        return h(to ? "a" : "div", {
          class: "table-row", role: "row", "data-row": "", "data-testid": `${testid}-row`, href: to, tabindex: to ? undefined : 0,
        }, columns.map(({ name, class: kind, cell }) => {
          const content = cell(item);
          return h("span", { role: "cell", class: kind, "data-name": name, "data-none": content === undefined && "" }, content ?? "–");
        }));
      });
    },
  };
}
