// The home screen with its three tabs, the chat with an account, and the account's own page.
import { dayTime, fill, h, hourMinute, icon, webAddress } from "./dom.js";
import { eventWords, get, post, readChat } from "./net.js";
import { t } from "./words.js";
import { avatar } from "./wallet.js";

const FIVE_MINUTES = 300_000;

export function homeScreen(phone) {
  const tabs = { chats: chatsTab(phone), find: findTab(phone), me: meTab(phone) };
  const labels = { chats: [t("聊天", "Chats"), "chat"], find: [t("发现", "Discover"), "find"], me: [t("我", "Me"), "person"] };
  const body = h("div.tabbody");
  const buttons = Object.entries(labels).map(([name, [label, sign]]) =>
    h("button", { type: "button", role: "tab", "data-testid": `tab-${name}`, onclick: () => open(name) }, icon(sign), h("span", {}, label)));
  const el = h("section", { "aria-label": t("首页", "Home") }, body, h("nav.tabs", { role: "tablist", "aria-label": t("主导航", "Main") }, buttons));

  function open(name) {
    Object.keys(labels).forEach((one, at) => buttons[at].setAttribute("aria-selected", String(one === name)));
    fill(body, tabs[name].el);
  }

  open("chats");
  return { el, tab: open, update: (state) => Object.values(tabs).forEach((tab) => tab.update(state)) };
}

function plusMenu(phone) {
  const row = (sign, label, testid, act) => h("button.cell", { type: "button", "data-testid": testid, onclick: () => {
    phone.closeSheet();
    act();
  } }, icon(sign), h("span.grow", {}, label));
  phone.openSheet(t("快捷", "Quick actions"), h("div.cells", {},
    row("scan", t("扫一扫", "Scan"), "plus-scan", () => phone.go("scan")),
    row("code", t("付款码", "Pay code"), "plus-paycode", () => phone.go("paycode")),
    row("browser", t("打开网页", "Open a page"), "plus-browser", () => phone.go("browser"))));
}

function chatsTab(phone) {
  const list = h("div.cells.flat", { "data-testid": "chats" });
  const plus = h("button.barb", { type: "button", "aria-label": t("快捷操作", "Quick actions"), "data-testid": "plus", onclick: () => plusMenu(phone) }, icon("plus"));
  const el = h("div.tabpage", {}, phone.bar(t("聊天", "Chats"), { back: false, right: plus }), h("div.scroll", {}, list));
  return {
    el,
    update({ chats = [] }) {
      fill(list, chats.length ? chats.map((chat) => chatRow(phone, chat)) : h("div.empty", {}, icon("chat", "huge"), h("p", {}, t("还没有聊天。扫公众号的码，就能开始", "No chats yet. Scan an account's code to start")),
        h("button.btn.soft", { type: "button", onclick: () => phone.go("scan") }, t("扫一扫", "Scan"))));
    },
  };
}

function chatRow(phone, chat) {
  return h("button.cell.tall", { type: "button", "data-testid": `chat-${chat.appid}`, onclick: () => phone.push("chat", { appid: chat.appid }) },
    h("span.av.sq", { "aria-hidden": "true" }, chat.name.slice(0, 1)),
    h("span.grow", {}, h("span.rowline", {}, h("b.el", {}, chat.name), h("time.num", {}, hourMinute(chat.at))), h("small.el.muted", {}, chat.words || t("没有新消息", "No messages"))));
}

function findTab(phone) {
  const accounts = h("div.cells");
  const row = (sign, label, testid, act, note = "") => h("button.cell", { type: "button", "data-testid": testid, onclick: act }, icon(sign), h("span.grow", {}, label), h("small.muted", {}, note), icon("next"));
  const el = h("div.tabpage", {}, phone.bar(t("发现", "Discover"), { back: false }),
    h("div.scroll", {},
      h("div.cells", {},
        row("scan", t("扫一扫", "Scan"), "find-scan", () => phone.push("scan")),
        row("browser", t("打开网页", "Open a page"), "find-browser", () => phone.go("browser"))),
      h("h3.cellhead", {}, t("公众号", "Official accounts")), accounts));
  return {
    el,
    update({ accounts: all = [] }) {
      fill(accounts, all.map((one) => h("button.cell", { type: "button", "data-testid": `account-${one.appid}`, onclick: () => phone.push("account", { appid: one.appid }) },
        h("span.av.sq.small", { "aria-hidden": "true" }, one.name.slice(0, 1)), h("span.grow", {}, one.name), h("small.muted", {}, one.subscribed ? t("已关注", "Following") : t("未关注", "Not following")), icon("next"))));
    },
  };
}

