"""The OpenAPI object: every room's router, one form of refusal."""

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.types import DictStrAny

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, FORBIDDEN, NOT_FOUND, SIGN_IN_FIRST, Refused
from shangquan.kernel.web import refusal_response, unstorable


class ObjectsOnly(Parser):
    """Bodies are JSON objects. Without this a list or a number passes for an object whose fields all have defaults."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        body = json.loads(request.body)
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return body


api = NinjaAPI(
    parser=ObjectsOnly(),
    title="Shangquan",
    version="1",
    description="智慧商圈的开放接口。拒绝的回答都是 {code, name, message, message_en, data}。",
    urls_namespace="api",
    docs_url="/docs",
)

_ROUTERS = (
    "identity", "district", "members", "payments", "messaging", "codes", "points", "coupons", "checkout", "settlement", "pos",
    "insight",
)  # fmt: skip

for room in _ROUTERS:
    if find_spec(f"shangquan.{room}") and find_spec(f"shangquan.{room}.api"):
        api.add_router(f"/{room}", import_module(f"shangquan.{room}.api").router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    if error.reason is FORBIDDEN and scope.current_or_none() is not None:
        audit.record_refusal(error, action=f"{request.method} {request.path}"[:60], subject="api")
    return refusal_response(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    where = ".".join(str(part) for part in first.get("loc", ())[-2:])
    return refusal_response(request, Refused(BAD_INPUT, why=f"{where}: {first.get('msg', '')}".strip(": ")))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal_response(request, Refused(BAD_INPUT, why=str(error)))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal_response(request, Refused(SIGN_IN_FIRST))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal_response(request, Refused(NOT_FOUND))


@api.exception_handler(DataError)
def _unstorable(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal_response(request, unstorable(error))
