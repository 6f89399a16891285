// The JSON API of the sandbox. A refusal keeps its code and its sentence; nothing is swallowed.
import { t } from "./words.js";

export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal("network", t("沙箱没有应答，它还在运行吗", "The sandbox does not answer. Is it running?"));
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(data.code ?? String(answer.status), t(data.zh, data.en) ?? data.message ?? answer.statusText);
  return data;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);

/**
 * Calls `changed` whenever something happened; server-sent events, and a look every ten seconds while they are blocked.
 * Returns a function that stops listening.
 */
export function listen(user, changed) {
  let timer = 0;
  const source = new EventSource(`/_phone/api/events?user=${encodeURIComponent(user)}`);
  source.onmessage = (message) => {
    let event = {};
    try {
      event = JSON.parse(message.data);
    } catch {
      event = {};
    }
    changed(event);
  };
  source.onerror = () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed({}), 10_000);
  };
  source.onopen = () => {
    clearTimeout(timer);
    changed({});
  };
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
