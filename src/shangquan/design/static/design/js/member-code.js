// The changing member code: rings down, fetches the next one a second early, keeps the old one dimmed, never blank,
// and falls back to the signed codes prepared while on line.
import { say } from "./page.js";

const ROUND = 66;

class MemberCode extends HTMLElement {
  connectedCallback() {
    this.until = Date.parse(this.dataset.until);
    this.timer = setInterval(() => this.tick(), 500);
    document.addEventListener("visibilitychange", this.seen = () => document.hidden || this.tick());
  }
  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
  tick() {
    if (document.hidden) return;
    const rest = Math.max(0, Math.ceil((this.until - Date.now()) / 1000));
    const share = Math.min(1, rest / Number(this.dataset.lifetime || 30));
    this.querySelector(".ring-rest")?.setAttribute("stroke-dasharray", `${(ROUND * share).toFixed(1)} ${ROUND}`);
    const text = this.querySelector("[data-rest]");
    if (text) text.textContent = say(`${rest} 秒`, `${rest} s`);
    if (rest <= 1 && this.dataset.state !== "refreshing") this.renew();
  }
  async renew() {
    this.dataset.state = "refreshing";
    try {
      const answer = await fetch(this.dataset.refresh, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("sq-member-code");
      if (answer.ok && fresh) { this.replaceWith(document.adoptNode(fresh)); return; }
    } catch { /* no network: the prepared code below, or the old one dimmed until the next try */ }
    this.fallback();
  }
  fallback() {
    const prepared = this.querySelector("template[data-offline]");
    if (prepared) { this.replaceWith(prepared.content.cloneNode(true)); return; }
    this.until = Date.now() + 5000;
    setTimeout(() => { this.dataset.state = "live"; }, 4000);
  }
}
customElements.define("sq-member-code", MemberCode);
