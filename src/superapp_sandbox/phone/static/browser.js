// The in-app browser: a frame with the host's own title bar, and the answers to the page's JS-SDK.
import { bigMoney, h, icon } from "./dom.js";
import { post } from "./net.js";
import { t } from "./words.js";

const CHANNEL = "superapp-sandbox/1";
const CAN = ["checkJsApi", "chooseWXPay", "scanQRCode", "getLocation", "updateAppMessageShareData", "updateTimelineShareData", "closeWindow", "hideMenuItems", "showMenuItems", "hideAllNonBaseMenuItem", "showAllNonBaseMenuItem", "onMenuShareAppMessage", "onMenuShareTimeline", "openLocation", "requestMerchantTransfer"];

export class Browser {
  constructor(phone) {
    this.phone = phone;
    this.open = false;
    this.hidden = new Set();
    window.addEventListener("message", (event) => this.#message(event));
  }

  /** Show a page; `url` may be a full address or one without scheme. */
  visit(url) {
    const address = normal(url);
    if (!address) {
      this.phone.say(t("打不开：地址要以 http:// 或 https:// 开头", "Cannot open: the address must start with http:// or https://"));
      return;
    }
    this.url = address;
    this.share = null;
    this.hidden.clear();
    this.#build();
    const frame = this.frame;
    Promise.resolve(this.phone.slow()).then(() => {
      frame.src = this.#start(address);
    });
    this.#title(new URL(address).host);
    this.show();
  }

  /** The sandbox remembers whose phone it is, then sends the frame on to the page. */
  #start(address) {
    return `/_phone/open/${encodeURIComponent(this.phone.user)}?url=${encodeURIComponent(perPhone(address, this.phone.user))}`;
  }

  show(params) {
    if (params?.url) {
      this.visit(params.url);
      return;
    }
    if (!this.el) {
      this.#askAddress();
      return;
    }
    this.open = true;
    this.el.hidden = false;
    this.phone.moved();
  }

  hide() {
    this.open = false;
    if (this.el) this.el.hidden = true;
  }

  /** Step behind a screen of the host (the result page) and come forward again. */
  lower() {
    this.wasOpen = this.open;
    this.hide();
  }

  raise() {
    if (this.wasOpen && this.el) this.show();
  }

  close() {
    this.el?.remove();
    this.el = null;
    this.frame = null;
    this.open = false;
    this.phone.moved();
  }

  update() {
    // the page inside asks for what it needs; nothing is pushed to it
  }

  #build() {
    if (this.el) this.el.remove();
    this.titleEl = h("h2.el", { "data-testid": "browser-title" });
    this.bar = h("div.loadbar", { role: "progressbar", "aria-label": t("正在打开", "Loading") });
    this.frame = h("iframe", { title: t("应用内网页", "In-app page"), "data-testid": "browser-frame", allow: "clipboard-write; geolocation 'none'" });
    this.frame.addEventListener("load", () => this.#loaded());
    this.el = h("section.screen.web", { "data-testid": "screen-browser" },
      h("header.hb", {},
        h("button.barb", { type: "button", "aria-label": t("关闭网页", "Close page"), "data-testid": "browser-close", onclick: () => this.close() }, icon("close")),
        this.titleEl,
        h("button.barb", { type: "button", "aria-label": t("更多", "More"), "data-testid": "browser-more", onclick: () => this.#more() }, icon("more"))),
      this.bar, this.frame);
    this.bar.classList.add("run");
    this.phone.stage.append(this.el);
  }

  #loaded() {
    this.bar.classList.remove("run");
    this.#tell({ hello: true });
    try {
      if (this.frame.contentDocument.title) this.#title(this.frame.contentDocument.title); // the sandbox's own pages
    } catch {
      // a page of another origin tells its title through the page script, or not at all
    }
  }

  #title(text) {
    this.titleEl.textContent = text;
    this.frame.title = text;
  }

  #askAddress() {
    const input = h("input", { type: "url", inputmode: "url", placeholder: "http://127.0.0.1:8000/", "aria-label": t("网页地址", "Page address"), "data-testid": "address", autocomplete: "off", spellcheck: "false" });
    const send = (event) => {
      event.preventDefault();
      this.phone.closeSheet();
      this.visit(input.value);
    };
    this.phone.openSheet(t("打开网页", "Open a page"),
      h("form.stack", { onsubmit: send }, h("div.field", {}, input), h("button.btn.pri.wide", { type: "submit", "data-testid": "address-go" }, t("打开", "Open"))));
    input.focus();
  }

