// The one place where ECharts is used: canvas, rich-text tooltips (an HTML tooltip would write inline styles), colours
// from the tokens, loaded when the chart comes near the view. data-option names a <script type="application/json">.
const library = new URL("../../vendor/echarts-6.1.0/echarts.common.min.js", import.meta.url);
let loading;

function load() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = library;
    script.addEventListener("load", () => done(window.echarts));
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

class Chart extends HTMLElement {
  connectedCallback() {
    this.watcher = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) { this.watcher.disconnect(); this.draw(); }
    }, { rootMargin: "200px" });
    this.watcher.observe(this);
  }
  disconnectedCallback() {
    this.watcher?.disconnect();
    this.sizer?.disconnect();
    this.chart?.dispose();
  }
  async draw() {
    const echarts = await load();
    const option = JSON.parse(document.getElementById(this.dataset.option).textContent);
    const text = { color: colour("ink3"), fontFamily: getComputedStyle(document.body).fontFamily };
    this.chart = echarts.init(this, null, { renderer: "canvas" });
    this.chart.setOption({
      animation: false, color: ["c1", "c2", "c3", "c4", "c5", "c6"].map(colour), textStyle: text,
      aria: { enabled: true, decal: { show: Boolean(option.stacked) } }, ...option,
      tooltip: { trigger: "axis", ...option.tooltip, renderMode: "richText", backgroundColor: colour("surface"),
        borderColor: colour("line"), textStyle: { ...text, color: colour("ink") } },
    });
    this.sizer = new ResizeObserver(() => this.chart.resize());
    this.sizer.observe(this);
  }
}
customElements.define("sq-chart", Chart);
