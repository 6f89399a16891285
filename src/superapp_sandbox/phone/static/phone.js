// <sx-phone user="u1">: one user's phone. It shows what the sandbox's state says and sends what the thumb does.
import { fill, h, hourMinute, icon, svg } from "./dom.js";
import { get, lineWords, listen, post, readState } from "./net.js";
import { t } from "./words.js";
import { PaySheet, resultScreen } from "./pay.js";
import { Browser } from "./browser.js";
import { accountScreen, chatScreen, homeScreen } from "./chat.js";
import { payCodeScreen, settingsScreen, walletScreen } from "./wallet.js";
import { scanScreen } from "./scan.js";

const SCREENS = {
  home: homeScreen,
  chat: chatScreen,
  account: accountScreen,
  scan: scanScreen,
  paycode: payCodeScreen,
  wallet: walletScreen,
  settings: settingsScreen,
  result: resultScreen,
};
const BANNER_MS = 6000;
const WEAK_MS = 1500;

export class Phone extends HTMLElement {
  connectedCallback() {
    if (this.state !== undefined) return;
    this.state = null;
    this.user = this.getAttribute("user");
    this.api = `/_phone/api/users/${encodeURIComponent(this.user)}`;
    this.stack = [];
    this.sheet = null;
    this.overlay = null;
    this.stage = h("div.screens");
    this.sheets = h("div.sheets");
    this.banner = h("div.bannerbox", { role: "status", "aria-live": "polite" });
    this.toastBox = h("div.toastbox", { role: "status", "aria-live": "polite" });
    this.time = h("span.num");
    this.browser = new Browser(this);
    this.frame = h("div.ph", { "data-testid": "phone", "data-user": this.user }, this.#statusBar(), this.stage, this.sheets, this.banner, this.toastBox, h("div.hi", { "aria-hidden": "true" }));
    this.append(this.frame);
    this.reset();
    this.tick();
    this.timer = setInterval(() => this.tick(), 1000);
    this.stop = listen(this.user, (event) => this.#heard(event));
    this.refresh();
  }

  disconnectedCallback() {
    this.stop?.();
    clearInterval(this.timer);
  }

  #heard(event) {
    if (event.kind === "typing") this.top.typing?.(event);
    else if (event.kind !== "call" && event.kind !== "faults") this.refresh();
  }

  #statusBar() {
    const ink = "currentColor";
    const signs = svg("svg", { viewBox: "0 0 68 13", "aria-hidden": "true", fill: ink },
      svg("path", { d: "M0 8h3v5H0zM5 5.500h3V13H5zM10 3h3v10h-3zM15 0h3v13h-3z" }),
      svg("path", { class: "wave", d: "M24 4.200a9 9 0 0 1 13 0l-1.500 1.600a6.800 6.800 0 0 0-10 0zM27 7.400a5 5 0 0 1 7 0L30.500 11z" }),
      svg("rect", { x: 43.5, y: 1, width: 20, height: 11, rx: 3, fill: "none", stroke: ink }),
      svg("path", { d: "M45 2.500h14v8H45zM65 4.500h2v4h-2z" }));
    return h("div.st", {}, this.time, signs);
  }

  /** The sandbox's clock, not the machine's: the bench may have set it to run faster. */
  now() {
    return new Date(Date.now() + (this.offset ?? 0));
  }

  tick() {
    this.time.textContent = hourMinute(this.now());
    this.top?.tick?.();
  }

