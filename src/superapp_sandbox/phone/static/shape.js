// The sandbox's answers in the shape the screens draw, so that no screen knows the wire.
import { t } from "./words.js";

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
