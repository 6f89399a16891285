"""The door of the Official Account interface: every answer is HTTP 200 with ``errcode`` and ``errmsg``."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..calls import explain, titled
from ..records import Account, Json
from ..refusals import AccountRefusal
from ..world import World

# Words of the errors; the platform ends each with a rid.
WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    42001: "access_token expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    47001: "data format error",
    48001: "api unauthorized",
}


@dataclass
class Ask:
    world: World
    account: Account
    body: Json
    query: dict[str, str]

    def text(self, name: str, *, errcode: int = 47001) -> str:
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise AccountRefusal(errcode, f"{WORDS.get(errcode, 'invalid parameter')}: {name}")
        return value


Handler = Callable[[Ask], Json | None]
Endpoint = Callable[[Request], Awaitable[Response]]


def refuse(errcode: int, words: str = "") -> AccountRefusal:
    return AccountRefusal(errcode, words or WORDS.get(errcode, "error"))


def rid(world: World) -> str:
    return f"rid: {int(time.time()):08x}-{world.ids.hex(8)}-{world.ids.hex(8)}"


def world_of(request: Request) -> World:
    return cast(World, request.app.state.world)


def refused(world: World, refusal: AccountRefusal, *, comma: bool = False) -> Response:
    """HTTP 200. ``comma``: the ``sns`` interfaces put one before the rid."""
    explain(f"拒绝 refused: {refusal.errcode}", False, refusal.errmsg)
    separator = ", " if comma else " "
    shown = {"errcode": refusal.errcode, "errmsg": refusal.errmsg + separator + rid(world)}
    return JSONResponse(shown)


# What an account may call: path prefix -> kinds, and whether it must be verified. Everything else is open to all.
_RIGHTS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("/cgi-bin/message/template/", ("service",), True),
    ("/cgi-bin/template/", ("service",), True),
    ("/cgi-bin/qrcode/", ("service",), True),
    ("/cgi-bin/menu/", ("service", "subscription"), True),
    ("/cgi-bin/message/custom/", ("service", "subscription"), True),
    ("/cgi-bin/message/mass/", ("service", "subscription"), True),
    ("/cgi-bin/user/", ("service", "subscription"), True),
    ("/cgi-bin/tags/", ("service", "subscription"), True),
)


def check_right(account: Account, path: str) -> None:
    """Refuses 48001 when this kind of account has no such interface. A service account has its menu unverified."""
    for prefix, kinds, verified in _RIGHTS:
        if path.startswith(prefix):
            own_menu = prefix == "/cgi-bin/menu/" and account.kind == "service"
            if account.kind not in kinds or (verified and not account.verified and not own_menu):
                raise refuse(48001)


def with_token(title: str, handler: Handler) -> Endpoint:
    """Wrap a handler that needs ``access_token`` in the query. None as answer is ``errcode`` 0, ``ok``."""

    async def answer(request: Request) -> Response:
        world = world_of(request)
        titled(title)
        try:
            fault = world.faults.take("account_errcode")
            if fault is not None:
                raise refuse(int(fault))
            account = account_of(world, request.query_params.get("access_token", ""))
            check_right(account, request.url.path)
            body = await json_body(request) if request.method == "POST" else {}
            made = handler(Ask(world, account, body, dict(request.query_params)))
        except AccountRefusal as refusal:
            return refused(world, refusal)
        return json_answer({"errcode": 0, "errmsg": "ok"} if made is None else made)

    return answer


def json_answer(shown: Any) -> Response:
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json; encoding=utf-8")


def account_of(world: World, value: str) -> Account:
    explain("access_token", value in world.tokens, value or "(none)")
    if not value:
        raise refuse(41001)
    token = world.tokens.get(value)
    if token is None or token.kind not in ("token", "stable"):
        raise refuse(40001)
    if token.expires_at <= world.clock.now() or world.faults.take("token_expired"):
        raise refuse(42001)
    return world.accounts[token.appid]


async def json_body(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refuse(47001)
    return body


def account_by_appid(world: World, appid: str) -> Account:
    """Looked at before every other parameter, as the platform does."""
    account = world.accounts.get(appid)
    if account is None:
        raise refuse(40013)
    return account
