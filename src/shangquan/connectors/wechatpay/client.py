"""The v3 client: sign, send, verify. It says what it heard; what that means is decided in `channel.py`."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from shangquan.connectors.keys import PayKeys
from shangquan.connectors.wechatpay import certificates, sign
from shangquan.connectors.wechatpay.sign import NotFromWechat
from shangquan.kernel import clock, http

READ_SECONDS = 10.0
_SILENT_STATUS = frozenset({202, 408, 429, 500, 502, 503, 504})


class Silent(Exception):
    """No clear answer: time-out, broken line, 5xx, too many requests, or an answer that WeChat did not sign."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.status in (200, 204)

    @property
    def code(self) -> str:
        return str(self.body.get("code", self.status))

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


class Client:
    """Of one merchant. Every call is safe to make again as it stands; `repeat` makes it again once by itself."""

    def __init__(self, keys: PayKeys) -> None:
        self.keys = keys

    def get(self, path: str, *, repeat: bool = True, **query: str) -> Answer:
        return self._ask("GET", path, query, b"", repeat)

    def post(self, path: str, body: dict[str, Any], *, repeat: bool = False) -> Answer:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._ask("POST", path, {}, content, repeat)

    def download(self, url: str) -> bytes:
        """A file whose answer is not signed; the caller compares its digest. Raises Silent."""
        parts = urlsplit(url)
        response = self._send("GET", f"{parts.path}?{parts.query}", {}, b"")
        if response.status_code != 200:
            raise Silent(f"download answered {response.status_code}")
        return response.content

    def fetch_certificates(self) -> None:
        """Learn the platform certificates of now. Raises Silent; a merchant with the public key alone has none."""
        response = self._send("GET", "/v3/certificates", {}, b"")
        if response.status_code == 404:
            return
        if response.status_code != 200:
            raise Silent(f"certificates answered {response.status_code}")
        try:
            certificates.keep(self.keys, response.content)
            self._verify(response)
        except NotFromWechat as why:
            raise Silent(str(why)) from why

    def _ask(self, method: str, path: str, query: dict[str, str], content: bytes, repeat: bool) -> Answer:
        try:
            return self._once(method, path, query, content)
        except Silent:
            if not repeat:
                raise
        return self._once(method, path, query, content)

    def _once(self, method: str, path: str, query: dict[str, str], content: bytes) -> Answer:
        response = self._send(method, path, query, content)
        if response.status_code in _SILENT_STATUS:
            raise Silent(f"{response.status_code} {response.text[:200]}")
        if response.is_success:
            try:
                self._verify(response)
            except NotFromWechat as why:
                raise Silent(f"answer not verified: {why}") from why
        return Answer(response.status_code, _json(response))

    def _send(self, method: str, path: str, query: dict[str, str], content: bytes) -> httpx.Response:
        headers = {"Accept": "application/json"}
        if content:
            headers["Content-Type"] = "application/json"
        if self.keys.public_key_id:
            headers["Wechatpay-Serial"] = self.keys.public_key_id
        with http.client(settings.WECHATPAY_URL, read_seconds=READ_SECONDS) as client:
            request = client.build_request(method, path, params=query or None, content=content, headers=headers)
            request.headers["Authorization"] = sign.authorization(
                self.keys, method=method, target=request.url.raw_path.decode(), body=content.decode(), now=clock.now()
            )
            try:
                return client.send(request)
            except httpx.HTTPError as why:
                raise Silent(f"{type(why).__name__}: {why}") from why

    def _verify(self, response: httpx.Response) -> None:
        sign.verify(
            response.headers,
            response.content,
            pem_of=lambda serial: certificates.pem_of(self.keys, serial),
            now=clock.now(),
        )


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json() if response.content else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
