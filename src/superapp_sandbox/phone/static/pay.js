// The pay sheet, its keypad, and the page that tells the result.
import { bigMoney, fill, h, icon, money } from "./dom.js";
import { post } from "./net.js";
import { t } from "./words.js";

const LENGTH = 6;

/** Asks for the password of one payment. `outcome` becomes "paid" or "cancel" exactly once. */
export class PaySheet {
  constructor(phone, pending) {
    this.phone = phone;
    this.order = pending.order;
    this.pending = pending;
    this.digits = "";
    this.before = document.activeElement;
    this.outcome = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.dots = h("div.pw", { role: "img" });
    this.hint = h("p.pwhint", { role: "alert", "data-testid": "pay-hint" });
    this.box = this.#draw();
    this.layer = h("div.layer.paylayer", {}, h("div.mask"), this.box);
    phone.sheets.append(this.layer);
    phone.stage.inert = true;
    this.#dots();
    this.box.focus({ preventScroll: true });
  }

  #draw() {
    const { title, merchant, amount_fen: amount } = this.pending;
    const balance = this.phone.state?.wallet?.balance_fen ?? 0;
    const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "del"].map((key) => this.#key(key));
    return h("div.sheet", {
      role: "dialog", "aria-modal": "true", tabindex: "-1", "data-testid": "pay-sheet",
      "aria-label": t(`请输入支付密码，向${merchant}付 ${money(amount)}`, `Enter the payment password: ${money(amount)} to ${merchant}`),
      onkeydown: (event) => this.#typed(event),
    },
    h("div.payhead", {},
      h("button.barb", { type: "button", "aria-label": t("取消付款", "Cancel payment"), "data-testid": "pay-cancel", "data-api": `POST ${this.phone.api}/cancel`, onclick: () => this.cancel() }, icon("close")),
      h("b", {}, t("请输入支付密码", "Payment password")), h("span")),
    h("p.payto", { "data-testid": "pay-merchant" }, merchant),
    h("p.payamount.num", { "data-testid": "pay-amount" }, bigMoney(amount)),
    title && title !== merchant ? h("p.paytitle.el", {}, title) : null,
    h("div.paymeans", {}, h("span", {}, t("付款方式", "Pay with")), h("span.num", {}, t(`零钱（${money(balance)}）`, `Balance (${money(balance)})`))),
    this.dots, this.hint,
    h("div.kp.num", {}, keys));
  }

  #key(key) {
    if (key === "") return h("span");
    if (key === "del") {
      return h("button.kdel", { type: "button", "aria-label": t("删除一位", "Delete a digit"), "data-testid": "key-del", onclick: () => this.erase() }, icon("erase"));
    }
    return h("button", { type: "button", "data-testid": `key-${key}`, onclick: () => this.press(key) }, key);
  }

  #typed(event) {
    if (/^\d$/.test(event.key)) this.press(event.key);
    else if (event.key === "Backspace") this.erase();
    else if (event.key === "Escape") this.cancel();
    else if (event.key === "Tab") this.#keepFocus(event);
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }

  #keepFocus(event) {
    const stops = [...this.box.querySelectorAll("button")];
    const at = stops.indexOf(document.activeElement);
    if (event.shiftKey && at <= 0) stops.at(-1).focus();
    else if (!event.shiftKey && at === stops.length - 1) stops[0].focus();
    else return;
    event.preventDefault();
  }

  #dots() {
    this.dots.setAttribute("aria-label", t(`已输入 ${this.digits.length} 位，共 6 位`, `${this.digits.length} of 6 digits`));
    fill(this.dots, Array.from({ length: LENGTH }, (_, at) => h(at < this.digits.length ? "i.d" : "i")));
  }

  press(digit) {
    if (this.digits.length >= LENGTH || this.sending || this.over) return;
    this.hint.textContent = "";
    this.digits += digit;
    this.#dots();
    if (this.digits.length === LENGTH) this.#send();
  }

  erase() {
    if (this.sending) return;
    this.digits = this.digits.slice(0, -1);
    this.#dots();
  }

  async #send() {
    this.sending = true;
    this.box.classList.add("sending");
    this.hint.textContent = t("正在付款…", "Paying…");
    try {
      const answer = await post(`${this.phone.api}/password`, { password: this.digits });
      if (answer.page_closes) this.phone.browser.close();
      if (answer.result === "paid") this.close("paid");
      else this.hint.textContent = wrongWords(answer);
    } catch (refusal) {
      this.hint.textContent = refusal.message;
    }
    this.sending = false;
    this.digits = "";
    this.box.classList.remove("sending");
    this.#dots();
    this.phone.refresh();
  }

  async cancel() {
    if (this.sending || this.over) return;
    await this.phone.attempt(() => post(`${this.phone.api}/cancel`));
    this.close("cancel");
    this.phone.refresh();
  }

  /** The payment ended elsewhere (a JSON call, the till): the wallet's bills tell which way. */
  settleFromState() {
    if (this.over || this.sending) return;
    const paid = this.phone.paid(this.order);
    this.close(paid ? "paid" : "cancel");
  }

  close(outcome) {
    if (this.over) return;
    this.over = true;
    this.layer.remove();
    this.phone.sheet = null;
    this.phone.stage.inert = false;
    this.before?.focus?.({ preventScroll: true });
    if (outcome === "paid" && !this.silent) this.phone.push("result", { ...this.pending, over: this.phone.browser.open });
    this.resolve(outcome);
  }
}

function wrongWords({ result, left }) {
  if (result === "not_enough") return t("零钱不够付这一笔，先到钱包里加钱", "Balance too low, add money in the wallet first");
  if (result === "locked" || left === 0) return t("密码错了太多次，锁住了。到设置里解开", "Locked after too many tries. Unlock in settings");
  return t(`密码不对，还可以试 ${left} 次`, `Wrong password, ${left} ${left === 1 ? "try" : "tries"} left`);
}

export function resultScreen(phone, { merchant, amount_fen: amount, title }) {
  phone.browser.lower();
  const done = () => {
    phone.back();
    phone.browser.raise();
  };
  const finish = h("button.btn.pri.wide", { type: "button", "data-testid": "result-done", onclick: done }, t("完成", "Done"));
  const el = h("section.result", { "aria-label": t("付款结果", "Payment result") },
    h("div.resultmark", {}, icon("check")),
    h("h2", {}, t("支付成功", "Paid")),
    h("p.payamount.num", { "data-testid": "result-amount" }, bigMoney(amount)),
    h("p.muted", {}, merchant), title && title !== merchant ? h("p.muted", {}, title) : null,
    h("div.grow"), finish);
  return { el, focus: finish };
}
