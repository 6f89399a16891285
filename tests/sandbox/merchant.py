"""A merchant's own client, written from the protocol and not from the sandbox, so that tests can fail."""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from superapp_sandbox.testing import SandboxServer

Json = dict[str, Any]


class Merchant:
    """Signs requests, verifies answers and callbacks."""

    def __init__(self, sandbox: SandboxServer, mchid: str = "") -> None:
        found = sandbox.credentials(mchid)
        self.pay, self.account = found["pay"], found["account"]
        self.mchid, self.appid = self.pay["mchid"], self.account["appid"]
        self.key = serialization.load_pem_private_key(self.pay["private_key_pem"].encode(), None)
        self.http = httpx.Client(base_url=sandbox.url, trust_env=False, timeout=30)

    # -- version 3 --

    def signature(self, text: str) -> str:
        return base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def authorization(self, method: str, target: str, body: str, *, at: float | None = None) -> str:
        stamp, nonce = int(at or time.time()), uuid.uuid4().hex
        signed = self.signature(f"{method}\n{target}\n{stamp}\n{nonce}\n{body}\n")
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.mchid}",serial_no="{self.pay["serial_no"]}",'
            f'nonce_str="{nonce}",timestamp="{stamp}",signature="{signed}"'
        )

    def v3(self, method: str, target: str, body: Json | None = None, *, public_key: bool = False) -> httpx.Response:
        """A signed call; a 2xx answer must verify."""
        text = json.dumps(body, ensure_ascii=False) if body is not None else ""
        headers = {
            "Authorization": self.authorization(method, target, text),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        if public_key:
            headers["Wechatpay-Serial"] = self.pay["public_key_id"]
        answer = self.http.request(method, target, content=text.encode(), headers=headers)
        if answer.is_success and "/billdownload/" not in target:
            self.verify(answer.headers, answer.text)
        elif answer.is_error:
            assert not [name for name in answer.headers if name.startswith("wechatpay-")], "errors are not signed"
        return answer

    def platform_key(self, serial: str) -> Any:
        if serial == self.pay["public_key_id"]:
            return serialization.load_pem_public_key(self.pay["public_key_pem"].encode())
        pems = {c["serial_no"]: c["certificate_pem"] for c in self.pay["platform_certificates"]}
        return x509.load_pem_x509_certificate(pems[serial].encode()).public_key()

    def verify(self, headers: Any, body: str) -> None:
        """Raises when stamp or signature is wrong."""
        h = {k.lower(): v for k, v in dict(headers).items()}
        assert abs(time.time() - int(h["wechatpay-timestamp"])) < 300
        assert h["wechatpay-signature-type"] == "WECHATPAY2-SHA256-RSA2048"
        text = f"{h['wechatpay-timestamp']}\n{h['wechatpay-nonce']}\n{body}\n"
        raw = base64.b64decode(h["wechatpay-signature"], validate=True)
        self.platform_key(h["wechatpay-serial"]).verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())

    def open_resource(self, resource: Json) -> str:
        sealed = base64.b64decode(resource["ciphertext"])
        key, nonce, more = self.pay["apiv3_key"], resource["nonce"], resource.get("associated_data", "")
        return AESGCM(key.encode()).decrypt(nonce.encode(), sealed, more.encode()).decode()

    def order(self, kind: str, number: str, total: int = 100, **more: Any) -> httpx.Response:
        body = {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": "拿铁咖啡",
            "out_trade_no": number,
            "notify_url": "http://127.0.0.1:9/never",
            "amount": {"total": total, "currency": "CNY"},
        } | more
        return self.v3("POST", f"/v3/pay/transactions/{kind}", body)

    def query(self, number: str) -> httpx.Response:
        return self.v3("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mchid}")

    def refund(self, number: str, refund_no: str, amount: int, total: int = 100, **more: Any) -> httpx.Response:
        body = {
            "out_trade_no": number,
            "out_refund_no": refund_no,
            "amount": {"refund": amount, "total": total, "currency": "CNY"},
        } | more
        return self.v3("POST", "/v3/refund/domestic/refunds", body)

    def page_parameters(self, prepay_id: str) -> Json:
        """What a product's backend signs for ``getBrandWCPayRequest``."""
        stamp, nonce, package = str(int(time.time())), uuid.uuid4().hex, f"prepay_id={prepay_id}"
        return {
            "appId": self.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.signature(f"{self.appid}\n{stamp}\n{nonce}\n{package}\n"),
        }

    # -- version 2 --

    def v2_sign(self, fields: dict[str, str], sign_type: str = "MD5") -> str:
        text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if fields[k] and k != "sign")
        text += f"&key={self.pay['v2_key']}"
        if sign_type == "MD5":
            return hashlib.md5(text.encode()).hexdigest().upper()
        return hmac.new(self.pay["v2_key"].encode(), text.encode(), hashlib.sha256).hexdigest().upper()

    def v2(self, path: str, sign_type: str = "MD5", **fields: str) -> dict[str, str]:
        """A signed call; a signed answer must verify."""
        sent = {"appid": self.appid, "mch_id": self.mchid, "nonce_str": uuid.uuid4().hex, **fields}
        if sign_type != "MD5":
            sent["sign_type"] = sign_type
        sent["sign"] = self.v2_sign(sent, sign_type)
        answer = self.http.post(path, content=v2_xml(sent).encode())
        assert answer.status_code == 200
        got = v2_read(answer.text)
        if got["return_code"] == "SUCCESS":
            assert got["sign"] == self.v2_sign(got, sign_type)
        else:
            assert "sign" not in got
        return got

    def micropay(self, number: str, code: str, total: int = 100, sign_type: str = "MD5") -> dict[str, str]:
        return self.v2(
            "/pay/micropay",
            sign_type,
            body="拿铁咖啡",
            out_trade_no=number,
            total_fee=str(total),
            spbill_create_ip="127.0.0.1",
            auth_code=code,
        )


def v2_xml(fields: dict[str, str]) -> str:
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items()) + "</xml>"


def v2_read(text: str) -> dict[str, str]:
    return dict(re.findall(r"<(\w+)><!\[CDATA\[(.*?)\]\]></\1>", text, re.S))
