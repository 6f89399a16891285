// Two languages side by side at the place of use: t("扫一扫", "Scan"). Chinese comes first.
const KEY = "sandbox.lang";

export const lang = readLang();

function readLang() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "en" || asked === "zh") return asked;
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // storage may be closed to this page; the page works all the same
  }
}

export function t(zh, en) {
  return lang === "en" ? en : zh;
}

export function switchLang() {
  try {
    localStorage.setItem(KEY, lang === "en" ? "zh" : "en");
  } catch {
    // without storage the address below carries the choice
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", lang === "en" ? "zh" : "en");
  location.replace(address);
}

document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
