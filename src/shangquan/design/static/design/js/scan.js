// Catches a scanner wherever the focus is: keystrokes closer than 35 ms that end in Enter are one scan, and go to the
// server as the form of this element would send them. What was typed into another field by the scan is taken out again.
const FAST = 35, LEAST = 4;

export class Burst {
  constructor() { this.clear(); }
  clear() { this.text = ""; this.last = -Infinity; }
  key(key, at) {
    if (key === "Enter") {
      const scan = at - this.last <= FAST && this.text.length >= LEAST ? this.text : null;
      this.clear();
      return scan;
    }
    if (key.length !== 1) return null;
    this.text = at - this.last <= FAST ? this.text + key : key;
    this.last = at;
    return null;
  }
}

class Scan extends HTMLElement {
  connectedCallback() {
    this.burst = new Burst();
    this.heard = (event) => this.hear(event);
    document.addEventListener("keydown", this.heard, true);
  }
  disconnectedCallback() { document.removeEventListener("keydown", this.heard, true); }
  get input() { return this.querySelector("input[name=scan]"); }
  hear(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") { this.input.focus(); this.input.select(); return; }
    if (event.key.length === 1 && event.target === document.body) this.input.focus(); // before the page has given it the focus
    const scan = this.burst.key(event.key, event.timeStamp);
    if (event.key === "Enter" && event.target.matches("input[name=scan]")) return; // it holds the whole scan, however slow
    if (scan) { event.preventDefault(); event.stopPropagation(); this.take(scan, event.target); return; }
    this.shortcut(event);
  }
  take(scan, field) {
    if (field !== this.input && "value" in field && field.value?.endsWith(scan)) {
      field.value = field.value.slice(0, -scan.length);
    }
    this.input.value = scan;
    this.dispatchEvent(new CustomEvent("sq:scan", { bubbles: true, detail: { scan } }));
    this.querySelector("form").requestSubmit();
  }
  shortcut(event) {
    if (!/^(F2|F4|F6|F7|F8|F9|F10|Delete)$/.test(event.key)) return;
    if (event.key === "Delete" && event.target.matches("input,textarea")) return;
    const name = event.key === "Delete" ? "Del" : event.key;
    const button = document.querySelector(`[data-key="${name}"]`)
      || [...document.querySelectorAll("kbd")].find((kbd) => kbd.textContent === name)?.closest("a,button");
    if (button) { event.preventDefault(); button.click(); }
  }
}
customElements.define("sq-scan", Scan);
