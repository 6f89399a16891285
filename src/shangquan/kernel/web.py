"""What every page needs: size limits, security headers, and refusals shown as pages or JSON."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import (
    BAD_INPUT,
    BAD_PAGE_FORM,
    BROKEN,
    FORBIDDEN,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    Refused,
)

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponseBase]

_POLICY = (
    "default-src 'none'; script-src 'self' {sdk}; style-src 'self'; img-src 'self' data: {sdk}; connect-src 'self' {sdk};"
    " font-src 'self'; form-action 'self'; frame-ancestors {ancestors}; base-uri 'none'; worker-src 'self';"
    " manifest-src 'self'"
)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


def refusal_response(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as JSON for programs and as a page for people, with its own status."""
    if wants_json(request):
        return JsonResponse(refused.as_json(), status=refused.reason.status, json_dumps_params={"ensure_ascii": False})
    try:
        page: str = render_to_string(
            "design/error.html", {"refused": refused, "code": refused.reason.code}, request=request
        )
    except TemplateDoesNotExist:
        page = f"<!doctype html><meta charset=utf-8><p>{refused.zh}<p>{refused.en}<p>{refused.reason.code}"
    return HttpResponse(page, status=refused.reason.status)


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refusal_response(request, Refused(BAD_PAGE_FORM))


# NUL as a JSON string or a form writes it. PostgreSQL keeps no text with it, so no field of ours can mean it.
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUL_IN_FORM = re.compile(rb"%00|\x00")


def _has_nul(request: HttpRequest) -> bool:
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.content_type == "application/json":
        return _NUL_IN_JSON.search(request.body) is not None
    return request.content_type == "application/x-www-form-urlencoded" and _NUL_IN_FORM.search(request.body) is not None


class Limits:
    """Refuses a body that is too large before anything reads it (K-4131), and text with a NUL in it (K-4001)."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = settings.LARGEST_BODY + 1
        if length > settings.LARGEST_BODY:
            return refusal_response(request, Refused(TOO_LARGE))
        if _has_nul(request):
            return refusal_response(request, Refused(BAD_INPUT, why="文字里有空字符 NUL"))
        return self.answer(request)


class Policy:
    """Security headers on every answer; refusals that leave a page become answers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer(request)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = refusal_response(request, Refused(NOT_ALLOWED, allowed=allowed))
            response.headers["Allow"] = allowed
        sdk = settings.WECHAT_JSSDK_URL.split("/open/")[0].removesuffix("/jweixin-1.6.0.js")
        response.headers.setdefault(
            "Content-Security-Policy", _POLICY.format(sdk=sdk, ancestors=settings.FRAME_ANCESTORS)
        )
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            opened = scope.current_or_none()
            if error.reason is FORBIDDEN and opened is not None:
                audit.record_refusal(error, action=f"{request.method} {request.path}"[:60], subject="page")
            return refusal_response(request, error)
        if isinstance(error, DataError):
            return refusal_response(request, unstorable(error))
        return None


def unstorable(error: DataError) -> Refused:
    """What the database cannot hold: a number beyond its column, a text longer than it. The transaction is rolled back."""
    log.warning("unstorable input: %s", error)
    return Refused(BAD_INPUT, why="有数字太大或文字太长")


def broken(request: HttpRequest, *_: Any) -> HttpResponse:
    """Django's handler500."""
    return refusal_response(request, Refused(BROKEN))


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404, called with the exception by its name."""
    return refusal_response(request, Refused(NOT_FOUND))
