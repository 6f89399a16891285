// Opens the host's payment sheet with what the server signed. Whatever comes back, the server is asked for the truth.
import { ready } from "./wechat.js";

const call = JSON.parse(document.getElementById("pay-call").textContent);
const after = document.getElementById("pay").dataset.after;
const look = () => location.replace(after);

ready.then((may) => {
  if (may) {
    wx.chooseWXPay({ ...call, timestamp: call.timeStamp, success: look, fail: look });
  } else if (window.WeixinJSBridge) {
    WeixinJSBridge.invoke("getBrandWCPayRequest", call, (answer) => { if (/:ok|:fail/.test(answer.err_msg)) look(); });
  }
});
