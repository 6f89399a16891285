// The till's clock.
class Clock extends HTMLElement {
  connectedCallback() {
    const tick = () => { this.textContent = new Date().toTimeString().slice(0, 8); };
    tick();
    this.timer = setInterval(tick, 1000);
  }
  disconnectedCallback() { clearInterval(this.timer); }
}
customElements.define("sq-clock", Clock);
