"""All the hosts of the platform on one origin, put together as one ASGI application."""

import importlib.util
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import bench, calls
from .account import custom, gate, jssdk, mass, media, menu, oauth, qrcode, template, tokens, users
from .alipay import gateway
from .pay import v2, v3
from .phone import api
from .world import World

_WIRE = ("/v3/", "/pay/", "/secapi/", "/cgi-bin/", "/sns/", "/connect/oauth2/", "/gateway.do")
_KEPT_BODY = 20_000
_log = logging.getLogger(__name__)
# What a thumb does stands in the log beside what it causes.
_THUMB = re.compile(
    r"^/_phone/api/(?:users/[^/]+|jssdk)/(follow|unfollow|say|menu|scan|locate|paycode|password|cancel|jsapi|app_pay"
    r"|transfer|check)$"
)
_THUMB_TITLES = {
    "follow": "关注公众号", "unfollow": "取消关注", "say": "发消息", "menu": "点菜单", "scan": "扫一扫", "locate": "上报位置",
    "paycode": "出示付款码", "password": "输入支付密码", "cancel": "取消付款", "jsapi": "打开付款面板", "check": "网页 wx.config",
    "app_pay": "应用调起付款", "transfer": "确认收款",
}  # fmt: skip
_PASSWORD = re.compile(r'("password"\s*:\s*)"[^"]*"')


class WriteCalls:
    """Write the calls of the wire protocols, and what a thumb does on a phone, into the log; reads are left out."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app, self.world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        thumb = _THUMB.match(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if scope["type"] != "http" or not (thumb or scope["path"].startswith(_WIRE)):
            await self.app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        call = self.world.calls.open(
            self.world.clock.now(),
            "phone" if thumb else "in",
            scope["method"],
            raw_path + (f"?{query}" if query else ""),
        )
        if thumb:
            call.title = _THUMB_TITLES[thumb.group(1)]
        call.request_headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        calls.set_current(call)
        started = time.monotonic()
        body, answered = bytearray(), bytearray()

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b"")[:_KEPT_BODY])
            return message

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                call.answer_headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"]}
            else:
                answered.extend(message.get("body", b"")[:_KEPT_BODY])
            await send(message)

        try:
            await self.app(scope, heard, said)
        except Exception as wrong:
            call.step("沙盒内部错误 bug of the sandbox", False, f"{type(wrong).__name__}: {wrong}")
            _log.exception("%s %s", call.method, call.path)
            raise
        finally:
            call.request_body = _PASSWORD.sub(r'\1"••••••"', body.decode("utf-8", "replace"))
            is_text = "image" not in call.answer_headers.get("content-type", "")
            call.answer_body = answered.decode("utf-8", "replace") if is_text else f"({len(answered)} bytes)"
            call.took_ms = int((time.monotonic() - started) * 1000)
            self.world.changes.tell("call", call=call.id)


async def _plain_error(request: Request, error: Exception) -> Response:
    """Unknown path and wrong method: an empty body; the account's hosts say a wrong method with HTTP 200."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405 and request.url.path.startswith(("/cgi-bin/", "/sns/")):
        wrong = (43001, "require GET method") if request.method == "POST" else (43002, "require POST method")
        return gate.refused(gate.world_of(request), gate.refuse(*wrong))
    return PlainTextResponse("", status)


def _page_routes() -> list[BaseRoute]:
    """The phone's and bench's pages, when they are installed."""
    if importlib.util.find_spec("superapp_sandbox.phone.pages") is None:
        return []
    pages: Any = importlib.import_module("superapp_sandbox.phone.pages")
    return list(pages.routes)


def build(world: World) -> Starlette:
    """The application over one world."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.deliver.close()

    groups: tuple[list[Any], ...] = (
        v3.routes, v2.routes, gateway.routes, tokens.routes, menu.routes, qrcode.routes, custom.routes, template.routes, users.routes,
        oauth.routes, jssdk.routes, media.routes, mass.routes, api.routes, bench.routes, _page_routes(),
    )  # fmt: skip
    app = Starlette(
        routes=[route for group in groups for route in group],
        middleware=[
            # The page script runs in the product's pages, which live on other origins, and says by the cookie
            # whose phone it is. Nothing here is worth stealing.
            Middleware(
                CORSMiddleware,
                allow_origin_regex=".*",
                allow_credentials=True,
                allow_methods=["*"],
                allow_headers=["*"],
            ),
            Middleware(WriteCalls, world=world),
        ],
        exception_handlers={HTTPException: _plain_error},
        lifespan=lifespan,
    )
    app.state.world = world
    return app