  /** One fetch at a time; a change that comes during it causes one more. Resolves when the newest state is shown. */
  refresh() {
    if (this.fetching) this.again = true;
    else {
      this.fetching = this.#fetch().finally(() => {
        this.fetching = null;
      });
    }
    return this.fetching;
  }

  async #fetch() {
    do {
      this.again = false;
      try {
        this.show(readState(await get(this.api)));
      } catch (refusal) {
        if (!this.state) this.say(refusal.message, refusal.code);
      }
    } while (this.again);
  }

  show(state) {
    this.state = state;
    this.classList.toggle("weak", Boolean(state.user.weak_network));
    for (const screen of this.stack) screen.update?.(state);
    this.browser.update(state);
    this.#news(state);
    this.#pending(state.pending);
    this.dispatchEvent(new CustomEvent("phone:state", { bubbles: true, detail: { user: this.user, state } }));
  }

  get top() {
    return this.stack.at(-1);
  }

  /** Where the phone is: the name of its top screen. */
  get place() {
    return this.top?.name ?? "home";
  }

  reset() {
    while (this.stack.length) this.#drop();
    this.push("home");
  }

  /** From the rail: straight to a place, with only the home screen beneath it. */
  go(name, params) {
    if (name === "browser") {
      this.browser.show(params);
      return;
    }
    this.browser.hide();
    while (this.stack.length > 1) this.#drop();
    if (name === "home") this.top.tab?.(params?.tab ?? "chats");
    else this.push(name, params);
    this.#moved();
  }

  push(name, params = {}) {
    const screen = SCREENS[name](this, params);
    screen.name = name;
    screen.el.classList.add("screen");
    screen.el.setAttribute("data-testid", `screen-${name}`);
    for (const below of this.stack) below.el.inert = true;
    this.stack.push(screen);
    this.stage.append(screen.el);
    if (this.state) screen.update?.(this.state);
    if (name !== "home") (screen.focus ?? screen.el.querySelector("button"))?.focus({ preventScroll: true });
    this.#moved();
    return screen;
  }

  back() {
    if (this.stack.length > 1) this.#drop();
    this.top.el.inert = false;
    this.#moved();
  }

  #drop() {
    const screen = this.stack.pop();
    screen.leave?.();
    screen.el.remove();
    if (this.top) this.top.el.inert = false;
  }

  #moved() {
    this.frame.dataset.place = this.browser.open ? "browser" : this.place;
    this.dispatchEvent(new CustomEvent("phone:moved", { bubbles: true, detail: { place: this.frame.dataset.place } }));
  }

  moved() {
    this.#moved();
  }

  /** A title bar drawn by the host: back or close on the left, one action on the right. */
  bar(title, { back = true, right = null, cls = "" } = {}) {
    const button = back
      ? h("button.barb", { type: "button", "aria-label": t("返回", "Back"), "data-testid": "back", onclick: () => this.back() }, icon("back"))
      : h("span");
    return h("header.hb", { class: cls }, button, h("h2", {}, title), right ?? h("span"));
  }

  /** A short word that needs no answer. */
  toast(text) {
    fill(this.toastBox, h("div.toast", { "data-testid": "toast" }, text));
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toastBox.replaceChildren(), 2600);
  }

  /** A refusal, in words, with its code small for support. */
  say(text, code = "") {
    this.toast(code ? `${text}（${code}）` : text);
  }

  /** On a weak network every step takes its time. */
  slow() {
    return this.state?.user.weak_network ? new Promise((resolve) => setTimeout(resolve, WEAK_MS)) : null;
  }

  /** Run something the user asked for; a refusal is told, and the rest stays as it was. */
  async attempt(work) {
    await this.slow();
    try {
      return await work();
    } catch (refusal) {
      this.say(refusal.message, refusal.code);
      return null;
    }
  }

  /** A banner for what came since the last look: a message of an account, a payment, a refund. */
  #news({ chats, notices }) {
    const newest = new Map(chats.filter((chat) => chat.newest?.direction === "in").map((chat) => [`chat ${chat.appid}`, { id: chat.newest.id, title: chat.name, text: lineWords(chat.newest), appid: chat.appid }]));
    const last = notices.at(-1);
    if (last) newest.set("wallet", { id: last.id, title: last.title, text: last.text, appid: null });
    const known = this.known;
    this.known = new Map([...newest].map(([from, note]) => [from, note.id]));
    if (!known) return;
    for (const [from, note] of newest) {
      if (known.get(from) !== note.id && !this.#looksAt(note)) this.#bannerFor(note);
    }
  }

  /** The chat is open on the screen, or the result page tells the payment already. */
  #looksAt({ appid }) {
    if (this.sheet || (!appid && this.top.name === "result")) return !appid;
    return Boolean(appid) && this.top.name === "chat" && this.top.appid === appid && !this.browser.open;
  }

  #bannerFor(note) {
    const open = () => {
      this.banner.replaceChildren();
      if (note.appid) this.go("chat", { appid: note.appid });
      else this.go("wallet");
    };
    const card = h("button.banner", { type: "button", "data-testid": "notice", onclick: open },
      h("span.av.sq", { "aria-hidden": "true" }, note.appid ? note.title.slice(0, 1) : icon("wallet")),
      h("span.grow", {}, h("b.el", {}, note.title), h("span.el", {}, note.text)),
      h("time", {}, t("刚刚", "now")));
    fill(this.banner, card);
    clearTimeout(this.bannerTimer);
    this.bannerTimer = setTimeout(() => this.banner.replaceChildren(), BANNER_MS);
  }

  #pending(pending) {
    if (pending && !this.sheet) this.sheet = new PaySheet(this, pending);
    else if (pending && this.sheet && this.sheet.order !== pending.order) {
      this.sheet.close("cancel");
      this.sheet = new PaySheet(this, pending);
    } else if (!pending && this.sheet) this.sheet.settleFromState();
  }

  /** Whether the wallet shows a payment for this order. */
  paid(order) {
    return (this.state?.wallet?.bills ?? []).some((bill) => bill.order === order && bill.amount_fen < 0);
  }

  /** Open a page in the in-app browser. */
  visit(url) {
    this.browser.visit(url);
  }

  /** Scan a text as the camera would have read it, and do what the phone does next. */
  async scanned(text) {
    const found = await post(`${this.api}/scan`, { text });
    this.follow(found);
    return found;
  }

  /** What the sandbox says comes next: a chat, a page, the pay sheet, or just the text. */
  follow(found) {
    const appid = found.chat?.appid ?? found.chat ?? found.appid;
    if (found.open_url) this.visit(found.open_url);
    else if (found.kind === "account_qr") this.go("chat", { appid });
    else if (found.kind === "pay") this.refresh();
    else this.#plainText(found.text ?? "");
    this.refresh();
  }

  #plainText(text) {
    const close = () => {
      this.closeSheet();
    };
    this.openSheet(t("扫到的内容", "Scanned text"), h("p.scantext", { "data-testid": "scan-text" }, text),
      h("button.btn.soft", { type: "button", onclick: close }, t("知道了", "Done")));
  }

  /** A half-screen sheet: traps focus, Esc and the mask close it. */
  openSheet(title, ...content) {
    this.closeSheet();
    const before = document.activeElement;
    const close = () => this.closeSheet();
    const box = h("div.half", { role: "dialog", "aria-modal": "true", "aria-label": title, "data-testid": "half-sheet" },
      h("div.halfbar", {}, h("b", {}, title), h("button.barb", { type: "button", "aria-label": t("关闭", "Close"), "data-testid": "half-close", onclick: close }, icon("close"))),
      ...content);
    const layer = h("div.layer", { onkeydown: (event) => event.key === "Escape" && close() }, h("div.mask", { onclick: close }), box);
    this.overlay = { layer, before };
    this.sheets.append(layer);
    this.stage.inert = true;
    trap(box);
    box.querySelector("button, a, input")?.focus({ preventScroll: true });
    return box;
  }

  closeSheet() {
    if (!this.overlay) return;
    const { layer, before, closed } = this.overlay;
    this.overlay = null;
    layer.remove();
    closed?.();
    this.stage.inert = Boolean(this.sheet);
    before?.focus?.({ preventScroll: true });
  }
}

/** Tab stays inside an open sheet. */
export function trap(box) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = [...box.querySelectorAll("button:not([disabled]), a[href], input, textarea, select")];
    const first = stops[0];
    const last = stops.at(-1);
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });
}

customElements.define("sx-phone", Phone);
