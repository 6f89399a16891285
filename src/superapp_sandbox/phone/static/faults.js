// Switches for what goes wrong next. Each counts down and switches itself off; the list comes from the sandbox.
import { fill, h } from "./dom.js";
import { get, post } from "./net.js";
import { t } from "./words.js";

// name → label, value that a click sets, unit of the value. A fault that is not named here is shown by its own name.
const FACES = {
  notify_delay_s: [t("通知延迟", "Late notice"), 5, t("秒", "s")],
  notify_repeat: [t("通知重复", "Repeats"), 10, t("次", "times")],
  notify_bad_signature: [t("通知签名错误", "Notice badly signed"), true, ""],
  page_closes: [t("付款页中途关闭", "Page closes"), true, ""],
  pay_answer_system_error_after_success: [t("成功后答系统繁忙", "Busy after success"), true, ""],
  order_query_stays_processing: [t("查单一直「处理中」", "Query stays pending"), true, ""],
  notify_drop: [t("通知丢失", "Notice lost"), true, ""],
  pay_answer_timeout_s: [t("付款应答超时", "Slow answer"), 10, t("秒", "s")],
  next_http_status: [t("下次返回错误码", "Next HTTP status"), 500, ""],
  notify_reorder: [t("通知乱序", "Notices reordered"), true, ""],
  balance_low: [t("余额不足", "Balance too low"), true, ""],
  clock_skew_s: [t("时钟偏差", "Clock skew"), 600, t("秒", "s")],
  sig_probe: [t("签名探测", "Signature probe"), true, ""],
  notify_wrong_key: [t("通知密钥不对", "Notice wrong key"), true, ""],
  answer_sig_probe: [t("应答签名探测", "Answer probe"), true, ""],
  reverse_recall: [t("撤销要求重试", "Reverse: recall"), true, ""],
  refund_abnormal: [t("退款异常", "Refund abnormal"), true, ""],
  token_expired: [t("令牌过期", "Token expired"), true, ""],
  account_errcode: [t("公众号错误码", "Account errcode"), 45009, ""],
  bill_missing: [t("账单少一行", "Bill: line missing"), true, ""],
  bill_extra: [t("账单多一行", "Bill: extra line"), true, ""],
  bill_amount: [t("账单金额不符", "Bill: amount off"), 100, t("分", "fen")],
};
const FIRST = 6;

export class FaultBoard {
  constructor(changed) {
    this.changed = changed;
    this.grid = h("div.g");
    this.more = h("button.textb", { type: "button", "data-testid": "faults-more", "aria-expanded": "false", onclick: () => this.#toggle() });
    this.note = h("span.muted", { role: "status" });
    this.el = h("section.fi", { "aria-label": t("故障", "Faults"), "data-testid": "faults" }, h("h3", {}, t("给下一次付款加故障", "Faults for the next payment"), h("span.fend", {}, this.note, this.more)), this.grid);
    this.all = false;
    this.list = [];
  }

  async load() {
    const answer = await get("/_bench/api/faults").catch(() => null);
    if (!answer) return;
    const given = answer.faults ?? answer;
    const order = Object.keys(FACES);
    this.list = given.toSorted((one, other) => rank(order, one.name) - rank(order, other.name));
    this.#draw();
  }

  /** What will happen after the next payment with the switches as they stand: pairs of when and what. */
  forecast(notified) {
    const on = Object.fromEntries(this.list.filter((fault) => fault.times > 0).map((fault) => [fault.name, fault.value]));
    const wait = on.notify_delay_s ?? 0;
    const plan = [[t("+0 秒", "+0 s"), on.balance_low ? t("零钱不足，付不成", "Refused: balance too low") : t("扣款，出交易号", "Money moves, order paid")]];
    if (on.balance_low) return plan;
    if (!notified) plan.push([t("不通知", "No notice"), t("付款码支付靠查单", "Pay codes are queried")]);
    else if (on.notify_drop) plan.push([t("不通知", "No notice"), t("要靠查单", "Only a query tells")]);
    else {
      plan.push([t(`+${wait} 秒`, `+${wait} s`), on.notify_bad_signature || on.notify_wrong_key ? t("通知有错，应当拒收", "A bad notice, to be refused") : t("第 1 次通知", "First notice")]);
      if (on.notify_repeat) plan.push([t("接着", "Then"), t(`再重复 ${on.notify_repeat} 次`, `${on.notify_repeat} repeats`)]);
    }
    plan.push([t("查单", "Query"), on.order_query_stays_processing ? t("先答处理中", "Says pending first") : t("得到成功", "Says paid")]);
    return plan;
  }

  #toggle() {
    this.all = !this.all;
    this.#draw();
  }

  #draw() {
    const key = JSON.stringify([this.list, this.all]);
    if (key === this.key) return;
    this.key = key;
    this.changed();
    const shown = this.list.filter((fault, at) => this.all || at < FIRST || fault.times > 0);
    fill(this.grid, shown.map((fault) => this.#switch(fault)));
    this.el.classList.toggle("all", this.all);
    const on = this.list.filter((fault) => fault.times > 0).length;
    this.note.textContent = on ? t(`开着 ${on} 个，用过自动复原`, `${on} on, each resets itself`) : t("用过一次自动复原", "Each resets itself");
    this.more.setAttribute("aria-expanded", String(this.all));
    fill(this.more, this.all ? t("收起", "Less") : t(`全部 ${this.list.length} 个`, `All ${this.list.length}`));
  }

  #switch(fault) {
    const [label, preset, unit] = FACES[fault.name] ?? [fault.name, true, ""];
    const on = fault.times > 0;
    const box = h("input.sr", { type: "checkbox", role: "switch", checked: on, id: `fault-${fault.name}`, "data-testid": `fault-${fault.name}`, "data-api": "POST /_bench/api/faults", title: fault.meaning });
    const number = typeof preset === "number" ? h("input.fnum.num", { type: "number", value: String(on ? fault.value : preset), "aria-label": `${label}${unit ? `（${unit}）` : ""}`, "data-testid": `fault-${fault.name}-value` }) : null;
    const set = () => this.#set(fault.name, box.checked ? (number ? Number(number.value) : preset) : null);
    box.addEventListener("change", set);
    number?.addEventListener("change", () => box.checked && set());
    return h("div.fault", { class: on ? "on" : "" }, box, h("label", { for: box.id, title: fault.meaning }, h("i.sw"), h("span.el", {}, label)), number ? h("span.fval", {}, number, unit ? h("i", {}, unit) : null) : null, fault.times > 1 ? h("small.num", {}, `×${fault.times}`) : null);
  }

  async #set(name, value) {
    try {
      await post("/_bench/api/faults", { [name]: value });
    } catch (refusal) {
      this.note.textContent = refusal.message;
    }
    this.key = "";
    await this.load();
    document.getElementById(`fault-${name}`)?.focus();
  }
}

function rank(order, name) {
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}
