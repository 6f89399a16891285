// Building pages without a framework: elements, icons, money, times. No markup ever comes from data.
const SVG = "http://www.w3.org/2000/svg";

/** An element. `tag` may carry classes (`button.go`); props starting with `on` are listeners, `true` is a bare attribute. */
export function h(tag, props, ...kids) {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name || "div");
  if (classes.length) el.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") el[key] = value;
    else if (key === "class") el.classList.add(...value.split(" ").filter(Boolean));
    else el.setAttribute(key, value === true ? "" : String(value));
  }
  el.append(...kids.flat(Infinity).filter((kid) => kid !== null && kid !== undefined && kid !== false));
  return el;
}

/** A picture of our own set; it is decoration, so the control around it carries the name. */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `i ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = ICONS[name];
  return svg;
}

export function svg(tag, props, ...kids) {
  const el = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) el.setAttribute(key, String(value));
  el.append(...kids);
  return el;
}

/** `¥1,158.00` from fen, with the proper minus sign. */
export function money(fen) {
  const sign = fen < 0 ? "−" : "";
  const [yuan, cents] = (Math.abs(fen) / 100).toFixed(2).split(".");
  return `${sign}¥${yuan.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}

/** The amount with a small currency sign, for the one large number of a page. */
export function bigMoney(fen) {
  const text = money(fen);
  const at = text.indexOf("¥");
  return [text.slice(0, at), h("span.yen", {}, "¥"), text.slice(at + 1)];
}

const two = (n) => String(n).padStart(2, "0");

/** A time of the log, `18:23:58`, in the zone of the person who looks. */
export function clock(value) {
  const at = toDate(value);
  return at ? `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}` : "";
}

export function hourMinute(value) {
  const at = toDate(value);
  return at ? `${two(at.getHours())}:${two(at.getMinutes())}` : "";
}

export function dayTime(value) {
  const at = toDate(value);
  return at ? `${at.getMonth() + 1}月${at.getDate()}日 ${hourMinute(value)}` : "";
}

