// Building pages without a framework: elements, icons, money, times. No markup ever comes from data.
import { ICONS } from "./icons.js";

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
