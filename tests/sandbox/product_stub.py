"""A tiny product for the browser tests: it answers the account's server address, serves one page, hears notices.

It signs with the keys that the sandbox hands out, exactly as a product would with those of the consoles.
"""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from superapp_sandbox.testing import SandboxServer

Json = dict[str, Any]


class Product:
    """Serves on a free port; ``replies`` maps a text or an event key to the text of the passive reply."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        credentials = sandbox.credentials()
        self.pay: Json = credentials["pay"]
        self.account: Json = credentials["account"]
        self.replies: dict[str, str] = {}
        self.heard: list[dict[str, str]] = []
        self.notices: list[Json] = []
        self.pages: dict[str, str] = {}
        self._number = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.sandbox.set_account(url=f"{self.url}/wx", js_domain="127.0.0.1", oauth_domain="127.0.0.1", mode="plain")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # -- what the sandbox and the browser ask ---------------------------------------------------------------------

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        product = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/wx":
                    self._say(parse_qs(parts.query)["echostr"][0], "text/plain")
                elif parts.path == "/who":
                    self._who(parse_qs(parts.query))
                elif parts.path in product.pages:
                    self._say(product.pages[parts.path], "text/html; charset=utf-8")
                else:
                    self._say("not here", "text/plain", 404)

            def _who(self, query: dict[str, list[str]]) -> None:
                """Knows its visitor by a cookie of this host name, else sends them to the web login and back."""
                cookie = self.headers.get("Cookie", "")
                if "who=" in cookie:
                    self._say(f"<!doctype html><h1>{cookie.split('who=')[1].split(';')[0]}</h1>", "text/html")
                elif "code" in query:
                    self._go("/who", cookie=f"who={product.openid_of(query['code'][0])}; Path=/; SameSite=Lax")
                else:
                    self._go(product.login_address(f"http://{self.headers['Host']}/who"))

            def _go(self, address: str, cookie: str = "") -> None:
                self.send_response(302)
                self.send_header("Location", address)
                if cookie:
                    self.send_header("Set-Cookie", cookie)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if urlsplit(self.path).path == "/wx":
                    self._say(product.answer(body), "text/xml")
                else:
                    product.notices.append(json.loads(body))
                    self._say("", "application/json")

            def _say(self, text: str, kind: str, status: int = 200) -> None:
                raw = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def answer(self, body: str) -> str:
        """The passive reply to a message or an event."""
        said = {element.tag: element.text or "" for element in ElementTree.fromstring(body)}
        self.heard.append(said)
        key = said.get("Content") or said.get("EventKey") or said.get("Event", "")
        if key not in self.replies:
            return "success"
        return (
            f"<xml><ToUserName>{said['FromUserName']}</ToUserName><FromUserName>{said['ToUserName']}</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType>text</MsgType>"
            f"<Content><![CDATA[{self.replies[key]}]]></Content></xml>"
        )

    # -- what the product asks ------------------------------------------------------------------------------------

    def _nonce(self) -> str:
        self._number += 1
        return f"{self._number:032d}"

    def signed(self, text: str) -> str:
        key: Any = load_pem_private_key(self.pay["private_key_pem"].encode(), None)
        return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def v3(self, method: str, target: str, body: Json) -> Json:
        text, stamp, nonce = json.dumps(body), int(time.time()), self._nonce()
        signature = self.signed(f"{method}\n{target}\n{stamp}\n{nonce}\n{text}\n")
        header = (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.pay["mchid"]}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{stamp}",serial_no="{self.pay["serial_no"]}"'
        )
        headers = {"Authorization": header, "Content-Type": "application/json", "Accept": "application/json"}
        answer = httpx.request(method, self.sandbox.url + target, content=text, headers=headers, trust_env=False)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    def v2(self, path: str, **fields: str) -> dict[str, str]:
        given = {"appid": self.account["appid"], "mch_id": self.pay["mchid"], "nonce_str": self._nonce(), **fields}
        pairs = "&".join(f"{k}={v}" for k, v in sorted(given.items()) if v)
        given["sign"] = hashlib.md5(f"{pairs}&key={self.pay['v2_key']}".encode()).hexdigest().upper()
        body = "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in given.items()) + "</xml>"
        answer = httpx.post(self.sandbox.url + path, content=body.encode(), trust_env=False, timeout=20)
        return {element.tag: element.text or "" for element in ElementTree.fromstring(answer.text)}

    def cgi(self, path: str, body: Json | None = None) -> Json:
        account = self.account
        query = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}
        token = httpx.get(f"{self.sandbox.url}/cgi-bin/token", params=query, trust_env=False).json()["access_token"]
        joint = "&" if "?" in path else "?"
        address = f"{self.sandbox.url}{path}{joint}access_token={token}"
        method = "GET" if body is None else "POST"
        raw = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        found: Json = httpx.request(method, address, content=raw, trust_env=False).json()
        assert found.get("errcode", 0) == 0, found
        return found

    def login_address(self, back: str) -> str:
        query = {"appid": self.account["appid"], "redirect_uri": back, "response_type": "code", "scope": "snsapi_base"}
        return f"{self.sandbox.url}/connect/oauth2/authorize?{urlencode(query)}"

    def openid_of(self, code: str) -> str:
        account = self.account
        query = {
            "appid": account["appid"], "secret": account["secret"], "code": code, "grant_type": "authorization_code",
        }  # fmt: skip
        found = httpx.get(f"{self.sandbox.url}/sns/oauth2/access_token", params=query, trust_env=False).json()
        return str(found["openid"])

    def jsapi_parameters(self, openid: str, amount: int, number: str) -> dict[str, str]:
        """Order, then sign what the page hands to ``chooseWXPay``."""
        order = {
            "appid": self.account["appid"], "mchid": self.pay["mchid"], "description": "小禾童装 4 件",
            "out_trade_no": number, "notify_url": f"{self.url}/pay/notify", "amount": {"total": amount},
            "payer": {"openid": openid},
        }  # fmt: skip
        prepay = self.v3("POST", "/v3/pay/transactions/jsapi", order)["prepay_id"]
        stamp, nonce, package = str(int(time.time())), self._nonce(), f"prepay_id={prepay}"
        signature = self.signed(f"{order['appid']}\n{stamp}\n{nonce}\n{package}\n")
        return {
            "appId": str(order["appid"]), "timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA",
            "paySign": signature,
        }  # fmt: skip

    def page_config(self, url: str) -> Json:
        """What the page hands to ``wx.config``."""
        ticket = self.cgi("/cgi-bin/ticket/getticket?type=jsapi")["ticket"]
        nonce, stamp = self._nonce(), int(time.time())
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url}"
        signature = hashlib.sha1(text.encode()).hexdigest()
        return {"appId": self.account["appid"], "timestamp": stamp, "nonceStr": nonce, "signature": signature}