function meTab(phone) {
  const face = h("div.mehead");
  const row = (sign, label, place) => h("button.cell", { type: "button", "data-testid": `me-${place}`, onclick: () => phone.push(place) }, icon(sign), h("span.grow", {}, label), icon("next"));
  const el = h("div.tabpage", {}, h("div.scroll", {}, face,
    h("div.cells", {}, row("code", t("付款码", "Pay code"), "paycode"), row("wallet", t("钱包", "Wallet"), "wallet")),
    h("div.cells", {}, row("gear", t("设置", "Settings"), "settings"))));
  return {
    el,
    update({ user }) {
      fill(face, avatar(user), h("div.grow", {}, h("h2.el", { "data-testid": "me-name" }, user.name), h("p.muted.num", {}, t(`沙箱用户 ${user.id}`, `Sandbox user ${user.id}`))));
    },
  };
}

/** A chat: what was said, the account's menu, and a line to type in. */
export function chatScreen(phone, { appid }) {
  const title = h("h2.el", { "data-testid": "chat-title" });
  const list = h("div.msgs", { role: "log", "aria-live": "polite", "aria-label": t("聊天记录", "Messages"), "data-testid": "messages" });
  const input = h("input", { type: "text", "aria-label": t("说点什么", "Message"), "data-testid": "say-text", autocomplete: "off", enterkeyhint: "send" });
  const foot = h("footer.chatfoot");
  const follow = h("button.btn.pri.wide", { type: "button", "data-testid": "follow", "data-api": `POST ${phone.api}/follow`, onclick: doFollow }, t("关注公众号", "Follow"));
  const el = h("section.chat", {}, h("header.hb", {},
    h("button.barb", { type: "button", "aria-label": t("返回", "Back"), "data-testid": "back", onclick: () => phone.back() }, icon("back")), title,
    h("button.barb", { type: "button", "aria-label": t("公众号资料", "Account page"), "data-testid": "chat-account", onclick: () => phone.push("account", { appid }) }, icon("person"))), list, foot);
  const line = h("form.typing", { onsubmit: say }, input, h("button.barb.sendb", { type: "submit", "aria-label": t("发送", "Send"), "data-testid": "say-send", "data-api": `POST ${phone.api}/say` }, icon("send")));
  let mode = "menu";
  let shown = "";
  let data = null;

  async function load() {
    const raw = await phone.attempt(() => get(`${phone.api}/chats/${encodeURIComponent(appid)}`));
    if (!raw || !el.isConnected) return;
    const fresh = readChat(raw);
    data = fresh;
    title.textContent = fresh.name;
    const key = JSON.stringify(fresh.messages.map((one) => one.id));
    if (key !== shown) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80 || !shown;
      shown = key;
      drawMessages(phone, list, fresh);
      if (atEnd) list.scrollTop = list.scrollHeight;
    }
    drawFoot();
  }

  function drawFoot() {
    const key = JSON.stringify([mode, data.menu, data.subscribed]);
    if (foot.dataset.key === key) return;
    foot.dataset.key = key;
    if (!data.subscribed) fill(foot, h("div.followbox", {}, follow));
    else if (data.menu?.length && mode === "menu") fill(foot, switcher("keys", t("改为打字", "Type")), menuBar(phone, appid, data.menu));
    else fill(foot, data.menu?.length ? switcher("menu", t("改为菜单", "Menu")) : null, line);
  }

  function switcher(sign, label) {
    return h("button.barb.switch", { type: "button", "aria-label": label, "data-testid": "chat-mode", onclick: () => {
      mode = mode === "menu" ? "type" : "menu";
      drawFoot();
      if (mode === "type") input.focus();
    } }, icon(sign));
  }

  async function say(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    const done = await phone.attempt(() => post(`${phone.api}/say`, { appid, text }));
    if (!done) input.value = text;
    load();
  }

  async function doFollow() {
    await phone.attempt(() => post(`${phone.api}/follow`, { appid }));
    load();
    phone.refresh();
  }

  let typingTimer = 0;
  function typing(event) {
    if (event.appid !== appid || !data) return;
    clearTimeout(typingTimer);
    title.textContent = event.on ? t("对方正在输入…", "Typing…") : data.name;
    if (event.on) typingTimer = setTimeout(() => (title.textContent = data.name), 15_000);
  }

  load();
  return { el, appid, update: load, typing };
}

