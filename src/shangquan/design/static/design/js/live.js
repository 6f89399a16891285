// A live region: a stream when data-stream is given, else asked again each data-every seconds. It says its age,
// turns amber after 30 s and dim after 2 minutes, stops while the tab is hidden, and never moves a list under a pointer.
import { say } from "./page.js";

class Live extends HTMLElement {
  connectedCallback() {
    this.at = Date.now();
    this.onlyAge = this.hasAttribute("data-only-age");
    const every = Math.max(2, Number(this.dataset.every) || 10) * 1000;
    if (this.dataset.stream && "EventSource" in window) this.listen();
    else this.poller = setInterval(() => document.hidden || this.ask(), every);
    this.ager = setInterval(() => this.age(), 1000);
  }
  disconnectedCallback() {
    clearInterval(this.poller);
    clearInterval(this.ager);
    this.stream?.close();
  }
  listen() {
    this.stream = new EventSource(this.dataset.stream);
    this.stream.addEventListener("error", () => this.poller ??= setInterval(() => document.hidden || this.ask(), 10000));
    this.stream.addEventListener("message", (event) => this.take(event.data));
  }
  async ask() {
    try {
      const answer = await fetch(this.dataset.url, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (answer.ok) this.take(await answer.text());
    } catch { /* the age says that nothing came */ }
  }
  take(html) {
    this.at = Date.now();
    if (!this.onlyAge && !this.matches(":hover, :focus-within")) {
      const mark = this.querySelector(".live");
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      this.replaceChildren(...(mark ? [mark] : []), fresh.content);
      this.dispatchEvent(new CustomEvent("sq:fresh", { bubbles: true }));
    }
    this.age();
  }
  age() {
    const seconds = Math.floor((Date.now() - this.at) / 1000);
    const state = seconds > 120 ? "dead" : seconds > 30 ? "old" : "fresh";
    this.dataset.age = state;
    const text = this.querySelector("[data-age-text]");
    if (!text) return;
    text.closest(".live").dataset.age = state;
    const minutes = Math.floor(seconds / 60);
    text.textContent = state === "dead" ? say(`已停 ${minutes} 分钟，正在重新连接`, `Stopped for ${minutes} min, reconnecting`)
      : say(`实时 · ${seconds} 秒前`, `Live · ${seconds} s ago`);
  }
}
customElements.define("sq-live", Live);
