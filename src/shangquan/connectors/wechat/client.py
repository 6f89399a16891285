"""Calls to api.weixin.qq.com. Every answer is HTTP 200; `errcode` says what happened."""

import json
from typing import Any

import httpx
from django.conf import settings

from shangquan.connectors import keys
from shangquan.connectors.wechat import tokens
from shangquan.kernel import http

READ_SECONDS = 8.0
_BAD_TOKEN = frozenset({40001, 40014, 42001})


class WechatError(Exception):
    """WeChat said no; `code` is its errcode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class Silent(Exception):
    """No clear answer: time-out, broken line, 5xx, or something that is not JSON."""


def call(appid: str, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
    """One call with the account's token; POST when there is a body. Raises WechatError and Silent.

    A token that WeChat does not take is renewed once, never more: another process may have used its turn since.
    """
    token = access_token(appid)
    try:
        return request(path, body, access_token=token, **query)
    except WechatError as no:
        if no.code not in _BAD_TOKEN:
            raise
    return request(path, body, access_token=access_token(appid, refused=token), **query)


def request(path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
    """One call as it stands. JSON goes out as UTF-8 and unescaped: the platform shows escapes literally."""
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    try:
        with http.client(settings.WECHAT_API_URL, read_seconds=READ_SECONDS) as client:
            response = client.request(
                "GET" if content is None else "POST",
                path,
                params=query,
                content=content,
                headers={"Content-Type": "application/json"} if content else None,
            )
    except httpx.HTTPError as why:
        raise Silent(f"{type(why).__name__}: {path}") from why
    try:
        heard = json.loads(response.content)
    except ValueError:
        raise Silent(f"{response.status_code}: {path}") from None
    if response.status_code != 200 or not isinstance(heard, dict):
        raise Silent(f"{response.status_code}: {path}")
    code = int(heard.get("errcode") or 0)
    if code:
        raise WechatError(code, str(heard.get("errmsg", "")))
    return heard


def access_token(appid: str, *, refused: str = "") -> str:
    """The account's stable token; `refused` is one that WeChat did not take."""

    def fetch() -> tuple[str, int]:
        account = keys.account(appid)
        heard = request(
            "/cgi-bin/stable_token",
            {
                "grant_type": "client_credential",
                "appid": appid,
                "secret": account.secret,
                "force_refresh": bool(refused),
            },
        )
        return str(heard["access_token"]), int(heard["expires_in"])

    return tokens.value(appid, "access_token", fetch, refused=refused)


def page_ticket(appid: str) -> str:
    """The ticket that signs `wx.config`."""

    def fetch() -> tuple[str, int]:
        heard = call(appid, "/cgi-bin/ticket/getticket", type="jsapi")
        return str(heard["ticket"]), int(heard["expires_in"])

    return tokens.value(appid, "jsapi_ticket", fetch)
