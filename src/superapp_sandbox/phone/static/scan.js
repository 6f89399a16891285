// The scanner: a picture (camera, album, drop, paste), a live camera where the browser allows it, or typed text.
import { h, icon } from "./dom.js";
import { t } from "./words.js";

/** `found` and `cancelled` are given when a page asked for the scan; without them the phone does what the text says. */
export function scanScreen(phone, { found, cancelled }) {
  let ended = false;
  const thumb = matchMedia("(pointer: coarse)").matches;
  const status = h("p.scanstate", { role: "status", "aria-live": "polite", "data-testid": "scan-status" }, thumb ? t("拍下二维码，或从相册里选", "Take a picture of a code, or choose one") : t("把二维码图片拖进来、粘贴或选择", "Drop, paste or choose a picture of a code"));
  const text = h("input", { type: "text", "aria-label": t("码的内容", "Text of the code"), placeholder: "https://… / weixin://…", "data-testid": "scan-text-input", autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
  const album = h("input.sr", { type: "file", accept: "image/*", "data-testid": "scan-file", tabindex: "-1", "aria-hidden": "true" });
  album.addEventListener("change", () => album.files[0] && picture(album.files[0]));

  async function picture(blob) {
    status.textContent = t("正在识别…", "Reading…");
    const { readPicture } = await import("./qr.js");
    const read = await readPicture(blob).catch(() => null);
    if (read) await done(read);
    else status.textContent = t("这张图上没有认出二维码，换一张清楚的", "No QR code found on this picture, try a clearer one");
  }

  async function done(read) {
    if (ended) return;
    if (found) {
      ended = true;
      phone.back();
      found(read);
      return;
    }
    try {
      await phone.scanned(read);
      ended = true;
    } catch (refusal) {
      status.textContent = refusal.message;
    }
  }

  async function fromClipboard() {
    try {
      const items = await navigator.clipboard.read();
      for (const item of items) {
        const kind = item.types.find((type) => type.startsWith("image/"));
        if (kind) {
          await picture(await item.getType(kind));
          return;
        }
      }
      text.value = await navigator.clipboard.readText();
      text.focus();
    } catch {
      status.textContent = t("浏览器不让读剪贴板：按 Ctrl+V 粘贴", "The browser keeps the clipboard closed: press Ctrl+V");
    }
  }

  function pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    picture(file);
  }

  function dropped(event) {
    event.preventDefault();
    const file = [...event.dataTransfer.files].find((one) => one.type.startsWith("image/"));
    if (file) picture(file);
    else {
      text.value = event.dataTransfer.getData("text/plain");
      text.focus();
    }
  }

  const cornered = h("div.finder", { ondragover: (event) => event.preventDefault(), ondrop: dropped }, h("i.scanline", { "aria-hidden": "true" }), icon("code", "huge"));
  const round = (name, label, testid, act) => h("button.round", { type: "button", "data-testid": testid, onclick: act }, h("span", {}, icon(name)), label);
  const pick = round("picture", t("相册", "Picture"), "scan-pick", () => album.click());
  const el = h("section.scan", { "aria-label": t("扫一扫", "Scan"), onpaste: pasted },
    phone.bar(t("扫一扫", "Scan"), { cls: "dark" }),
    cornered, status,
    h("div.rounds", {}, pick,
      round("copy", t("粘贴", "Paste"), "scan-paste", fromClipboard),
      round("code", t("我的付款码", "My pay code"), "scan-paycode", () => phone.go("paycode"))),
    h("form.scantype", { onsubmit: (event) => {
      event.preventDefault();
      if (text.value.trim()) done(text.value.trim());
    } }, text, h("button.btn.pri", { type: "submit", "data-testid": "scan-go", "data-api": `POST ${phone.api}/scan` }, t("扫它", "Scan it"))),
    album);
  const onPaste = (event) => !el.contains(event.target) && pasted(event);
  document.addEventListener("paste", onPaste);
  return {
    el,
    focus: pick,
    leave() {
      document.removeEventListener("paste", onPaste);
      if (!ended) cancelled?.();
    },
  };
}
