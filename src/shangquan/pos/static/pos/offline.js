// The till without a network: goods and prices of the last time, cash only, a numbered ticket for each sale.
const script = document.querySelector("script[data-tickets]");
const { keep, waiting } = await import(script.dataset.tickets);
const english = document.documentElement.lang.startsWith("en");
const say = (zh, en) => (english ? en : zh);
const { till_id, next_seq, goods } = await (await fetch("/till/offline/goods.json")).json();
const field = document.querySelector("input[name=scan]"), said = document.querySelector("[data-said]");
const rows = document.querySelector("[data-rows]"), due = document.querySelector("[data-due]");
const yuan = (fen) => (fen / 100).toFixed(2);
const BASKET = `till-offline:${till_id}`, SEQ = `till-seq:${till_id}`;
let basket = JSON.parse(localStorage.getItem(BASKET) || '{"lines":[],"card":""}');

const total = () => basket.lines.reduce((sum, line) => sum + line.fen * line.quantity, 0);
const cell = (text, css) => Object.assign(document.createElement("td"), { textContent: text, className: css });

async function draw(text = "", wrong = false) {
  localStorage.setItem(BASKET, JSON.stringify(basket));
  rows.replaceChildren(...basket.lines.map((line, at) => {
    const row = document.createElement("tr"), name = document.createElement("th"), bold = document.createElement("b");
    name.scope = "row"; name.className = "name"; bold.textContent = line.name; name.append(bold);
    if (at === basket.newest) row.dataset.new = "";
    row.append(name, cell(yuan(line.fen), "right num"), cell(line.quantity, "mid num"), cell(yuan(line.fen * line.quantity), "right num amount"));
    return row;
  }));
  due.textContent = yuan(total());
  said.textContent = text;
  said.className = wrong ? "field-error" : "told";
  document.querySelector("[data-card]").textContent = basket.card ? say(`会员卡号 ${basket.card}，联网后记积分`, `Member card ${basket.card}: points follow`) : "";
  document.querySelector("[data-unsent]").textContent = (await waiting()).filter((ticket) => ticket.till_id === till_id).length;
  field.focus();
}

function add(card, quantity = 1) {
  let at = basket.lines.findIndex((line) => line.id && line.id === card.id);
  if (at < 0) { basket.lines.push({ ...card, quantity: 0 }); at = basket.lines.length - 1; }
  basket.lines[at].quantity += quantity;
  basket.newest = at;
  return draw(say(`刚扫到：${card.name}，数量 +${quantity}`, `Scanned ${card.name}, +${quantity}`));
}

function take(text) {
  if (!text) return total() ? pay() : draw();
  const amount = text.match(/^(\d{1,7})\.(\d{1,2})$/), count = text.match(/^(\d{1,4})\s*[x×*]$/i);
  if (amount) return add({ name: say("手输金额", "Typed amount"), fen: Number(amount[1]) * 100 + Number(amount[2].padEnd(2, "0")), amount: true });
  if (count && basket.lines[basket.newest]) { basket.lines[basket.newest].quantity = Number(count[1]) || 1; return draw(); }
  const card = goods.find((one) => one.barcode && one.barcode === text);
  if (card) return add({ id: card.id, name: card.name, fen: card.fen });
  if (/^\d{12}$/.test(text)) { basket.card = text; return draw(); }
  if (/^\d{16,24}$/.test(text) || /^[0-9A-HJKMNP-Z]{12}$/i.test(text)) {
    return draw(say("断网时不能用券、积分和付款码：要问过中心才知道能不能用。请收现金。", "Coupons, points and wallet codes need the centre; take cash."), true);
  }
  const named = goods.filter((one) => text.length > 1 && one.name.includes(text));
  if (named.length === 1) return add({ id: named[0].id, name: named[0].name, fen: named[0].fen });
  return draw(say(`没找到「${text}」`, `Nothing known as ${text}`), true);
}

async function pay() {
  if (!basket.lines.length) return draw(say("先扫商品", "Scan something first"), true);
  const seq = Math.max(Number(localStorage.getItem(SEQ) || 0) + 1, next_seq);
  const lines = basket.lines.map((line) => line.amount
    ? { amount_fen: line.fen * line.quantity, title: line.name }
    : { product_id: line.id, quantity: line.quantity, unit_fen: line.fen });
  const taken = total();
  await keep({ till_id, seq, sold_at: new Date().toISOString(), total_fen: taken, lines, card_no: basket.card });
  localStorage.setItem(SEQ, seq);
  basket = { lines: [], card: "" };
  return draw(say(`离线单 ${seq} 已存在本机，收现金 ¥${yuan(taken)}`, `Ticket ${seq} kept here: ¥${yuan(taken)} in cash`));
}

document.querySelector("[data-scan]").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  field.value = "";
  take(text);
});
document.querySelector("[data-cash]").addEventListener("click", pay);
document.querySelector("[data-clear]").addEventListener("click", () => { basket = { lines: [], card: "" }; draw(); });
document.querySelector("[data-quick]").append(...goods.filter((one) => one.key).slice(0, 6).map((one) => {
  const key = document.createElement("button"), name = document.createElement("span"), price = document.createElement("small");
  key.type = "button"; name.textContent = one.name; price.textContent = `¥${yuan(one.fen)}`; price.className = "num";
  key.append(name, price);
  key.addEventListener("click", () => add({ id: one.id, name: one.name, fen: one.fen }));
  return key;
}));
addEventListener("keydown", (event) => {
  if (event.key === "F9") { event.preventDefault(); pay(); }
  if (event.key === "Escape") field.focus();
});
// "Online" is only a promise of the browser: go back to the till when the centre answers, and ask on while it does not.
const back = () => fetch("/healthz", { cache: "no-store" }).then((answer) => { if (answer.ok && !basket.lines.length) location.href = "/till/"; }).catch(() => {});
addEventListener("online", back);
setInterval(back, 3000);
draw();
document.body.dataset.ready = "1";
