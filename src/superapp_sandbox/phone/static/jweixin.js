/*
 * The page-side script of the sandbox's host app: the object `wx` and `WeixinJSBridge`, with the calls, the answers and
 * the error words of the public JS-SDK documentation, version 1.6.0. Two ways to reach the phone:
 *  - inside the phone's in-app browser it speaks by postMessage with the page that embeds it;
 *  - in a browser of its own (a test context with the cookie `sandbox_user`) it speaks with the sandbox's JSON API.
 */
(function () {
  "use strict";

  var CHANNEL = "superapp-sandbox/1";
  var script = document.currentScript;
  var SANDBOX = new URL(script ? script.src : location.href).origin;
  var POLL_MS = 400;
  var embedded = window.parent !== window;
  var waiting = {};
  var count = 0;
  var config = null;
  var readyQueue = [];
  var errorHandlers = [];
  var state = "new"; // new | checking | ready | failed
  var failure = null;
  var share = {};
  var visitor = null;

  function pageUrl() {
    return location.href.split("#")[0];
  }

  // -- the two ways to the phone ------------------------------------------------------------------------------

  function toPhone(call, args) {
    return embedded ? toParent(call, args) : alone(call, args);
  }

  function toParent(call, args) {
    return new Promise(function (resolve) {
      var id = ++count;
      waiting[id] = resolve;
      window.parent.postMessage({ channel: CHANNEL, id: id, call: call, args: plain(args), url: pageUrl() }, "*");
    });
  }

  /** Only values: callbacks of the caller cannot cross a postMessage. */
  function plain(args) {
    return JSON.parse(JSON.stringify(args || {}));
  }

  function api(method, path, body) {
    return fetch(SANDBOX + path, {
      method: method,
      credentials: "include",
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    }).then(function (answer) {
      return answer.json().then(function (data) {
        if (!answer.ok) throw Object.assign(new Error(data.message || answer.statusText), { code: data.code });
        return data;
      });
    });
  }

  function me() {
    visitor = visitor || api("GET", "/_phone/api/me").then(function (data) {
      return data.user;
    });
    return visitor;
  }

  function alone(call, args) {
    switch (call) {
      case "chooseWXPay":
        return payAlone(args);
      case "scanQRCode":
        return scanAlone(args);
      case "requestMerchantTransfer":
        return takeAlone(args);
      case "getLocation":
        return me().then(function (user) {
          return { errMsg: "getLocation:ok", latitude: user.settings.lat, longitude: user.settings.lng, speed: 0, accuracy: 30 };
        });
      case "updateAppMessageShareData":
      case "updateTimelineShareData":
      case "onMenuShareAppMessage":
      case "onMenuShareTimeline":
        share[call] = plain(args);
        return Promise.resolve({ errMsg: call + ":ok" });
      case "closeWindow":
        window.close();
        return Promise.resolve({ errMsg: "closeWindow:ok" });
      case "checkJsApi":
        return Promise.resolve({ errMsg: "checkJsApi:ok", checkResult: known(args.jsApiList) });
      default:
        return Promise.resolve({ errMsg: call + ":ok" });
    }
  }

  /** Opens the sheet on the phone named by the cookie and waits until its password or a cancel came, by API or by hand. */
  function payAlone(args) {
    return me().then(function (user) {
      var phone = "/_phone/api/users/" + encodeURIComponent(user.id);
      return api("POST", phone + "/jsapi", Object.assign(plain(args), { url: pageUrl() })).then(function (asked) {
        return ended(phone, asked.pay_sheet.transaction_id);
      });
    }).then(function (paid) {
      return { errMsg: "chooseWXPay:" + (paid ? "ok" : "cancel") };
    }, function (refusal) {
      return { errMsg: "chooseWXPay:fail", err_desc: refusal.message, err_code: refusal.code };
    });
  }

  function ended(phone, order) {
    return api("GET", phone).then(function (seen) {
      if (seen.pending_payment && seen.pending_payment.transaction_id === order) {
        return new Promise(function (resolve) {
          setTimeout(resolve, POLL_MS);
        }).then(function () {
          return ended(phone, order);
        });
      }
      return seen.wallet.bills.some(function (bill) {
        return bill.transaction_id === order && bill.amount_fen < 0;
      });
    });
  }

  /** Without a phone around the page the browser's own question stands for the confirm page. */
  function takeAlone(args) {
    var asked = { mchId: args.mchId, appId: args.appId, package: args.package };
    return me().then(function (user) {
      var address = "/_phone/api/users/" + encodeURIComponent(user.id) + "/transfer";
      return api("POST", address, Object.assign({ answer: "look" }, asked)).then(function (seen) {
        if (!window.confirm(seen.merchant + " ¥" + (seen.amount_fen / 100).toFixed(2))) return { errMsg: "requestMerchantTransfer:cancel" };
        return api("POST", address, asked).then(function () {
          return { errMsg: "requestMerchantTransfer:ok" };
        });
      });
    }).catch(function (refusal) {
      return { errMsg: "requestMerchantTransfer:fail", err_desc: refusal.message, err_code: refusal.code };
    });
  }

  /** Without a phone around the page a person types what the camera would have read. */
  function scanAlone(args) {
    var text = window.prompt("扫一扫：码的内容 / text of the code", "");
    if (text === null || text === "") return Promise.resolve({ errMsg: "scanQRCode:cancel" });
    if (Number(args.needResult) === 1) return Promise.resolve({ errMsg: "scanQRCode:ok", resultStr: text });
    return me().then(function (user) {
      return api("POST", "/_phone/api/users/" + encodeURIComponent(user.id) + "/scan", { text: text });
    }).then(function () {
      return { errMsg: "scanQRCode:ok" };
    });
  }

  // -- calling back -------------------------------------------------------------------------------------------

  var CALLS = [
    "chooseWXPay", "scanQRCode", "getLocation", "openLocation", "updateAppMessageShareData", "updateTimelineShareData",
    "onMenuShareAppMessage", "onMenuShareTimeline", "closeWindow", "hideMenuItems", "showMenuItems",
    "hideAllNonBaseMenuItem", "showAllNonBaseMenuItem", "requestMerchantTransfer",
  ];
  // These answer without a checked configuration, as in the real host.
  var FREE = ["closeWindow", "checkJsApi"];

  function known(list) {
    var found = {};
    (list || []).forEach(function (name) {
      found[name] = CALLS.indexOf(name) >= 0 || name === "checkJsApi";
    });
    return found;
  }

  function invoke(name, args) {
    var options = args || {};
    var allowed = FREE.indexOf(name) >= 0 || (state === "ready" && config.jsApiList.indexOf(name) >= 0);
    var work = allowed ? toPhone(name, options) : Promise.resolve({ errMsg: name + ":fail, the permission value is offline verifying" });
    work.then(function (result) {
      report(name, options, result);
    }, function (problem) {
      report(name, options, { errMsg: name + ":fail, " + problem.message });
    });
  }

  function report(name, options, result) {
    var ending = result.errMsg.slice(result.errMsg.indexOf(":") + 1);
    if (config && config.debug) console.info("[sandbox] wx." + name, result);
    if (ending.indexOf("ok") === 0) call(options.success, result);
    else if (ending.indexOf("cancel") === 0) call(options.cancel, result);
    else {
      console.error("[sandbox] wx." + name + " → " + result.errMsg + (result.err_desc ? " (" + result.err_desc + ")" : ""));
      call(options.fail, result);
    }
    call(options.complete, result);
  }

  function call(handler, value) {
    if (typeof handler === "function") handler(value);
  }

  // -- configuration ------------------------------------------------------------------------------------------

  function checked(options) {
    config = { debug: !!options.debug, appId: options.appId, jsApiList: options.jsApiList || [] };
    state = "checking";
    var asked = {
      appId: options.appId,
      timestamp: options.timestamp,
      nonceStr: options.nonceStr,
      signature: options.signature,
      jsApiList: config.jsApiList,
      url: pageUrl(),
    };
    // Inside the phone the host asks for the page, so that the page's own connect-src need not name the sandbox.
    (embedded ? toParent("config", asked) : api("POST", "/_phone/api/jssdk/check", asked)).then(function (answer) {
      if (answer.errMsg === "config:ok") becomeReady();
      else fail(answer);
    }, function (problem) {
      fail({ errMsg: "config:fail, " + problem.message });
    });
  }

  function becomeReady() {
    state = "ready";
    if (config.debug) console.info("[sandbox] wx.config: config:ok");
    readyQueue.splice(0).forEach(function (handler) {
      call(handler);
    });
  }

  function fail(answer) {
    state = "failed";
    failure = answer;
    console.error("[sandbox] wx.config → " + answer.errMsg, answer.explain || "");
    errorHandlers.forEach(function (handler) {
      call(handler, answer);
    });
    // The real host runs ready handlers after a failed check too; the calls inside are then refused one by one.
    readyQueue.splice(0).forEach(function (handler) {
      call(handler);
    });
  }

  var wx = {
    config: checked,
    ready: function (handler) {
      if (state === "ready" || state === "failed") setTimeout(handler, 0);
      else readyQueue.push(handler);
    },
    error: function (handler) {
      errorHandlers.push(handler);
      if (failure) call(handler, failure);
    },
    checkJsApi: function (options) {
      invoke("checkJsApi", options);
    },
  };
  CALLS.forEach(function (name) {
    wx[name] = function (options) {
      if (name === "chooseWXPay" && options && options.timestamp && !options.timeStamp) {
        options = Object.assign({}, options, { timeStamp: String(options.timestamp) }); // the two spellings of the documentation
      }
      if (name === "chooseWXPay" && options && !options.appId && config) options = Object.assign({ appId: config.appId }, options);
      invoke(name, options);
    };
  });

  // -- the older bridge ---------------------------------------------------------------------------------------

  var bridge = {
    invoke: function (name, args, handler) {
      var map = { getBrandWCPayRequest: ["chooseWXPay", "get_brand_wcpay_request"], closeWindow: ["closeWindow", "close_window"], scanQRCode: ["scanQRCode", "scanQRCode"], requestMerchantTransfer: ["requestMerchantTransfer", "requestMerchantTransfer"] };
      var target = map[name];
      if (!target) {
        call(handler, { err_msg: "system:function_not_exist" });
        return;
      }
      toPhone(target[0], args || {}).then(function (result) {
        var ending = result.errMsg.slice(result.errMsg.indexOf(":") + 1);
        var answer = Object.assign({}, result, { err_msg: target[1] + ":" + ending });
        delete answer.errMsg;
        call(handler, answer);
      });
    },
    call: function (name) {
      if (name === "hideOptionMenu") toPhone("hideAllNonBaseMenuItem", {});
      if (name === "showOptionMenu") toPhone("showAllNonBaseMenuItem", {});
      if (name === "closeWindow") toPhone("closeWindow", {});
    },
    on: function (name, handler) {
      document.addEventListener("sandbox:" + name, handler);
    },
  };

  // -- what the phone asks of the page ------------------------------------------------------------------------

  function tellPage() {
    if (embedded) window.parent.postMessage({ channel: CHANNEL, note: "page", title: document.title, url: location.href }, "*");
  }

  /** Pictures of the page as data addresses, the middle of the screen first; those of other origins stay closed. */
  function pictures() {
    var nodes = Array.prototype.slice.call(document.querySelectorAll("img, canvas, svg"));
    return Promise.all(nodes.filter(function (node) {
      var box = node.getBoundingClientRect();
      return box.width >= 60 && box.height >= 60;
    }).map(asData)).then(function (all) {
      return all.filter(Boolean);
    });
  }

  function asData(node) {
    if (node.tagName.toLowerCase() === "svg") {
      var copy = node.cloneNode(true);
      var box = node.getBoundingClientRect();
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.setAttribute("width", Math.round(box.width * 2));
      copy.setAttribute("height", Math.round(box.height * 2));
      return Promise.resolve("data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy)));
    }
    if (node.tagName === "CANVAS") return Promise.resolve(safely(function () {
      return node.toDataURL();
    }));
    if (node.src.indexOf("data:") === 0) return Promise.resolve(node.src);
    return fetch(node.src).then(function (answer) {
      return answer.blob();
    }).then(function (blob) {
      return new Promise(function (resolve) {
        var reader = new FileReader();
        reader.onload = function () {
          resolve(reader.result);
        };
        reader.readAsDataURL(blob);
      });
    }).catch(function () {
      return null;
    });
  }

  function safely(work) {
    try {
      return work();
    } catch (closed) {
      return null;
    }
  }

  window.addEventListener("message", function (event) {
    var data = event.data;
    if (!embedded || event.source !== window.parent || !data || data.channel !== CHANNEL) return;
    if (data.reply && waiting[data.reply]) {
      var resolve = waiting[data.reply];
      delete waiting[data.reply];
      resolve(data.result);
    } else if (data.hello) tellPage();
    else if (data.ask === "pictures") {
      pictures().then(function (found) {
        window.parent.postMessage({ channel: CHANNEL, note: "pictures", pictures: found }, "*");
      });
    }
  });

  // A long press (or the right button) on a code: "read the code on the picture".
  document.addEventListener("contextmenu", function (event) {
    var node = event.target && event.target.closest ? event.target.closest("img, canvas, svg") : null;
    if (!embedded || !node) return;
    event.preventDefault();
    Promise.resolve(asData(node)).then(function (picture) {
      if (picture) window.parent.postMessage({ channel: CHANNEL, note: "pictures", pictures: [picture], pressed: true }, "*");
    });
  });

  function watchTitle() {
    tellPage();
    var node = document.querySelector("title");
    if (node) new MutationObserver(tellPage).observe(node, { childList: true, characterData: true, subtree: true });
  }

  window.wx = window.jWeixin = wx;
  window.WeixinJSBridge = bridge;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watchTitle);
  else watchTitle();
  setTimeout(function () {
    document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  }, 0);
})();
