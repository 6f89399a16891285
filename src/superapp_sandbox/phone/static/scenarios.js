// Ready-made troubles, and keeping the whole sandbox in a file.
import { fill, h, icon } from "./dom.js";
import { get, post } from "./net.js";
import { t } from "./words.js";

const PLAYS = [
  ["late", t("付款超时后补通知", "Time-out, then a late notice"), t("应答 10 秒才来，通知再晚 15 秒", "The answer takes 10 s, the notice 15 s more"), { pay_answer_timeout_s: 10, notify_delay_s: 15 }],
  ["ten", t("同一条通知来十次", "The same notice ten times"), t("账只能记一次", "It may count only once"), { notify_repeat: 9 }],
  ["busy", t("成功了，却答系统繁忙", "Done, but it says busy"), t("不能再收一次钱，要去查单", "Query it, never charge again"), { pay_answer_system_error_after_success: true }],
  ["lost", t("通知丢了", "The notice is lost"), t("只有查单知道已付", "Only a query tells"), { notify_drop: true }],
  ["probe", t("先来一条假通知", "A forged notice first"), t("签名不对的要拒收，随后来真的", "Refuse it; the real one follows"), { sig_probe: true }],
  ["pending", t("查单三次都在处理中", "Three queries say pending"), t("第四次才说成功", "The fourth says paid"), { order_query_stays_processing: { value: true, times: 3 } }],
  ["calm", t("一切正常", "All calm"), t("关掉所有故障", "Switch all faults off"), {}],
];

export function scenarioDialog(dialog, board, attempt) {
  const close = () => dialog.close();
  const file = h("input.sr", { type: "file", accept: "application/json,.json", "data-testid": "state-file", tabindex: "-1", "aria-hidden": "true" });
  file.addEventListener("change", async () => {
    const text = await file.files[0]?.text();
    if (!text) return;
    close();
    const done = await attempt(() => post("/_bench/api/state", JSON.parse(text)));
    if (done) location.reload();
  });

  async function play(faults) {
    close();
    await attempt(() => post("/_bench/api/faults", { clear: true, ...faults }));
    board.load();
  }

  async function keep() {
    const state = await attempt(() => get("/_bench/api/state"));
    if (!state) return;
    const address = URL.createObjectURL(new Blob([JSON.stringify(state)], { type: "application/json" }));
    const link = h("a", { href: address, download: "sandbox-state.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  fill(dialog, h("h2", {}, t("剧本：下一次付款会怎样", "Scenarios for the next payment")),
    h("div.plays", {}, PLAYS.map(([id, name, words, faults]) => h("button", { type: "button", "data-testid": `play-${id}`, "data-api": "POST /_bench/api/faults", onclick: () => play(faults) }, h("b", {}, name), h("span", {}, words)))),
    h("div.askacts", {},
      h("button.tool", { type: "button", "data-testid": "state-save", "data-api": "GET /_bench/api/state", onclick: keep }, icon("share"), t("存下现场", "Save state")),
      h("button.tool", { type: "button", "data-testid": "state-load", "data-api": "POST /_bench/api/state", onclick: () => file.click() }, icon("picture"), t("载入现场", "Load state")),
      h("button.tool", { type: "button", "data-testid": "dialog-close", onclick: close }, t("关闭", "Close"))), file);
  dialog.showModal();
}
