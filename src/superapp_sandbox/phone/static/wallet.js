// Pay code, wallet and the settings of one phone.
import { bigMoney, dayTime, fill, h, icon, money, svg } from "./dom.js";
import { post } from "./net.js";
import { lang, switchLang, t } from "./words.js";

const LIFE_S = 60;
const RING = 2 * Math.PI * 9;

/** 18 digits as bar code and QR, drawn by the server; a new one each minute, and the old one stays until it is there. */
export function payCodeScreen(phone) {
  const arc = svg("circle", { cx: 12, cy: 12, r: 9, class: "arc", "stroke-dasharray": RING.toFixed(2) });
  const ring = svg("svg", { viewBox: "0 0 24 24", class: "ring", "aria-hidden": "true" }, svg("circle", { cx: 12, cy: 12, r: 9 }), arc);
  const left = h("span.num");
  const bars = h("img.bars", { alt: "", "data-testid": "paycode-bars" });
  const square = h("img.qr", { alt: "", "data-testid": "paycode-qr" });
  const digits = h("p.digits.num", { "data-testid": "paycode-digits" });
  const fresh = h("button.textb", { type: "button", "data-testid": "paycode-refresh", "data-api": `POST ${phone.api}/paycode`, onclick: () => renew(true) }, ring, left, t("后换新，点这里现在换", " then renewed. Tap to renew now"));
  const card = h("div.codecard", { "aria-busy": "true" }, h("p.codehint", {}, t("给收银员扫，就能付款", "Show it to the cashier to pay")), bars, digits, square, fresh);
  const balance = h("span.num");
  const wallets = h("div.wallets", { role: "group", "aria-label": t("用哪个钱包", "Wallet") }, [["wechat", t("微信支付", "WeChat Pay")], ["alipay", t("支付宝", "Alipay")]].map(([name, label]) =>
    h("button", { type: "button", "data-testid": `paycode-${name}`, "aria-pressed": String(name === "wechat"), onclick: () => choose(name) }, label)));

  function choose(name) {
    wallet = name;
    for (const button of wallets.children) button.setAttribute("aria-pressed", String(button.dataset.testid === `paycode-${name}`));
    renew();
  }

  const el = h("section.paycode", { "aria-label": t("付款码", "Pay code") },
    phone.bar(t("付款码", "Pay code"), { cls: "tint" }), h("div.scroll", {}, wallets, card,
    h("div.cells.inset", {}, h("div.cell", {}, h("span.grow", {}, t("付款方式", "Pay with")), h("span.muted", {}, t("零钱 ", "Balance "), balance))),
    h("p.codefoot", {}, t("数字只给收银员看，一次有效", "Show the digits to the cashier only; each works once"))));
  let until = 0;
  let asking = false;
  let wallet = "wechat";

  async function renew(refresh = false) {
    if (asking) return;
    asking = true;
    card.setAttribute("aria-busy", "true");
    const chosen = wallet;
    const made = await phone.attempt(() => post(`${phone.api}/paycode`, { refresh, wallet: chosen }));
    asking = false;
    if (!el.isConnected || !made) return;
    if (chosen !== wallet) {
      renew();
      return;
    }
    const text = encodeURIComponent(made.code);
    bars.src = `/_phone/draw/code128.svg?text=${text}`;
    square.src = `/_phone/draw/qr.svg?text=${text}`;
    bars.alt = t("付款条码", "Pay bar code");
    square.alt = t("付款二维码", "Pay QR code");
    digits.textContent = made.code.replace(/(\d{4})(?=\d)/g, "$1 ");
    digits.setAttribute("aria-label", made.code.split("").join(" "));
    digits.dataset.code = made.code;
    until = Date.now() + 1000 * Math.min(LIFE_S, Math.max(1, made.seconds_left));
    card.setAttribute("aria-busy", "false");
    tick();
  }

  function tick() {
    if (!until) return;
    const rest = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = t(`${rest} 秒`, `${rest} s`);
    arc.setAttribute("stroke-dashoffset", (RING * (1 - rest / LIFE_S)).toFixed(2));
    if (rest === 0) renew();
  }

  renew();
  let newest;
  function update({ wallet: { balance_fen: fen, bills } }) {
    balance.textContent = money(fen);
    if (newest !== undefined && newest !== (bills[0]?.id ?? null)) renew(); // the code was used: the next one
    newest = bills[0]?.id ?? null;
  }

  return { el, tick, update };
}

export function walletScreen(phone) {
  const total = h("p.payamount.num", { "data-testid": "balance" });
  const list = h("div.cells", { "data-testid": "bills" });
  const el = h("section", { "aria-label": t("钱包", "Wallet") }, phone.bar(t("钱包", "Wallet")),
    h("div.scroll", {},
      h("div.purse", {}, h("p", {}, t("零钱（沙箱里的假钱）", "Balance (sandbox money)")), total,
        h("button.btn.soft", { type: "button", "data-testid": "top-up", "data-api": `POST ${phone.api}/settings`, onclick: topUp }, t("加 ¥1,000.00", "Add ¥1,000.00"))),
      h("h3.cellhead", {}, t("账单", "Bills")), list));

  async function topUp() {
    const now = phone.state?.wallet?.balance_fen ?? 0;
    if (await phone.attempt(() => post(`${phone.api}/settings`, { balance_fen: now + 100_000 }))) phone.refresh();
  }

  return {
    el,
    update({ wallet }) {
      fill(total, bigMoney(wallet.balance_fen));
      fill(list, wallet.bills.length ? wallet.bills.map(bill) : h("p.empty", {}, icon("wallet", "huge"), t("还没有账单。付一笔就有了", "No bills yet. Pay once and one appears")));
    },
  };
}

