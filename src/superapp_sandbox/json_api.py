"""The plain JSON interface of phone and bench: bodies read, refusals written."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .records import Json
from .refusals import PhoneRefusal
from .world import World

Endpoint = Callable[[Request], Awaitable[Response]]


def world_of(request: Request) -> World:
    return cast(World, request.app.state.world)


async def body_of(request: Request) -> Json:
    """The JSON object of the body; an empty body is an empty object. Refuses BODY_UNREADABLE."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PhoneRefusal("BODY_UNREADABLE", "请求体应为JSON对象", "The body must be a JSON object.")
    return body


def text(body: Json, name: str, *, required: bool = True) -> str:
    value = body.get(name)
    if isinstance(value, str) and (value or not required):
        return value
    if not required and value is None:
        return ""
    raise PhoneRefusal("FIELD_MISSING", f"缺少{name}", f"{name} must be a text.")


def number(body: Json, name: str, lowest: float, highest: float) -> float:
    value = body.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and lowest <= value <= highest:
        return value
    raise PhoneRefusal("FIELD_WRONG", f"{name}应为数字", f"{name} must be a number between {lowest} and {highest}.")


def json_endpoint(handler: Callable[[Request], Awaitable[Any]]) -> Endpoint:
    """A handler that gives something JSON can say, or raises PhoneRefusal."""

    async def answer(request: Request) -> Response:
        try:
            made = await handler(request)
        except PhoneRefusal as refusal:
            return refused(refusal)
        return JSONResponse(made)

    return answer


def refused(refusal: PhoneRefusal) -> Response:
    message = f"{refusal.chinese} / {refusal.english}"
    shown = {"code": refusal.code, "message": message, "zh": refusal.chinese, "en": refusal.english}
    return JSONResponse(shown, refusal.status)