function drawMessages(phone, list, { messages, name }) {
  let last = 0;
  const parts = [];
  for (const message of messages) {
    const at = message.at * 1000;
    if (at - last > FIVE_MINUTES) parts.push(h("time.msgtime.num", {}, dayTime(message.at)));
    last = at;
    parts.push(drawMessage(phone, message, name));
  }
  fill(list, parts.length ? parts : h("p.msgtime", {}, t("还没有消息", "No messages yet")));
}

function drawMessage(phone, message, name) {
  const { kind, body = {}, direction } = message;
  const mine = direction === "out";
  if (kind === "event") return h("p.msgtime", { "data-testid": "message", "data-kind": kind }, eventWords(body));
  if (kind === "system") return h("p.msgtime", { "data-testid": "message", "data-kind": kind }, body.content);
  if (kind === "news") return h("div.msgcard", { "data-testid": "message", "data-kind": kind }, newsCard(phone, body.articles ?? []));
  if (kind === "template" || kind === "notice") return h("div.msgcard", { "data-testid": "message", "data-kind": kind }, templateCard(phone, body));
  return h(mine ? "div.msg.mine" : "div.msg", { "data-testid": "message", "data-kind": kind },
    mine ? avatar(phone.state?.user ?? {}) : h("span.av.sq", { "aria-hidden": "true" }, name.slice(0, 1)),
    h("div.bubble", {}, bubble(phone, kind, body)));
}

function bubble(phone, kind, body) {
  if (kind === "text") return linked(phone, body.content ?? "");
  if (kind === "image" && webAddress(body.url)) return h("img.pic", { src: body.url, alt: t("图片", "Picture") });
  const names = { image: t("图片", "Picture"), voice: t("语音", "Voice"), video: t("视频", "Video"), music: t("音乐", "Music") };
  return [h("b", {}, `[${names[kind] ?? kind}] `), body.title ?? body.media_id ?? ""];
}

/** Text of an account with its links: `<a href="…">words</a>` and bare addresses; all else stays text. */
function linked(phone, content) {
  const pattern = /<a\s[^>]*?href=["']([^"']+)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"，。；、）」]+)/gi;
  const parts = [];
  let from = 0;
  for (const match of content.matchAll(pattern)) {
    parts.push(content.slice(from, match.index));
    const address = webAddress(match[1] ?? match[3]);
    const words = match[2] ?? match[3];
    parts.push(address ? h("a", { href: address, "data-testid": "message-link", onclick: (event) => {
      event.preventDefault();
      phone.visit(address);
    } }, words) : words);
    from = match.index + match[0].length;
  }
  parts.push(content.slice(from));
  return parts;
}

function newsCard(phone, articles) {
  return h("div.news", {}, articles.map((article, at) => {
    const picture = webAddress(article.picurl ?? article.PicUrl);
    const address = webAddress(article.url ?? article.Url);
    const words = [h("b", {}, article.title ?? ""), at === 0 && article.description ? h("small.muted", {}, article.description) : null];
    return h(at === 0 ? "button.newsone" : "button.newsrow", { type: "button", "data-testid": "article", disabled: !address, onclick: () => phone.visit(address) },
      picture && at === 0 ? h("img", { src: picture, alt: "" }) : null, h("span.grow", {}, words), picture && at > 0 ? h("img", { src: picture, alt: "" }) : null);
  }));
}

function templateCard(phone, { title, lines = [], url }) {
  const address = webAddress(url);
  return h("div.tmpl", {}, h("b", {}, title ?? t("通知", "Notice")), h("dl", {}, lines.map(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)])),
    address ? h("button.tmpllink", { type: "button", "data-testid": "template-link", onclick: () => phone.visit(address) }, t("查看详情", "Details"), icon("next")) : null);
}

