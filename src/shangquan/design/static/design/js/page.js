// What every page may need: sheets, forms sent once, questions before danger, drafts, copying, toasts. Each part
// works on its own and the page works without any of them.
const islands = {
  "sq-countdown": "countdown.js", "sq-live": "live.js", "sq-scan": "scan.js",
  "sq-member-code": "member-code.js", "sq-chart": "chart.js", "sq-clock": "clock.js",
};
const english = document.documentElement.lang.startsWith("en");
export const say = (zh, en) => (english ? en : zh);

function wake(root) {
  for (const [tag, file] of Object.entries(islands)) {
    if (!customElements.get(tag) && root.querySelector(tag)) import(`./${file}`);
  }
}

export function toast(text, action) {
  const host = document.querySelector("sq-toast");
  if (!host) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  const stay = action ? 10000 : 2000;
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => { box.remove(); action.run(); });
    box.append(button);
  }
  host.append(box);
  setTimeout(() => box.remove(), stay);
}

class Toasts extends HTMLElement {
  connectedCallback() {
    this.querySelectorAll(".toast").forEach((box) => setTimeout(() => box.remove(), box.hasAttribute("data-undo") ? 10000 : 4000));
  }
}
customElements.define("sq-toast", Toasts);

// A sheet has its own address: #id opens it, Esc, the cross and back close it.
function sheets() {
  const wanted = location.hash.slice(1) && document.getElementById(location.hash.slice(1));
  document.querySelectorAll("dialog[data-sheet]").forEach((dialog) => {
    if (dialog === wanted && !dialog.open) dialog.showModal();
    if (dialog !== wanted && dialog.open) dialog.close();
  });
}
addEventListener("hashchange", sheets);
document.addEventListener("close", (event) => {
  if (event.target.matches("dialog[data-sheet]") && location.hash === `#${event.target.id}`) history.back();
}, true);
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog[data-sheet]")) event.target.close();
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(say("已复制", "Copied")));
  if (event.target.closest("[data-print]")) print();
  document.querySelectorAll("details.has-pop[open]").forEach((pop) => pop.contains(event.target) || (pop.open = false));
});

// A form is sent once; its key makes a repeat harmless, the locked button makes it rare.
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  const question = button?.dataset.confirm || form.dataset.confirm;
  if (question && !form.dataset.sure) { event.preventDefault(); ask(question, form, button); return; }
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.hasAttribute("data-once")) {
    form.dataset.sent = "1";
    setTimeout(() => button?.setAttribute("aria-busy", "true"));
  }
  if (form.dataset.draft) localStorage.removeItem(draftName(form));
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}));

function ask(question, form, button) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  const head = document.createElement("div"), foot = document.createElement("div"), title = document.createElement("h2");
  head.className = "sheet-head"; foot.className = "sheet-foot"; title.textContent = question;
  const yes = document.createElement("button"), no = document.createElement("button");
  yes.className = "button button-danger-fill"; yes.textContent = (button?.querySelector(".label") || button)?.textContent.trim() || say("继续", "Continue");
  no.className = "button button-line"; no.textContent = say("再想想", "Not now");
  yes.addEventListener("click", () => { dialog.close(); form.dataset.sure = "1"; form.requestSubmit(button || undefined); });
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); button?.focus(); });
  head.append(title); foot.append(yes, no); dialog.append(head, foot);
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
}

// Long forms keep a draft in this browser each 5 s; never a password, a file or a token.
const draftName = (form) => `sq-draft:${location.pathname}:${form.dataset.draft}`;
const kept = (form) => [...form.elements].filter((field) =>
  field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type));
function drafts() {
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const state = document.querySelector("[data-draft-state]");
    const old = JSON.parse(localStorage.getItem(draftName(form)) || "null");
    if (old && !form.querySelector("[data-invalid]")) {
      kept(form).forEach((field, at) => {
        const value = old.values[at];
        if (value === undefined) return;
        if (["checkbox", "radio"].includes(field.type)) field.checked = value; else field.value = value;
      });
      if (state) state.textContent = say(`已恢复 ${old.at} 的草稿`, `Draft of ${old.at} restored`);
    }
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    setInterval(() => {
      if (!changed) return;
      changed = false;
      const at = new Date().toTimeString().slice(0, 5);
      const values = kept(form).map((field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value));
      localStorage.setItem(draftName(form), JSON.stringify({ at, values }));
      if (state) state.textContent = say(`${at} 草稿已存在本机`, `Draft kept on this device at ${at}`);
    }, 5000);
  });
}

// Selection of a list, and the search key of a console.
function selection() {
  const chosen = document.querySelectorAll(".table .pick input[name=row]:checked").length;
  document.querySelectorAll("[data-selection]").forEach((bar) => {
    bar.hidden = chosen === 0;
    bar.querySelector("[data-chosen]").textContent = say(`已选 ${chosen} 行`, `${chosen} selected`);
  });
}
document.addEventListener("change", (event) => {
  if (!event.target.matches(".table .pick input")) return;
  if (event.target.hasAttribute("data-pick-all")) {
    document.querySelectorAll(".table .pick input[name=row]").forEach((row) => { row.checked = event.target.checked; });
  }
  selection();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input,textarea,select,[contenteditable]")) return;
  const search = document.querySelector("[data-search]");
  if (search) { event.preventDefault(); search.focus(); }
});

document.addEventListener("htmx:after:swap", (event) => wake(event.target.getRootNode?.().body || document.body));
wake(document);
selection();
sheets();
drafts();
document.querySelector("[data-focus]")?.focus();
