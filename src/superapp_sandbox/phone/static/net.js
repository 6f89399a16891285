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

const listeners = new Set();
let source = null;

/**
 * Calls `changed` with each event that concerns `user` ("" for all). One stream serves the whole page: a browser opens
 * only six connections to a host. While streams are blocked everybody looks again every ten seconds.
 * Returns a function that stops listening.
 */
export function listen(user, changed) {
  const listener = (event) => (!user || !event.user || event.user === user) && changed(event);
  listeners.add(listener);
  source ??= openStream();
  return () => listeners.delete(listener);
}

function openStream() {
  let timer = 0;
  let opened = false;
  // From the moment the page was written on, so that nothing falls between the page and the stream.
  const since = document.querySelector("[data-seq]")?.dataset.seq ?? "";
  const tell = (event) => listeners.forEach((listener) => listener(event));
  const stream = new EventSource(`/_phone/api/events?since=${since}`);
  stream.onmessage = (message) => tell(JSON.parse(message.data));
  stream.onerror = () => {
    clearInterval(timer);
    timer = setInterval(() => tell({}), 10_000);
  };
  stream.onopen = () => {
    clearInterval(timer);
    if (opened) tell({}); // something may have happened while the stream was down
    opened = true;
  };
  return stream;
}

// -- answers in the shape the screens draw, so that no screen knows the wire -------------------------------------------

/** The state of a phone: user with settings, accounts, chats with a last line, wallet, the payment that waits. */
export function readState(raw) {
  const user = { ...raw.user, ...raw.user.settings };
  const following = new Set(raw.following ?? []);
  return {
    user,
    accounts: (raw.accounts ?? []).map((one) => ({ ...one, subscribed: following.has(one.appid), openid: user.openids?.[one.appid] })),
    chats: (raw.chats ?? []).map((chat) => ({ ...chat, at: chat.last?.at ?? null, words: chat.last ? lineWords(chat.last) : "", newest: chat.last })),
    notices: (raw.notices ?? []).filter((one) => one.kind !== "message"), // a message has its chat
    wallet: { balance_fen: raw.wallet.balance_fen, bills: (raw.wallet.bills ?? []).map((bill) => ({ ...bill, order: bill.transaction_id })) },
    pending: raw.pending_payment ? { ...raw.pending_payment, order: raw.pending_payment.transaction_id, number: raw.pending_payment.order } : null,
  };
}

/** A chat: who, whether followed, the menu's buttons, the messages. */
export function readChat(raw) {
  return { name: raw.account.name, subscribed: Boolean(raw.following), menu: raw.menu?.button ?? [], messages: raw.messages ?? [] };
}

const EVENTS = {
  subscribe: t("你关注了这个公众号", "You followed this account"),
  unsubscribe: t("你取消了关注", "You unfollowed"),
  SCAN: t("你扫了它的二维码", "You scanned its code"),
  CLICK: t("你点了菜单", "You tapped the menu"),
  VIEW: t("你打开了菜单里的网页", "You opened a page of the menu"),
};

/** What the middle line of a chat says about an event. */
export function eventWords(body) {
  const label = EVENTS[body.event] ?? body.event ?? "";
  return body.key ? `${label} · ${body.key}` : label;
}

/** One line of text for the chat list and the banner. */
export function lineWords({ kind, body }) {
  if (kind === "text" || kind === "system") return plain(body.content ?? "");
  if (kind === "news") return body.articles?.[0]?.title ?? t("[图文]", "[Article]");
  if (kind === "template" || kind === "notice") return body.title ?? t("[通知]", "[Notice]");
  if (kind === "event") return eventWords(body);
  const names = { image: t("[图片]", "[Picture]"), voice: t("[语音]", "[Voice]"), video: t("[视频]", "[Video]"), music: t("[音乐]", "[Music]") };
  return names[kind] ?? `[${kind}]`;
}

function plain(content) {
  return content.replace(/<\/?a\b[^>]*>/gi, "");
}
