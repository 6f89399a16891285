// The till without reloading: forms and links go one after the other, the answer replaces the page, no scan is lost.
// Everything also works without this file.
const say = (zh, en) => (document.documentElement.lang.startsWith("en") ? en : zh);
function toast(text) {
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  document.querySelector("sq-toast")?.append(box);
  setTimeout(() => box.remove(), 4000);
}

const queue = [];
let busy = false, pollTimer = 0;

function send(form, submitter) {
  const data = new FormData(form, submitter);
  const target = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  if (form.method.toLowerCase() === "get") return ask(`${target.split("?")[0]}?${new URLSearchParams(data)}`);
  return ask(target, new URLSearchParams(data));
}

function ask(target, body) {
  queue.push({ target, body });
  run();
}

async function run() {
  if (busy) return;
  const next = queue.shift();
  if (!next) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => toast(say("网络有点慢，请稍等", "The network is slow")), 8000);
  try {
    const answer = await fetch(next.target, next.body ? { method: "POST", body: next.body } : {});
    show(await answer.text(), answer);
  } catch {
    lost(next);
  } finally {
    clearTimeout(slow);
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
  run();
}

function show(text, answer) {
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!page.body.classList.contains("till") || !page.querySelector(".till-grid")) { location.href = answer.url; return; }
  const top = document.querySelector(".lines-scroll")?.scrollTop || 0;
  document.body.replaceChildren(...page.body.children);
  document.title = page.title;
  history.replaceState(null, "", answer.url);
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  settle(top);
}

function lost(request) {
  document.querySelectorAll("[data-asked]").forEach((form) => delete form.dataset.asked);
  const text = request.body?.get("scan");
  const input = document.querySelector("input[name=scan]");
  if (text && input) input.value = text;
  const state = document.querySelector("[data-link-state]");
  if (state) { state.className = "state state-warn"; state.lastChild.textContent = say("断网", "Off line"); }
  toast(say("网络断了，这一单和刚扫的都还在", "The network is gone; the sale and the scan are kept"));
}

function settle(top = 0) {
  const lines = document.querySelector(".lines-scroll");
  if (lines) {
    lines.scrollTop = top;
    lines.querySelector("tr[aria-selected], tr[data-new]")?.scrollIntoView({ block: "nearest" });
  }
  const wanted = document.querySelector(".till-sheet [autofocus]") || document.querySelector("[autofocus]");
  wanted?.focus();
  if (wanted?.hasAttribute("data-select-all")) wanted.select();
  clearTimeout(pollTimer);
  const poll = document.querySelector("form[data-poll]");
  if (poll) pollTimer = setTimeout(() => send(poll), Number(poll.dataset.poll));
}

// After page.js, which may ask a question first.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.enctype === "multipart/form-data" || !document.body.classList.contains("till")) return;
  event.preventDefault();
  delete form.dataset.sent;
  const scans = form.classList.contains("scan-field");
  if (form.dataset.asked && !scans) return; // a second tap on the same button; a second scan is a second piece
  form.dataset.asked = "1";
  send(form, event.submitter);
  if (scans) form.reset();
});

addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || link.target) return;
  const there = new URL(link.href);
  if (there.origin !== location.origin || !there.pathname.startsWith("/till/") || there.pathname.endsWith(".bin")) return;
  event.preventDefault();
  ask(link.href);
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const back = document.querySelector(".till-sheet [data-back], [data-back]");
    if (back) { event.preventDefault(); back.click(); }
    return;
  }
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || document.querySelector(".till-sheet")) return;
  const rows = [...document.querySelectorAll("tr[data-line]")];
  if (!rows.length) return;
  const chosen = rows.findIndex((row) => row.matches("[aria-selected]"));
  const at = chosen >= 0 ? chosen : rows.findIndex((row) => row.matches("[data-new]"));
  const next = rows[at + (event.key === "ArrowUp" ? -1 : 1)];
  if (next) { event.preventDefault(); next.querySelector("a[data-select]").click(); }
}, true);

// One till in one tab: a second one shows everything and changes nothing.
const tabs = new BroadcastChannel("till");
const born = Date.now() + Math.random();
let second = false;
tabs.addEventListener("message", ({ data }) => {
  if (data.hello && !second && data.hello !== born) tabs.postMessage({ here: born });
  if (data.here && data.here !== born && !second && data.here < born) readOnly();
  if (data.take && data.take !== born) readOnly();
});
function readOnly() {
  second = true;
  clearTimeout(pollTimer);
  document.body.setAttribute("data-second", "");
  document.querySelector(".till-grid").inert = true;
  if (document.querySelector("[data-second-bar]")) return;
  const bar = document.createElement("div");
  bar.className = "till-bar"; bar.dataset.secondBar = "";
  const words = document.createElement("span"), take = document.createElement("button");
  words.textContent = say("这个收银台已在另一个标签页打开，这里只能看。", "This till is open in another tab; this one is read-only.");
  take.className = "button button-line button-small end"; take.type = "button"; take.textContent = say("在这里收银", "Use this tab");
  take.addEventListener("click", () => { second = false; tabs.postMessage({ take: born }); location.reload(); });
  bar.append(words, take);
  document.querySelector(".till-grid").before(bar);
}
tabs.postMessage({ hello: born });

// Without a network: the worker shows a till that takes cash, its tickets go up when the network is back.
const unsent = async () => {
  const { waiting, upload } = await import(document.querySelector("script[src*='pos/till']").dataset.tickets);
  const count = (await waiting()).length;
  if (!count) return;
  const state = document.querySelector("[data-link-state]");
  if (state) { state.className = "state state-warn"; state.lastChild.textContent = say(`正在上传 ${count} 张离线单`, `Uploading ${count}`); }
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const answers = await upload(token);
  const refused = answers.filter((answer) => answer.state === "refused");
  if (refused.length) toast(say(`离线单 ${refused[0].seq}：${refused[0].zh}`, `Ticket ${refused[0].seq}: ${refused[0].en}`));
  if (answers.some((answer) => answer.state === "booked")) toast(say("离线单已补记", "Offline tickets are booked"));
  if (!busy && !document.querySelector(".till-sheet")) ask(location.href);
};
addEventListener("online", () => { ask(location.href); unsent(); });
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/till/sw.js", { scope: "/till/" }).then(async () => {
    const ready = await navigator.serviceWorker.ready;
    ready.active?.postMessage("refresh");
  }).catch(() => {});
}
settle();
unsent().catch(() => {});
