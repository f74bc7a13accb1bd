// Formatted JSON with highlighted keys, strings and numbers.

import { h } from "./dom.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

/** Parses JSON; undefined if the text is not JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Indents without parsing numbers, so that app ids and PSIDs keep their digits. */
export function pretty(text) {
  if (parse(text) === undefined) return text;
  let depth = 0;
  let out = "";
  const newline = () => "\n" + "  ".repeat(depth);
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + newline();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + newline() + token;
    } else if (token === ",") {
      out += token + newline();
    } else if (token === ":") {
      out += ": ";
    } else {
      out += token;
    }
  }
  return out;
}

/** A block of code that shows a body. */
export function block(text) {
  const code = h("pre", { class: "code", tabindex: 0 });
  const shown = pretty(text);
  if (parse(text) === undefined) {
    code.append(shown);
    return code;
  }
  let from = 0;
  for (const match of shown.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    code.append(shown.slice(from, match.index));
    const kind = colon ? "json-key" : string ? "json-text" : "json-number";
    code.append(h("span", { class: kind }, string ?? whole), colon ?? "");
    from = match.index + whole.length;
  }
  code.append(shown.slice(from));
  return code;
}