/** Seconds, milliseconds or ISO text; null when it is none of these. */
export function toDate(value) {
  if (value === null || value === undefined || value === "") return null;
  const date = typeof value === "number" ? new Date(value < 1e11 ? value * 1000 : value) : new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Put `next` in place of what `el` holds. */
export function fill(el, ...next) {
  el.replaceChildren(...next.flat(Infinity).filter((kid) => kid !== null && kid !== undefined && kid !== false));
  return el;
}

/** Only web addresses may become links; anything else is text. */
export function webAddress(text) {
  return /^https?:\/\/[^\s]+$/i.test(text ?? "") ? text : "";
}

// 24 px grid, 1.75 stroke, drawn for this project.
const ICONS = {
  back: '<path d="m14.5 5-7 7 7 7"/>',
  next: '<path d="m9.5 6 6 6-6 6"/>',
  left: '<path d="m14.500 6-6 6 6 6"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
  more: '<circle cx="6" cy="12" r=".9"/><circle cx="12" cy="12" r=".9"/><circle cx="18" cy="12" r=".9"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  chat: '<path d="M4 5.500h16V17H11l-4.500 3.500V17H4z"/>',
  account: '<path d="M4 10v4.500h3L15 19V5.500L7 10zM18 9.500a4 4 0 0 1 0 5.500M8 14.500V19h2.500v-3"/>',
  browser: '<circle cx="12" cy="12" r="8.300"/><path d="M3.700 12h16.600M12 3.700c5 5.300 5 11.300 0 16.600-5-5.300-5-11.300 0-16.600z"/>',
  scan: '<path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16"/>',
  code: '<rect x="4" y="4" width="6" height="6" rx="1"/><rect x="14" y="4" width="6" height="6" rx="1"/><rect x="4" y="14" width="6" height="6" rx="1"/><path d="M14 14h2.500v2.500M20 14v2.500M14 20h2m4 0v-1.500"/>',
  wallet: '<path d="M4 7.500h14.500a1.500 1.500 0 0 1 1.500 1.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 18zM4 7.500V7a2 2 0 0 1 2-2h11v2.500M15.500 13.500h4.500"/>',
  gear: '<path d="M4 7h9M17.500 7H20M4 17h2.500M11 17h9"/><circle cx="15.200" cy="7" r="2.300"/><circle cx="8.800" cy="17" r="2.300"/>',
  pin: '<path d="M12 21s6.500-6 6.500-11a6.500 6.500 0 0 0-13 0c0 5 6.500 11 6.500 11z"/><circle cx="12" cy="10" r="2.300"/>',
  wifi: '<path d="M3.500 9.500a12 12 0 0 1 17 0M6.500 13a8 8 0 0 1 11 0M9.500 16.200a4 4 0 0 1 5 0M12 19.300v.1"/>',
  person: '<circle cx="12" cy="8.500" r="3.700"/><path d="M5 20c.6-3.600 3.400-5.300 7-5.300s6.400 1.700 7 5.300"/>',
  find: '<circle cx="12" cy="12" r="8.300"/><path d="m15.500 8.500-2 5-5 2 2-5z"/>',
  search: '<circle cx="10.800" cy="10.800" r="6.300"/><path d="m15.500 15.500 4.500 4.500"/>',
  filter: '<path d="M4 6h16M7 12h10M10 18h4"/>',
  pause: '<path d="M8.500 5.500v13M15.500 5.500v13"/>',
  play: '<path d="M8 5.500v13l11-6.500z"/>',
  clock: '<circle cx="12" cy="12" r="8.300"/><path d="M12 7.500V12l3 2"/>',
  reset: '<path d="M19.500 12a7.500 7.500 0 1 1-2.200-5.300L19.500 9M19.500 4.500V9H15"/>',
  check: '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
  copy: '<rect x="8.500" y="8.500" width="11" height="11" rx="1.500"/><path d="M15.500 8.500V5a.8.8 0 0 0-.8-.8H5a.8.8 0 0 0-.8.8v9.700c0 .4.400.8.8.8h3.500"/>',
  picture: '<rect x="4" y="5" width="16" height="14" rx="2"/><circle cx="9" cy="10" r="1.500"/><path d="m4.500 17 5-4 3.500 2.500 3-2.500 4 3.500"/>',
  keys: '<rect x="3" y="6.500" width="18" height="11" rx="2"/><path d="M6.500 10.200h.1M10 10.200h.1M13.600 10.200h.1M17.200 10.200h.1M8.500 14h7"/>',
  menu: '<path d="M5 7h14M5 12h14M5 17h14"/>',
  send: '<path d="M4.500 12 20 4.500 15.500 20l-3-6.500zM12.500 13.500 20 4.500"/>',
  erase: '<path d="M9 6h10.500v12H9l-5-6zM12 9.800l4.500 4.500M16.500 9.800 12 14.300"/>',
  link: '<path d="M10 14a3.500 3.500 0 0 0 5 0l3.500-3.500a3.500 3.500 0 0 0-5-5L12.500 6.500M14 10a3.500 3.500 0 0 0-5 0l-3.500 3.500a3.500 3.500 0 0 0 5 5l1-1"/>',
  two: '<rect x="3.500" y="4.500" width="7" height="15" rx="1.800"/><rect x="13.500" y="4.500" width="7" height="15" rx="1.800"/>',
  warn: '<path d="M12 4.500 21 19.500H3zM12 10v4.500M12 17v.1"/>',
  bell: '<path d="M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10.200 20.500h3.600"/>',
  share: '<path d="M12 15V4.500M8 8.200l4-3.700 4 3.700M5 13v5.500a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V13"/>',
  external: '<path d="M13.500 4.500h6v6M19.500 4.500l-8.500 8.500M17 14v4.500a1 1 0 0 1-1 1H5.500a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1H10"/>',
  lock: '<rect x="5.500" y="10.500" width="13" height="9" rx="1.800"/><path d="M8.500 10.500V8a3.500 3.500 0 0 1 7 0v2.500"/>',
};
