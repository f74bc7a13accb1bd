// Calls of the control API. Errors are shown as a toast; the result is then undefined.

import { toast } from "../shell/toast.js";
import { answerShared, shared } from "./shared.js";

export const get = (path, query) => call("GET", path + search(query));
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);

/** Executes an action. */
export const act = (name, fields) => post(`/control/actions/${name}`, fields);

async function call(method, path, body) {
  if (shared()) {
    if (method === "GET") return answerShared(path);
    toast("This conversation is shared: you can read it, but not change it.");
    return undefined;
  }
  try {
    const response = await fetch(path, {
      method,
      headers: body && { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const isJson = response.headers.get("content-type")?.includes("json");
    const answer = isJson ? await response.json() : await response.text();
    if (response.ok) return answer ?? {};
    toast(sentence(answer.error ?? `The simulator answered ${response.status}`));
  } catch {
    toast("The simulator does not answer. Is it still running?");
  }
  return undefined;
}

/** Whether it exists; undefined without a response. */
export async function exists(path) {
  try {
    return (await fetch(path)).ok;
  } catch {
    return undefined;
  }
}

function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function sentence(text) {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}