  #more() {
    const items = [
      ["share", "menuItem:share:appMessage", "share", t("发给朋友", "Send to a friend"), () => this.#shareCard()],
      ["codes", "", "scan", t("识别页面上的码", "Read codes on the page"), () => this.#tell({ ask: "pictures" })],
      ["reload", "menuItem:refresh", "reset", t("刷新", "Reload"), () => this.visit(this.url)],
      ["copy", "menuItem:copyUrl", "copy", t("复制链接", "Copy link"), () => this.#copy()],
      ["outside", "menuItem:openWithSafari", "external", t("在浏览器打开", "Open in browser"), () => window.open(this.url, "_blank", "noopener")],
    ].filter(([, key]) => !this.hidden.has(key));
    const buttons = items.map(([id, , sign, label, act]) => h("button.tile", { type: "button", "data-testid": `more-${id}`, onclick: () => {
      this.phone.closeSheet();
      act();
    } }, h("span.tileicon", {}, icon(sign)), label));
    this.phone.openSheet(t(`网页由 ${new URL(this.url).host} 提供`, `Page by ${new URL(this.url).host}`), h("div.tiles", {}, buttons));
  }

  #shareCard() {
    const share = this.share ?? { title: this.titleEl.textContent, desc: this.url, link: this.url };
    const card = h("div.news", { "data-testid": "share-card" }, h("div.newsone", {}, h("b", {}, share.title ?? ""), h("p.muted", {}, share.desc ?? ""), h("p.muted.brk", {}, share.link ?? this.url)));
    this.phone.openSheet(t("朋友会看到", "Your friend sees"), card, this.share ? null : h("p.muted.pad", {}, t("页面没有设置分享内容，用的是标题和地址", "The page set no share data: title and address are used")));
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.url);
      this.phone.toast(t("链接已复制", "Link copied"));
    } catch {
      this.phone.openSheet(t("复制链接", "Copy link"), h("p.scantext", {}, this.url));
    }
  }

  #tell(message, target = this.frame) {
    target?.contentWindow?.postMessage({ channel: CHANNEL, ...message }, "*");
  }

  async #message(event) {
    if (!this.frame || event.source !== this.frame.contentWindow) return;
    const data = event.data;
    if (!data || data.channel !== CHANNEL) return;
    if (data.note === "page") this.#page(data);
    else if (data.note === "pictures") await this.#pictures(data.pictures ?? []);
    else if (data.call) {
      const result = await this.#answer(data.call, data.args ?? {}, data.url);
      event.source.postMessage({ channel: CHANNEL, reply: data.id, result }, event.origin === "null" ? "*" : event.origin);
    }
  }

  #page({ title, url }) {
    if (url) this.url = url;
    if (title) this.#title(title);
    this.bar.classList.remove("run");
  }

  async #pictures(pictures) {
    const { readPicture } = await import("./qr.js");
    for (const picture of pictures) {
      const text = await readPicture(picture).catch(() => null);
      if (text) {
        await this.phone.attempt(() => this.phone.scanned(text));
        return;
      }
    }
    this.phone.toast(t("页面上没找到二维码", "No code found on the page"));
  }

  /** One JS-SDK call; the answer carries `errMsg` as the real host does. */
  async #answer(name, args, url) {
    switch (name) {
      case "hello":
        return { user: this.phone.user };
      case "config":
        return post("/_phone/api/jssdk/check", args).catch((refusal) => ({ errMsg: `config:fail, ${refusal.message}` }));
      case "checkJsApi":
        return { errMsg: "checkJsApi:ok", checkResult: Object.fromEntries((args.jsApiList ?? []).map((api) => [api, CAN.includes(api)])) };
      case "chooseWXPay":
        return this.#pay(args, url);
      case "scanQRCode":
        return this.#scan(args);
      case "requestMerchantTransfer":
        return this.#take(args);
      case "getLocation":
        return this.#location(args);
      case "updateAppMessageShareData":
      case "onMenuShareAppMessage":
      case "updateTimelineShareData":
      case "onMenuShareTimeline":
        this.share = args;
        return { errMsg: `${name}:ok` };
      case "closeWindow":
        this.close();
        return { errMsg: "closeWindow:ok" };
      case "hideMenuItems":
        for (const item of args.menuList ?? []) this.hidden.add(item);
        return { errMsg: "hideMenuItems:ok" };
      case "showMenuItems":
        for (const item of args.menuList ?? []) this.hidden.delete(item);
        return { errMsg: "showMenuItems:ok" };
      case "hideAllNonBaseMenuItem":
        for (const item of ["menuItem:share:appMessage", "menuItem:copyUrl", "menuItem:openWithSafari"]) this.hidden.add(item);
        return { errMsg: `${name}:ok` };
      case "showAllNonBaseMenuItem":
        this.hidden.clear();
        return { errMsg: `${name}:ok` };
      default:
        return { errMsg: `${name}:fail, the function does not exist` };
    }
  }

  async #pay(args, url) {
    let asked;
    try {
      asked = await post(`${this.phone.api}/jsapi`, { ...args, url });
    } catch (refusal) {
      this.phone.say(refusal.message, refusal.code);
      return { errMsg: "chooseWXPay:fail", err_desc: refusal.message, err_code: refusal.code };
    }
    await this.phone.refresh();
    const outcome = this.phone.sheet ? await this.phone.sheet.outcome : this.phone.paid(asked.pay_sheet.transaction_id) ? "paid" : "cancel";
    return { errMsg: outcome === "paid" ? "chooseWXPay:ok" : "chooseWXPay:cancel" };
  }

  /** Money that a merchant sends: who, how much, and the person takes it or leaves it. */
  async #take({ mchId, appId, package: name }) {
    const asked = { mchId, appId, package: name };
    const look = await this.phone.attempt(() => post(`${this.phone.api}/transfer`, { ...asked, answer: "look" }));
    if (!look) return { errMsg: "requestMerchantTransfer:fail" };
    return new Promise((resolve) => {
      let taken = null;
      const take = h("button.btn.pri", { type: "button", "data-testid": "transfer-take", "data-api": `POST ${this.phone.api}/transfer`, onclick: async () => {
        taken = await this.phone.attempt(() => post(`${this.phone.api}/transfer`, asked));
        this.phone.closeSheet();
        if (taken) this.phone.toast(t("已收款，稍后到零钱", "Taken; it reaches the balance soon"));
      } }, t("确认收款", "Take it"));
      this.phone.openSheet(t("收款", "Incoming money"), h("div.incoming", {},
        h("p.muted", {}, look.merchant), h("p.payamount.num", { "data-testid": "transfer-amount" }, bigMoney(look.amount_fen)), h("p.muted", {}, look.remark)), take);
      this.phone.overlay.closed = () => resolve({ errMsg: taken ? "requestMerchantTransfer:ok" : "requestMerchantTransfer:cancel" });
    });
  }

  #scan({ needResult }) {
    return new Promise((resolve) => {
      this.lower();
      this.phone.push("scan", {
        found: async (text) => {
          this.raise();
          if (Number(needResult) === 1) resolve({ errMsg: "scanQRCode:ok", resultStr: text });
          else {
            await this.phone.attempt(() => this.phone.scanned(text));
            resolve({ errMsg: "scanQRCode:ok" });
          }
        },
        cancelled: () => {
          this.raise();
          resolve({ errMsg: "scanQRCode:cancel" });
        },
      });
    });
  }

  #location({ type }) {
    const { lat, lng } = this.phone.state?.user ?? {};
    if (lat === null || lat === undefined || lng === null || lng === undefined) return { errMsg: "getLocation:fail, no position is set on this phone" };
    return { errMsg: "getLocation:ok", latitude: lat, longitude: lng, speed: 0, accuracy: 30, type: type ?? "wgs84" };
  }
}

function normal(url) {
  const text = (url ?? "").trim();
  if (/^https?:\/\//i.test(text)) return text;
  return /^[\w.-]+(:\d+)?(\/|$)/.test(text) && text ? `http://${text}` : "";
}

/**
 * Cookies belong to a host name, not to a phone. On *.phone.localhost every phone visits local pages under its own
 * name (u1.phone.localhost), so two phones on one desk hold two sessions; elsewhere addresses stay as they are.
 */
export function perPhone(address, user) {
  if (!location.hostname.endsWith("phone.localhost")) return address;
  const url = new URL(address);
  if (!["127.0.0.1", "localhost"].includes(url.hostname)) return address;
  url.hostname = `${user}.phone.localhost`;
  return url.href;
}