/** Up to three buttons, each with up to five entries above it. */
function menuBar(phone, appid, buttons) {
  const box = h("div.menubar", { "data-testid": "menu" });

  async function act(button) {
    close();
    const body = button.url ? { appid, url: button.url } : { appid, key: button.key };
    const answer = await phone.attempt(() => post(`${phone.api}/menu`, body));
    if (answer?.open_url) phone.visit(answer.open_url);
    else if (answer && String(button.type).startsWith("scancode")) phone.push("scan");
    phone.refresh();
  }

  function close() {
    box.querySelector(".submenu")?.remove();
    box.querySelectorAll("[aria-expanded=true]").forEach((one) => one.setAttribute("aria-expanded", "false"));
  }

  function entry(button, index) {
    const below = button.sub_button ?? [];
    const top = h("button.menutop", { type: "button", "data-testid": `menu-${index}`, "aria-haspopup": below.length ? "menu" : null, "aria-expanded": below.length ? "false" : null, onclick: () => {
      const opened = top.getAttribute("aria-expanded") === "true";
      close();
      if (!below.length) act(button);
      else if (!opened) {
        top.setAttribute("aria-expanded", "true");
        holder.append(h("div.submenu", { role: "menu" }, below.map((sub, at) => h("button", { type: "button", role: "menuitem", "data-testid": `menu-${index}-${at}`, onclick: () => act(sub) }, sub.name))));
      }
    } }, below.length ? icon("menu") : null, button.name);
    const holder = h("div.menucol", { onkeydown: (event) => {
      if (event.key === "Escape") {
        close();
        top.focus();
      }
    } }, top);
    return holder;
  }

  box.append(...buttons.slice(0, 3).map(entry));
  return box;
}

/** The account's page: who it is, follow or unfollow, enter. */
export function accountScreen(phone, { appid }) {
  const body = h("div.scroll");
  const el = h("section", { "aria-label": t("公众号资料", "Account") }, phone.bar(""), body);
  let key = "";

  async function change(verb) {
    if (await phone.attempt(() => post(`${phone.api}/${verb}`, { appid }))) {
      phone.toast(verb === "follow" ? t("已关注", "Following") : t("已取消关注", "Unfollowed"));
    }
    phone.refresh();
  }

  function update({ accounts = [] }) {
    const account = accounts.find((one) => one.appid === appid) ?? accounts[0];
    if (!account || key === JSON.stringify(account)) return;
    key = JSON.stringify(account);
    const on = account.subscribed;
    fill(body,
      h("div.acchead", {}, h("span.av.sq.big", { "aria-hidden": "true" }, account.name.slice(0, 1)), h("h2", {}, account.name), h("p.muted.num", {}, t(`服务号 · ${account.original_id ?? account.appid}`, `Service account · ${account.original_id ?? account.appid}`))),
      h("div.accacts", {},
        on ? h("button.btn.pri.wide", { type: "button", "data-testid": "account-enter", onclick: () => phone.push("chat", { appid: account.appid }) }, t("发消息", "Message"))
          : h("button.btn.pri.wide", { type: "button", "data-testid": "account-follow", "data-api": `POST ${phone.api}/follow`, onclick: () => change("follow") }, t("关注公众号", "Follow")),
        on ? h("button.btn.ghost.wide", { type: "button", "data-testid": "account-unfollow", "data-api": `POST ${phone.api}/unfollow`, onclick: () => change("unfollow") }, t("取消关注", "Unfollow")) : null),
      h("div.cells", {}, h("div.cell", {}, h("span.grow", {}, "AppID"), h("small.muted.num", {}, account.appid)), account.openid ? h("div.cell", {}, h("span.grow", {}, t("你的 OpenID", "Your OpenID")), h("small.muted.num.el", {}, account.openid)) : null));
  }

  return { el, update };
}
