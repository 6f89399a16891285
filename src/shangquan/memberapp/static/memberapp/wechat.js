// Inside the host's browser: the page script's signature is asked for, then the page says what it is when shared.
const node = document.getElementById("wechat");
const API = ["updateAppMessageShareData", "updateTimelineShareData", "chooseWXPay"];

export const ready = new Promise((resolve) => {
  const begin = async () => {
    if (!window.wx) { resolve(false); return; }
    const page = location.href.split("#")[0];
    try {
      const answer = await fetch(`${node.dataset.config}?url=${encodeURIComponent(page)}`, { credentials: "same-origin" });
      if (!answer.ok) { resolve(false); return; }
      const signed = await answer.json();
      wx.error(() => resolve(false));
      wx.ready(() => resolve(true));
      wx.config({ debug: false, ...signed, timestamp: Number(signed.timestamp), jsApiList: API });
    } catch { resolve(false); } // no network: the page works without its script
  };
  if (window.wx || document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
});

ready.then((may) => {
  if (!may) return;
  const picture = node.dataset.image || new URL("/static/design/art/mark.svg", location).href;
  const share = { title: node.dataset.title, desc: document.title, link: node.dataset.link, imgUrl: picture };
  wx.updateAppMessageShareData(share);
  wx.updateTimelineShareData(share);
});
