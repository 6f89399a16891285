// Counts down from the server's time, never below nought; at nought the server is asked before the face changes.
const pad = (number) => String(number).padStart(2, "0");
export function write(seconds) {
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60, rest = seconds % 60;
  return hours ? `${pad(hours)}:${pad(minutes)}:${pad(rest)}` : `${pad(minutes)}:${pad(rest)}`;
}

class Countdown extends HTMLElement {
  connectedCallback() {
    const ahead = Date.parse(this.dataset.now) - Date.now();
    const until = Date.parse(this.dataset.until);
    this.timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((until - Date.now() - ahead) / 1000));
      this.querySelector("time").textContent = write(rest);
      if (rest === 0) { clearInterval(this.timer); this.ended(); }
    }, 1000);
  }
  disconnectedCallback() { clearInterval(this.timer); }
  ended() {
    this.dispatchEvent(new CustomEvent("sq:ended", { bubbles: true }));
    if (this.dataset.ended) setTimeout(() => location.assign(this.dataset.ended), 300 + Math.random() * 1200);
  }
}
customElements.define("sq-countdown", Countdown);
