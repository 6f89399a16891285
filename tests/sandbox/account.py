"""A product's side of an Official Account, written from the protocol and not from the sandbox."""

import base64
import hashlib
import os
import re
import struct
import time
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from superapp_sandbox.testing import SandboxServer
from tests.sandbox.receiver import Received, Receiver

Json = dict[str, Any]


class Product:
    """Answers the platform's pushes and calls its interface."""

    def __init__(self, sandbox: SandboxServer, receiver: Receiver, mode: str = "plain") -> None:
        self.sandbox, self.receiver, self.mode = sandbox, receiver, mode
        found = sandbox.credentials()["account"]
        self.appid, self.secret, self.name = found["appid"], found["secret"], found["original_id"]
        self.aes_key = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        self.token = "ProductToken7"
        self.heard: list[dict[str, str]] = []
        self.reply = ""  # the inside of a reply without the addresses; empty: "success"
        receiver.answer = self.answer
        sandbox.set_account(url=f"{receiver.url}/wx", token=self.token, aes_key=self.aes_key, mode=mode)

    # -- being called --

    def answer(self, seen: Received) -> tuple[int, str]:
        if seen.query["signature"] != self.sha1(self.token, seen.query["timestamp"], seen.query["nonce"]):
            return 403, ""
        if seen.method == "GET":
            return 200, seen.query["echostr"]
        text = seen.body
        if self.mode != "plain":
            sealed = tags(seen.body)["Encrypt"]
            wanted = self.sha1(self.token, seen.query["timestamp"], seen.query["nonce"], sealed)
            if seen.query["msg_signature"] != wanted or seen.query["encrypt_type"] != "aes":
                return 403, ""
            text = self.decrypt(sealed)
        message = tags(text)
        self.heard.append(message)
        return 200, self.replied(message)

    def replied(self, message: dict[str, str]) -> str:
        if not self.reply or (message["MsgType"] == "event" and message["Event"] in ("unsubscribe", "VIEW")):
            return "success"
        clear = (
            f"<xml><ToUserName><![CDATA[{message['FromUserName']}]]></ToUserName><FromUserName>"
            f"<![CDATA[{message['ToUserName']}]]></FromUserName><CreateTime>{int(time.time())}</CreateTime>{self.reply}</xml>"
        )
        if self.mode != "safe":
            return clear
        sealed, stamp, nonce = self.encrypt(clear), str(int(time.time())), "n0nce"
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA["
            f"{self.sha1(self.token, stamp, nonce, sealed)}]]></MsgSignature><TimeStamp>{stamp}</TimeStamp>"
            f"<Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    @staticmethod
    def sha1(*parts: str) -> str:
        return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()

    def _cipher(self) -> Any:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def decrypt(self, sealed: str) -> str:
        worker = self._cipher().decryptor()
        plain = worker.update(base64.b64decode(sealed)) + worker.finalize()
        assert len(plain) % 32 == 0 and 1 <= plain[-1] <= 32, "padding is to blocks of 32"
        plain = plain[: -plain[-1]]
        length = struct.unpack(">I", plain[16:20])[0]
        assert plain[20 + length :].decode() == self.appid
        return plain[20 : 20 + length].decode()

    def encrypt(self, text: str) -> str:
        data = text.encode()
        plain = os.urandom(16) + struct.pack(">I", len(data)) + data + self.appid.encode()
        pad = 32 - len(plain) % 32
        worker = self._cipher().encryptor()
        return base64.b64encode(worker.update(plain + bytes([pad]) * pad) + worker.finalize()).decode()

    # -- calling --

    def access_token(self) -> str:
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return str(self.sandbox.client.post("/cgi-bin/stable_token", json=body).json()["access_token"])

    def call(self, path: str, body: Json | None = None, **query: str) -> Json:
        """Every answer is HTTP 200."""
        query["access_token"] = self.access_token()
        client = self.sandbox.client
        answer = client.get(path, params=query) if body is None else client.post(path, json=body, params=query)
        assert answer.status_code == 200
        made: Json = answer.json()
        if made.get("errcode"):
            assert re.search(r"rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", made["errmsg"])
        return made

    def write(self, openid: str, text: str = "你好") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return int(self.call("/cgi-bin/message/custom/send", body)["errcode"])

    def events(self, name: str) -> list[dict[str, str]]:
        return [m for m in self.heard if m.get("Event") == name]


def tags(text: str) -> dict[str, str]:
    """The first level of a message."""
    return {k: a or b for k, a, b in re.findall(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", text, re.S)}
