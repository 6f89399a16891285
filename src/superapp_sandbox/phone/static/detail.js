// One call in full: signature steps, headers, body, answer, later callbacks, curl; and sending it again.
import { fill, h, icon } from "./dom.js";
import { get, post } from "./net.js";
import { t } from "./words.js";

export class CallDetail {
  constructor(choose, forecast) {
    this.choose = choose;
    this.forecast = forecast;
    this.tab = "steps";
    this.told = h("p.told", { role: "status", "aria-live": "polite", "data-testid": "bench-status" });
    this.body = h("div.dbody");
    this.el = h("div.dwrap", {}, this.told, this.body);
    this.#blank();
  }

  tell(text, code = "") {
    this.told.textContent = code ? `${text}（${code}）` : text;
    clearTimeout(this.toldTimer);
    this.toldTimer = setTimeout(() => (this.told.textContent = ""), 4000);
  }

  #blank() {
    fill(this.body, h("div.empty", {}, icon("search", "huge"), h("p", {}, t("选一条调用，看它怎么验签、答了什么", "Choose a call to see how it was checked and answered"))));
  }

  async show(id) {
    this.id = id;
    this.key = "";
    await this.refresh();
  }

  /** Fetch again; what is on the page changes only when the call did (a callback came, an answer arrived). */
  async refresh() {
    if (!this.id) return;
    const call = await get(`/_bench/api/calls/${this.id}`).catch(() => null);
    if (!call || call.id !== this.id) {
      if (!call) this.#blank();
      return;
    }
    const key = JSON.stringify(call);
    if (key === this.key) return;
    this.key = key;
    this.call = call;
    this.#draw();
  }

  /** The switches below changed: the forecast may have too. */
  redraw() {
    if (this.call && this.tab === "steps") this.#draw();
  }

  #tabs() {
    const { call } = this;
    return [
      ["steps", t("验签", "Signature"), call.steps.length],
      ["headers", t("请求头", "Headers"), Object.keys(call.request_headers).length],
      ["body", t("请求体", "Body"), 0],
      ["answer", t("应答", "Answer"), 0],
      ["later", t("后续回调", "Callbacks"), (call.later ?? []).length],
      ["curl", t("代码样例", "As curl"), 0],
    ];
  }

  #draw() {
    const { call } = this;
    const tabs = this.#tabs();
    const panel = h("div.panel", { role: "tabpanel", id: "call-panel", tabindex: "0" });
    const buttons = tabs.map(([name, label, count]) => h("button", { type: "button", role: "tab", "aria-controls": "call-panel", "aria-selected": String(name === this.tab), tabindex: name === this.tab ? "0" : "-1", "data-testid": `tab-${name}`, onclick: () => this.#open(name) }, label, count ? h("span.num", {}, ` ${count}`) : null));
    const bar = h("div.tb", { role: "tablist", "aria-label": t("这次调用", "This call"), onkeydown: (event) => this.#arrow(event, tabs) }, buttons);
    fill(this.body, h("div.dtitle", {}, h("h2", { "data-testid": "detail-title" }, `${call.method} ${call.path.split("?")[0]}`.trim()), this.#summary()), bar, panel);
    fill(panel, this.#panel());
  }

  #arrow(event, tabs) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex(([name]) => name === this.tab);
    this.#open(tabs[(at + step + tabs.length) % tabs.length][0]);
    this.body.querySelector("[role=tab][aria-selected=true]").focus();
  }

  #open(name) {
    this.tab = name;
    this.#draw();
  }

  #summary() {
    const { call } = this;
    const ways = { in: t("产品 → 沙箱", "Product → sandbox"), out: t("沙箱 → 产品", "Sandbox → product"), phone: t("手机 → 沙箱", "Phone → sandbox") };
    return h("p.muted", {}, ways[call.direction] ?? "", " · ", h("span.num", { class: call.ok ? "ok0" : "er", "data-testid": "detail-status" }, call.status || t("没有应答", "no answer")), h("span.num", {}, ` · ${call.took_ms} ms · `), t(`记录 ${call.id}`, `Entry ${call.id}`),
      call.order ? ` · ${t("订单", "Order")} ${call.order}` : "", call.replay_of ? [" · ", h("a", { href: `#call-${call.replay_of}` }, t(`重放自 ${call.replay_of}`, `Replay of ${call.replay_of}`))] : null);
  }

  #panel() {
    const { call } = this;
    switch (this.tab) {
      case "headers":
        return [table(t("请求头", "Request headers"), call.request_headers), table(t("应答头", "Answer headers"), call.answer_headers)];
      case "body":
        return this.#bodyPart();
      case "answer":
        return call.answer_body ? code(pretty(call.answer_body), "answer-body") : nothing(t("没有应答正文", "No answer body"));
      case "later":
        return this.#later();
      case "curl":
        return [h("div.rowhead", {}, h("b", {}, t("在命令行里重做一次", "The same from a shell")), this.#copy(curl(call))), code(curl(call), "curl")];
      default:
        return [this.#steps(), this.#bodyPart(), this.#after()];
    }
  }

  #steps() {
    const { steps } = this.call;
    if (!steps.length) return nothing(t("这次调用不需要验签", "This call carries no signature"));
    const failed = steps.some((step) => !step.ok);
    return h("ol.steps", { "data-testid": "steps" }, steps.map((step) => h("li", { class: step.ok ? "good" : "wrong", "data-ok": String(step.ok) },
      h("span.mark", { role: "img", "aria-label": step.ok ? t("通过", "Passed") : t("没通过", "Failed") }, icon(step.ok ? "check" : "close")),
      h("div.grow", {}, stepWords(step, failed)))));
  }

  #bodyPart() {
    const { call } = this;
    const acts = h("span.acts", {}, this.#copy(curl(call), t("复制为 curl", "Copy as curl"), "copy-curl"),
      call.direction === "phone" ? null : h("button.textb", { type: "button", "data-testid": "replay", "data-api": `POST /_bench/api/calls/${call.id}/replay`, onclick: () => this.#replay() }, icon("reset"), t("重放", "Replay")));
    const parts = [h("div.rowhead", {}, h("b", {}, t("请求体", "Request body")), acts), call.request_body ? code(pretty(call.request_body), "request-body") : nothing(t("没有请求体", "No request body"))];
    if (call.decrypted) parts.push(h("div.rowhead", {}, h("b", {}, t("解密以后", "Decrypted"))), code(pretty(call.decrypted), "decrypted"));
    return parts;
  }

  /** After a payment was asked for: what the sandbox will do, or what it did. */
  #after() {
    const { call } = this;
    if ((call.later ?? []).length) return [h("div.rowhead", {}, h("b", {}, t("之后发生的", "What followed"))), this.#later()];
    if (call.direction !== "in" || !call.ok || !/\/transactions\/(jsapi|native|codepay)$|\/pay\/(micropay|unifiedorder)$/.test(call.path.split("?")[0])) return null;
    return [h("div.rowhead", {}, h("b", {}, t("付款成功后会发生", "After the payment")), h("span.muted", {}, t("按下面的设置", "as set below"))),
      h("ol.ahead", {}, this.forecast(!call.path.includes("micropay")).map(([when, what]) => h("li", {}, h("b.num", {}, when), h("span", {}, what))))];
  }

  #later() {
    const later = this.call.later ?? [];
    if (!later.length) return nothing(t("这之后还没有回调", "No callback has followed yet"));
    return h("ol.later", {}, later.map((one) => h("li", {}, h("a", { href: `#call-${one.id}` }, h("b.num", {}, `+${(one.at - this.call.at).toFixed(1)} ${t("秒", "s")}`), h("span.grow.el", {}, one.title || one.path), h("span.num", { class: one.ok ? "ok0" : "er" }, one.status || "…")))));
  }

  async #replay() {
    try {
      const made = await post(`/_bench/api/calls/${this.call.id}/replay`);
      this.tell(t("已重放", "Replayed"));
      const id = made.id ?? made.call?.id ?? made.call;
      if (id) this.choose(id);
    } catch (refusal) {
      this.tell(refusal.message, refusal.code);
    }
  }

  #copy(text, label = t("复制", "Copy"), testid = "copy") {
    return h("button.textb", { type: "button", "data-testid": testid, onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        this.tell(t("已复制", "Copied"));
      } catch {
        this.tab = "curl";
        this.#draw();
        this.tell(t("浏览器不让写剪贴板，请在下面选中复制", "The browser keeps the clipboard closed; select and copy below"));
      }
    } }, icon("copy"), label);
  }
}

function nothing(words) {
  return h("p.nothing", {}, words);
}

function table(title, rows) {
  const entries = Object.entries(rows);
  return [h("div.rowhead", {}, h("b", {}, title), h("span.muted.num", {}, String(entries.length))), h("dl.heads", {}, entries.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))];
}

