// The engineer's bench: people and places, the calls list, one call in detail, and the faults for the next payment.
import { clock, fill, h, icon, toDate } from "./dom.js";
import { get, listen, post } from "./net.js";
import { switchLang, t } from "./words.js";
import { avatar } from "./wallet.js";
import { CallDetail } from "./detail.js";
import { FaultBoard } from "./faults.js";
import "./phone.js";

const LIMIT = 300;
const PLACES = [
  ["chat", "chat", t("聊天", "Chats")], ["account", "account", t("公众号", "Account")], ["browser", "browser", t("浏览器", "Browser")],
  ["scan", "scan", t("扫一扫", "Scan")], ["paycode", "code", t("付款码", "Pay code")], ["wallet", "wallet", t("钱包", "Wallet")], ["settings", "gear", t("设置", "Settings")],
];
const KINDS = [["", t("全部", "All")], ["in", t("产品来的", "From product")], ["out", t("发给产品", "To product")], ["phone", t("手机上的", "On the phone")], ["bad", t("有错的", "Failed")]];
const SCALES = [1, 10, 60, 600, 3600];
const ARROWS = { in: ["next", "in"], out: ["left", "outc"], phone: ["person", "ui"] };

class Bench {
  constructor(root) {
    this.root = root;
    this.people = [];
    this.shown = []; // ids of the users whose phones stand on the stage
    this.calls = [];
    this.chosen = 0;
    this.words = "";
    this.kind = "";
    this.paused = false;
    this.waiting = 0;
    this.faults = new FaultBoard(() => this.detail.redraw());
    this.detail = new CallDetail((id) => this.choose(id), (notified) => this.faults.forecast(notified));
    this.#draw();
  }