function bill({ title, at, amount_fen: amount, order }) {
  return h("div.cell.tall", { "data-testid": "bill", "data-order": order ?? "" },
    h("span.grow", {}, h("span.el", {}, title), h("small.muted.num", {}, dayTime(at))),
    h("b.num", { class: amount > 0 ? "plus" : "" }, amount > 0 ? `+${money(amount)}` : money(amount)));
}

export function settingsScreen(phone) {
  const number = (name, label, unit, step, hint) => {
    const input = h("input.num", { type: "text", inputmode: "decimal", "data-testid": `set-${name}`, id: `${phone.user}-${name}`, "data-api": `POST ${phone.api}/settings`, autocomplete: "off" });
    const field = h("div.formrow", {}, h("label", { for: input.id }, label), h("span.inunit", {}, input, h("i", {}, unit)), hint ? h("small.muted", {}, hint) : null);
    return { name, input, field, step };
  };
  const fields = [
    number("balance_fen", t("零钱", "Balance"), t("元", "yuan"), 100),
    number("password_free_below_fen", t("免密额度", "Password-free below"), t("元", "yuan"), 100, t("付款码支付低于它就不问密码；0 表示总是问", "A pay-code payment below it asks no password; 0 always asks")),
    number("lat", t("纬度", "Latitude"), "°", 1),
    number("lng", t("经度", "Longitude"), "°", 1),
  ];
  const weak = h("input", { type: "checkbox", role: "switch", "data-testid": "set-weak_network", onchange: () => save({ weak_network: weak.checked }) });
  const refuses = h("input", { type: "checkbox", role: "switch", "data-testid": "set-rejects_templates", onchange: () => save({ rejects_templates: refuses.checked }) });
  const told = h("p.muted.pad", { role: "status", "data-testid": "set-status" });

  async function save(change) {
    const done = await phone.attempt(() => post(`${phone.api}/settings`, change));
    told.textContent = done ? t("已保存", "Saved") : "";
    phone.refresh();
  }

  for (const { name, input, step } of fields) {
    input.addEventListener("change", () => {
      const value = Number(input.value.replace(/[,，\s¥]/g, ""));
      if (input.value.trim() === "" || Number.isNaN(value)) {
        phone.say(t("要填一个数字", "A number is needed"));
        return;
      }
      save({ [name]: step === 1 ? value : Math.round(value * step) });
    });
  }
  const people = h("div.cells");
  const locked = h("small.wrongs", { "data-testid": "locked" });
  const el = h("section", { "aria-label": t("设置", "Settings") }, phone.bar(t("设置", "Settings")),
    h("div.scroll", {},
      h("div.cells.form", {}, fields.map((one) => one.field)),
      h("div.cells", {},
        h("label.cell", {}, icon("wifi"), h("span.grow", {}, t("弱网", "Weak network"), h("small.muted", {}, t("每一步慢几秒", "Each step takes seconds"))), weak),
        h("label.cell", {}, icon("bell"), h("span.grow", {}, t("拒收模板消息", "Refuse template messages")), refuses),
        h("button.cell", { type: "button", "data-testid": "set-password", "data-api": `POST ${phone.api}/settings`, onclick: () => save({ password: "123456" }) }, icon("lock"), h("span.grow", {}, t("支付密码恢复为 123456", "Set the password to 123456"), locked)),
        h("button.cell", { type: "button", "data-testid": "set-lang", onclick: switchLang }, icon("account"), h("span.grow", {}, "语言 Language"), h("small.muted", {}, lang === "en" ? "English" : "中文"), icon("next"))),
      h("h3.cellhead", {}, t("换一台手机", "Another phone")), people, told));

  return {
    el,
    update({ user, wallet }) {
      const values = { ...user, balance_fen: wallet.balance_fen };
      for (const { name, input, step } of fields) {
        if (document.activeElement !== input) input.value = step === 1 ? String(values[name] ?? "") : ((values[name] ?? 0) / step).toFixed(2);
      }
      locked.textContent = user.locked ? t("输错太多次，已锁住；点这里解开", "Locked after wrong tries; tap to unlock") : "";
      weak.checked = Boolean(user.weak_network);
      refuses.checked = Boolean(user.rejects_templates);
      fill(people, (phone.people ?? []).filter((one) => one.id !== phone.user).map((one) =>
        h("a.cell", { href: `/phone/${one.id}` }, avatar(one), h("span.grow", {}, one.name), icon("next"))));
    },
  };
}

/** A round of the person's colour with the first character of the name. Colours are attributes of a drawing, not styles. */
export function avatar(person) {
  const colour = /^#[0-9a-f]{6}$/i.test(person.avatar_colour ?? "") ? person.avatar_colour : "#4B6FB0";
  const picture = svg("svg", { viewBox: "0 0 40 40", class: "face", "aria-hidden": "true" },
    svg("circle", { cx: 20, cy: 20, r: 20, fill: colour }));
  const letter = svg("text", { x: 20, y: 20, "text-anchor": "middle", "dominant-baseline": "central", fill: inkOn(colour), "font-size": 17, "font-weight": 600 });
  letter.textContent = (person.name ?? "?").slice(0, 1);
  picture.append(letter);
  return picture;
}

/** White or dark, whichever stands out more on the colour (relative luminance of WCAG). */
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.26 ? "#241A22" : "#fff";
}