/** Indented JSON or XML; anything else as it came. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.startsWith("<xml>") ? text.replace(/>\s*<(?!\/?!)/g, ">\n<").replace(/^<(?!\/?xml)/gm, "  <") : text;
  }
}

function code(text, testid) {
  return h("pre.js", { tabindex: "0", "data-testid": testid }, coloured(text));
}

/** Names, texts and numbers of JSON in three colours. */
function coloured(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|\b-?\d+(?:\.\d+)?\b(?=[,\s\]}])/g)) {
    parts.push(text.slice(from, match.index));
    const [whole, quoted, colon] = match;
    parts.push(h(quoted ? (colon ? "span.k" : "span.s") : "span.n", {}, quoted ?? whole), colon ?? "");
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** A short fact stands beside its label; a long one folds away unless it is what an engineer has come to see. */
function stepWords({ label, ok, detail }, failed) {
  if (!detail) return h("span", {}, label);
  if (!detail.includes("\n") && detail.length <= 64) return [h("span", {}, label), " ", h("span.muted.fact", {}, detail)];
  const open = detail.startsWith("expected: ") || (label.includes("待签名串") && !failed);
  return h("details", { open }, h("summary", {}, label), h("pre", {}, explained(label, detail)));
}

/** Texts to sign with their line ends made visible; of two that differ, the first differing character is marked. */
function explained(label, detail) {
  const pair = /^expected: ([\s\S]*?)\ngot: ([\s\S]*)$/.exec(detail);
  if (!pair) return label.includes("待签名串") ? ends(detail) : detail;
  const [, expected, got] = pair;
  let at = 0;
  while (at < expected.length && expected[at] === got[at]) at += 1;
  return [h("b", {}, t("应当签的", "Should be")), "\n", marked(expected, at), "\n", h("b", {}, t("实际签的", "Was signed")), "\n", marked(got, at)];
}

function marked(text, at) {
  const one = text.slice(at, at + 1);
  const shown = { "\n": "\\n", "\r": "\\r", "": t("到此为止", "ends here") }[one] ?? one;
  return [ends(text.slice(0, at)), h("mark", {}, shown), one === "\n" ? "\n" : "", ends(text.slice(at + 1))];
}

function ends(text) {
  return text.replaceAll("\r", "\\r").split("\n").map((line, at, all) => (at < all.length - 1 ? [line, h("i.lf", {}, "\\n"), "\n"] : line));
}

/** The call as a shell command; the headers that the client adds by itself are left out. */
export function curl(call) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const own = ["host", "content-length", "connection", "accept-encoding", "accept", "user-agent"];
  const address = /^https?:/.test(call.path) ? call.path : location.origin + call.path;
  const lines = [`curl -X ${call.method} ${quote(address)}`];
  for (const [name, value] of Object.entries(call.request_headers)) if (!own.includes(name.toLowerCase())) lines.push(`-H ${quote(`${name}: ${value}`)}`);
  if (call.request_body) lines.push(`--data-binary ${quote(call.request_body)}`);
  return lines.join(" \\\n  ");
}