  async start() {
    const { now, scale, account, mchid } = this.root.dataset;
    this.#head({ now: Number(now), scale: Number(scale), account, mchid });
    await Promise.all([this.#loadPeople(), this.#loadCalls(), this.faults.load()]);
    const asked = (new URLSearchParams(location.search).get("phones") ?? "").split(",").filter((id) => this.people.some((one) => one.id === id));
    this.shown = asked.length ? asked.slice(0, 2) : this.people.slice(0, 1).map((one) => one.id);
    this.active = this.shown[0];
    this.#drawStage();
    this.#fromHash();
    listen("", (event) => this.#changed(event));
    addEventListener("resize", () => this.#fit());
    addEventListener("hashchange", () => this.#fromHash());
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest("input, select, textarea, dialog")) return;
      event.preventDefault();
      this.search.focus();
    });
    this.root.addEventListener("phone:moved", () => this.#drawRail());
    setInterval(() => this.#tick(), 1000);
  }

  // -- frame ------------------------------------------------------------------------------------------------------

  #draw() {
    this.rail = h("nav.rail", { "aria-label": t("人和去处", "People and places"), "data-testid": "rail" });
    this.stage = h("div.stand", { "data-testid": "stage" });
    this.list = h("div.calls", { role: "listbox", tabindex: "0", "aria-label": t("调用记录", "Calls"), "data-testid": "calls", onkeydown: (event) => this.#keys(event) });
    this.fresh = h("button.fresh", { type: "button", hidden: true, "data-testid": "calls-new", onclick: () => this.#resume() });
    this.search = h("input", { type: "search", placeholder: t("按路径、用户、订单号筛选", "Filter by path, user, order"), "aria-label": t("筛选调用", "Filter calls"), "data-testid": "calls-search", "data-api": "GET /_bench/api/calls?q=" });
    this.search.addEventListener("input", () => {
      clearTimeout(this.searchTimer);
      this.searchTimer = setTimeout(() => {
        this.words = this.search.value.trim();
        this.#loadCalls();
      }, 150);
    });
    this.kindBox = h("select", { "aria-label": t("哪一类", "Kind"), "data-testid": "calls-kind", onchange: () => {
      this.kind = this.kindBox.value;
      this.#drawCalls();
    } }, KINDS.map(([value, label]) => h("option", { value }, label)));
    this.pauseButton = h("button.tool.square", { type: "button", "data-testid": "calls-pause", "aria-pressed": "false", onclick: () => (this.paused ? this.#resume() : this.#pause()) });
    this.#pauseFace();
    this.head = h("span.muted.el", { "data-testid": "identity" });
    this.timeNow = h("span.num");
    this.scale = h("select", { "aria-label": t("时间倍数", "Time scale"), "data-testid": "time-scale", "data-api": "POST /_bench/api/time", onchange: () => this.#setScale() }, SCALES.map((one) => h("option", { value: one }, `×${one}`)));
    const twoPhones = this.twoButton = h("button.tool", { type: "button", "data-testid": "two-phones", "aria-pressed": "false", onclick: () => this.#two() }, icon("two"), t("两台手机", "Two phones"));
    fill(this.root,
      h("header.top", {},
        h("h1", {}, t("超级应用沙箱", "Superapp sandbox")), h("span.env", { "data-testid": "env" }, t("本机 · 不联外网 · 不动真钱", "Local · offline · no real money")), this.head,
        h("div.tools", {}, h("label.tool", {}, icon("clock"), h("span", {}, t("沙箱时间", "Sandbox time")), this.timeNow, this.scale), twoPhones,
          h("button.tool", { type: "button", "data-testid": "scenarios", onclick: () => this.#scenarios() }, icon("play"), t("剧本", "Scenarios")),
          h("button.tool", { type: "button", "data-testid": "reset", "data-api": "POST /_bench/api/reset", onclick: () => this.#askReset() }, icon("reset"), t("重置", "Reset")),
          h("button.tool", { type: "button", "data-testid": "lang", "aria-label": t("Switch to English", "换成中文"), onclick: switchLang }, t("EN", "中")))),
      h("section.stage", { "aria-label": t("手机", "Phones") }, this.rail, this.stage),
      h("section.log", { "aria-label": t("调用记录", "Calls") },
        h("div.logbar", {}, h("label.search", {}, icon("search"), this.search), h("label.tool.pick", {}, icon("filter"), this.kindBox), this.pauseButton),
        this.fresh, this.list),
      h("section.detail", { "aria-label": t("调用详情", "Call detail") }, this.detail.el, this.faults.el));
    this.root.append(this.dialog = h("dialog.ask", { "data-testid": "dialog" }));
  }

  #tick() {
    this.timeNow.textContent = clock(new Date(Date.now() + (this.offset ?? 0)));
  }

  /** The page carries the first head with it; later ones are asked for. */
  async #loadHead() {
    const [time, found] = await Promise.all([get("/_bench/api/time"), get("/_bench/api/credentials")]).catch(() => []);
    if (time) this.#head({ now: time.now, scale: time.scale, account: found.account.name, mchid: found.pay.mchid });
  }

  #head({ now, scale, account, mchid }) {
    this.head.textContent = t(`公众号「${account}」，商户号 ${mchid}`, `Account “${account}”, merchant ${mchid}`);
    this.offset = now * 1000 - Date.now();
    if (![...this.scale.options].some((one) => Number(one.value) === scale)) this.scale.append(h("option", { value: scale }, `×${scale}`));
    this.scale.value = String(scale);
    this.#tick();
    for (const phone of this.#phones()) phone.offset = this.offset;
  }

  async #setScale() {
    await this.#attempt(() => post("/_bench/api/time", { scale: Number(this.scale.value) }));
    this.#loadHead();
  }

  async #attempt(work) {
    try {
      return await work();
    } catch (refusal) {
      this.detail.tell(refusal.message, refusal.code);
      return null;
    }
  }

  async #scenarios() {
    const { scenarioDialog } = await import("./scenarios.js");
    scenarioDialog(this.dialog, this.faults, (work) => this.#attempt(work));
  }

  #askReset() {
    const close = () => this.dialog.close();
    fill(this.dialog, h("h2", {}, t("清空沙箱？", "Empty the sandbox?")),
      h("p", {}, t("用户、聊天、订单、账单和调用记录都会清掉，密钥和公众号设置留着。", "Users, chats, orders, bills and calls go; keys and account settings stay.")),
      h("div.askacts", {}, h("button.tool", { type: "button", "data-testid": "reset-no", onclick: close }, t("再想想", "Keep")),
        h("button.tool.danger", { type: "button", "data-testid": "reset-yes", onclick: async () => {
          close();
          await this.#attempt(() => post("/_bench/api/reset"));
          location.replace(location.pathname + location.search); // without the address of a call that is gone
        } }, t("清空", "Empty it"))));
    this.dialog.showModal();
  }

  // -- people and phones ------------------------------------------------------------------------------------------

  async #loadPeople() {
    const answer = await this.#attempt(() => get("/_phone/api/users"));
    this.people = answer?.users ?? answer ?? [];
    this.#drawRail();
    for (const phone of this.#phones()) phone.people = this.people;
  }

  #phones() {
    return [...this.stage.querySelectorAll("sx-phone")];
  }

  get phone() {
    return this.stage.querySelector(`sx-phone[user="${this.active}"]`);
  }

  #drawStage() {
    const wanted = this.shown;
    for (const box of [...this.stage.children]) if (!wanted.includes(box.dataset.user)) box.remove();
    for (const id of wanted) {
      if (this.stage.querySelector(`[data-user="${id}"].dev`)) continue;
      const phone = h("sx-phone", { user: id });
      phone.people = this.people;
      phone.offset = this.offset;
      const box = h("div.dev", { "data-user": id, onpointerdown: () => this.#activate(id), onfocusin: () => this.#activate(id) }, h("div.fit", {}, phone));
      this.stage.append(box);
    }
    this.root.classList.toggle("duo", wanted.length === 2);
    this.#duoHint(wanted);
    this.twoButton.setAttribute("aria-pressed", String(wanted.length === 2));
    this.#fit();
    this.#drawRail();
  }

  /** Two phones at one host name share the product's cookies; at phone.localhost each has its own. */
  #duoHint(wanted) {
    this.hint?.remove();
    this.hint = null;
    if (wanted.length < 2 || !["127.0.0.1", "localhost"].includes(location.hostname)) return;
    const address = `http://phone.localhost:${location.port}/?phones=${wanted.join(",")}`;
    this.hint = h("p.duohint", {}, t("两台手机现在共用网页登录。", "Both phones share one web login. "), h("a", { href: address, "data-testid": "own-hosts" }, t("改为各登各的", "Give each its own")));
    this.stage.parentElement.append(this.hint);
  }

  #activate(id) {
    if (this.active === id) return;
    this.active = id;
    this.#drawRail();
  }

  /** The phone keeps its 390 × 844 page and is drawn smaller where the window is low. */
  #fit() {
    for (const box of this.stage.children) {
      const free = this.stage.clientHeight - 60;
      const wide = this.stage.clientWidth / this.shown.length - 40;
      const zoom = Math.max(0.45, Math.min(1, free / 844, wide / 390));
      box.style.setProperty("--zoom", zoom.toFixed(4));
    }
  }

  #drawRail() {
    const place = this.phone?.frame?.dataset.place ?? "home";
    const here = { home: "chat", chat: "chat" }[place] ?? place;
    fill(this.rail,
      this.people.slice(0, 4).map((one) => h("button", { type: "button", class: one.id === this.active ? "on" : "", "aria-pressed": String(this.shown.includes(one.id)), "data-testid": `user-${one.id}`, onclick: () => this.#takeUp(one.id) }, avatar(one), h("span.el", {}, one.name))),
      this.people.length > 4 ? h("label.railpick", {}, h("select", { "aria-label": t("更多用户", "More users"), "data-testid": "user-more", onchange: (event) => event.target.value && this.#takeUp(event.target.value) },
        h("option", { value: "" }, t("更多", "More")), this.people.slice(4).map((one) => h("option", { value: one.id, selected: one.id === this.active }, one.name)))) : null,
      h("button", { type: "button", "data-testid": "user-add", "data-api": "POST /_phone/api/users", onclick: () => this.#askUser() }, icon("plus"), t("加用户", "Add user")),
      h("hr"),
      PLACES.map(([name, sign, label]) => h("button", { type: "button", class: here === name ? "on" : "", "data-testid": `place-${name}`, onclick: () => this.#place(name) }, icon(sign), label)));
  }

  #place(name) {
    const phone = this.phone;
    if (!phone) return;
    if (name === "chat") phone.go("home", { tab: "chats" });
    else if (name === "account") phone.go("account", { appid: phone.state?.accounts?.[0]?.appid });
    else phone.go(name);
  }

  #takeUp(id) {
    if (!this.shown.includes(id)) this.shown = this.shown.map((one) => (one === this.active ? id : one));
    this.active = id;
    this.#drawStage();
  }

  #two() {
    if (this.shown.length === 2) this.shown = [this.active];
    else {
      const other = this.people.find((one) => !this.shown.includes(one.id));
      if (!other) {
        this.#askUser();
        return;
      }
      this.shown = [...this.shown, other.id];
    }
    this.#drawStage();
  }

  #askUser() {
    const name = h("input", { type: "text", required: true, maxlength: 12, "aria-label": t("名字", "Name"), "data-testid": "user-name", placeholder: t("例如 林晓", "e.g. Lin Xiao"), autocomplete: "off" });
    const add = async (event) => {
      event.preventDefault();
      this.dialog.close();
      const made = await this.#attempt(() => post("/_phone/api/users", { name: name.value.trim() }));
      await this.#loadPeople();
      if (made) this.#takeUp(made.id);
    };
    fill(this.dialog, h("h2", {}, t("加一个用户", "Add a user")), h("form", { onsubmit: add }, name,
      h("p.muted", {}, t("支付密码是 123456", "The payment password is 123456")),
      h("div.askacts", {}, h("button.tool", { type: "button", onclick: () => this.dialog.close() }, t("不加了", "Cancel")), h("button.tool.main", { type: "submit", "data-testid": "user-save" }, t("加上", "Add")))));
    this.dialog.showModal();
    name.focus();
  }

  // -- calls ------------------------------------------------------------------------------------------------------

  #changed(event) {
    if (event.kind === "users" || event.kind === "reset" || !event.kind) this.#loadPeople();
    if (event.kind === "faults" || event.kind === "call" || !event.kind) this.faults.load();
    if (event.kind === "time" || event.kind === "account" || !event.kind) this.#loadHead();
    // At most about one redraw a second; rows do not move while somebody reads further down.
    this.callTimer ??= setTimeout(() => {
      this.callTimer = null;
      this.lastLook = Date.now();
      if (this.paused || this.list.scrollTop > 40) this.#countNew();
      else this.#loadCalls();
    }, Math.max(80, 900 - (Date.now() - (this.lastLook ?? 0))));
  }

  async #loadCalls() {
    const answer = await this.#attempt(() => get(`/_bench/api/calls?limit=${LIMIT}&q=${encodeURIComponent(this.words)}`));
    if (!answer) return;
    this.calls = (answer.calls ?? answer).toSorted((one, other) => other.id - one.id);
    this.#drawCalls();
    if (this.read && this.chosen) this.detail.refresh();
    else if (this.calls.length) this.choose(this.calls[0].id, false);
  }

  async #countNew() {
    const newest = this.calls[0]?.id ?? 0;
    const answer = await get(`/_bench/api/calls?after=${newest}&limit=${LIMIT}`).catch(() => null);
    this.waiting = (answer?.calls ?? answer ?? []).length;
    this.fresh.hidden = this.waiting === 0;
    this.fresh.textContent = t(`${this.waiting} 条新记录`, `${this.waiting} new`);
  }

  #pause() {
    this.paused = true;
    this.#pauseFace();
  }

  #resume() {
    this.paused = false;
    this.fresh.hidden = true;
    this.list.scrollTop = 0;
    this.#pauseFace();
    this.#loadCalls();
  }

  #pauseFace() {
    const label = this.paused ? t("继续", "Resume") : t("暂停", "Pause");
    this.pauseButton.setAttribute("aria-label", label);
    this.pauseButton.setAttribute("aria-pressed", String(this.paused));
    this.pauseButton.title = label;
    fill(this.pauseButton, icon(this.paused ? "play" : "pause"));
  }

  #drawCalls() {
    const wanted = this.calls.filter((call) => !this.kind || (this.kind === "bad" ? !call.ok : call.direction === this.kind));
    const top = this.list.scrollTop;
    fill(this.list, wanted.length ? grouped(wanted).map((group) => [this.#groupHead(group), group.calls.map((call) => this.#row(call))]) : this.#empty());
    this.list.scrollTop = top;
    this.#markChosen();
  }

  #empty() {
    if (this.words || this.kind) {
      return h("div.empty", {}, icon("search", "huge"), h("p", {}, t("没有符合的记录", "Nothing matches")), h("button.tool", { type: "button", onclick: () => {
        this.search.value = this.words = "";
        this.kindBox.value = this.kind = "";
        this.#loadCalls();
      } }, t("清除筛选", "Clear filters")));
    }
    return h("div.empty", {}, icon("link", "huge"), h("p", {}, t("还没有调用。在手机上扫一下，或让产品连到这里", "No calls yet. Scan something on the phone, or point a product here")), h("code", {}, location.origin));
  }

  #groupHead({ order, calls }) {
    return h("div.grp", { role: "presentation" }, h("span.el", {}, order ? t(`订单 ${order}`, `Order ${order}`) : t("其他", "Other")), h("span.num", {}, t(`${calls.length} 条`, `${calls.length}`)));
  }

  #row(call) {
    const [sign, tone] = ARROWS[call.direction] ?? ARROWS.in;
    return h("a.ev", { href: `#call-${call.id}`, role: "option", id: `row-${call.id}`, tabindex: "-1", "data-id": call.id, "data-testid": "call", "data-path": call.path, "data-ok": String(call.ok) },
      h("span.tm.num", {}, clock(toDate(call.at))), h("span.di", { class: tone }, icon(sign)),
      h("span.pa", {}, h("span.el", {}, callTitle(call)), h("small.el", {}, this.#secondLine(call))),
      h("span.rs", { class: call.ok ? "ok0" : waiting(call) ? "wait" : "er" }, statusWords(call), h("small.num", {}, call.took_ms ? `${call.took_ms.toLocaleString("en")} ms` : "")));
  }

  #secondLine(call) {
    if (call.failed_step) return call.failed_step;
    const person = this.people.find((one) => call.path.startsWith(`/_phone/api/users/${one.id}/`));
    if (call.direction !== "phone") return call.title;
    return person ? `${person.name} · ${call.path}` : call.path;
  }

  choose(id, write = true) {
    this.chosen = id;
    this.read ||= write; // until a person picks one, the newest call is shown
    if (write && location.hash !== `#call-${id}`) history.replaceState(null, "", `#call-${id}`);
    this.root.classList.toggle("reading", write);
    this.detail.show(id);
    this.#markChosen();
  }

  #markChosen() {
    for (const row of this.list.querySelectorAll(".ev")) {
      const on = Number(row.dataset.id) === this.chosen;
      row.classList.toggle("on", on);
      row.setAttribute("aria-selected", String(on));
    }
    if (this.list.querySelector(`#row-${this.chosen}`)) this.list.setAttribute("aria-activedescendant", `row-${this.chosen}`);
    else this.list.removeAttribute("aria-activedescendant");
  }

  #keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...this.list.querySelectorAll(".ev")];
    const next = rows[rows.findIndex((row) => Number(row.dataset.id) === this.chosen) + step];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    this.choose(Number(next.dataset.id));
  }

  #fromHash() {
    const found = /^#call-(\d+)$/.exec(location.hash);
    if (found) this.choose(Number(found[1]));
  }
}

/** Newest first; the calls of one order stand together at the place of its newest one. */
function grouped(calls) {
  const groups = [];
  const byOrder = new Map();
  for (const call of calls) {
    const order = call.order ?? "";
    let group = order ? byOrder.get(order) : groups.at(-1)?.order === "" ? groups.at(-1) : null;
    if (!group) {
      group = { order, calls: [] };
      groups.push(group);
      if (order) byOrder.set(order, group);
    }
    group.calls.push(call);
  }
  return groups;
}

export function callTitle(call) {
  if (call.direction === "phone") return t(`手机：${call.title || call.path}`, `Phone: ${call.title || call.path}`);
  if (call.direction === "out") return `${call.method} → ${shortPath(call.path)}`;
  return `${call.method} ${shortPath(call.path)}`;
}

function shortPath(path) {
  return path.replace(/^https?:\/\/[^/]+/, "").split("?")[0] || "/";
}

export function statusWords(call) {
  if (call.status) return String(call.status);
  return waiting(call) ? "…" : t("没答", "none");
}

/** Sent, and not yet answered. */
function waiting(call) {
  return call.status === 0 && call.took_ms === 0;
}

new Bench(document.getElementById("bench")).start();
