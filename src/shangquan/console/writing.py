"""How a page writes: one action in one transaction, a refusal shown in place, then back to a page that can be reloaded."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language

from shangquan.design.formats import is_english
from shangquan.kernel import idempotency
from shangquan.kernel.errors import FORBIDDEN, SIGN_IN_FIRST, Refused
from shangquan.kernel.transactions import transaction

T = TypeVar("T")
_SAID = "console.said"
_UNDO = "console.undo"
_NOT_CONTENT = ("csrfmiddlewaretoken", "idempotency_key")


def sentence(refused: Refused) -> str:
    """The refusal in the reader's language, with its code small at the end for support."""
    text = refused.en if is_english(get_language() or "") else refused.zh
    return f"{text}（{refused.reason.code}）"


def say(request: HttpRequest, text: str, tone: str = "ok") -> None:
    """Kept until the next page: `ok` as a passing word, `warn` and `bad` as a notice at the top."""
    request.session[_SAID] = [*request.session.get(_SAID, []), {"text": str(text), "tone": tone}]


def take_said(request: HttpRequest) -> list[dict[str, str]]:
    said: list[dict[str, str]] = request.session.pop(_SAID, []) if _SAID in request.session else []
    return said


def take_undo(request: HttpRequest) -> dict[str, str] | None:
    offer: dict[str, str] | None = request.session.pop(_UNDO) if _UNDO in request.session else None
    return offer


def perform(request: HttpRequest, work: Callable[[], Any], *, to: str, said: str, undo: str = "") -> HttpResponse:
    """For a button: run the action, say what happened, go to `to`. A refusal is said there and changes nothing.

    A form that carries `idempotency_key` acts once however often it is sent. A missing right is not softened: it
    leaves as 403 with its audit line. `undo` is the address that takes the act back, offered for ten seconds.
    """
    try:
        run_once(request, work)
    except Refused as refused:
        _hard(refused)
        say(request, sentence(refused), "bad")
    else:
        if undo:
            request.session[_UNDO] = {"text": str(said), "post": undo}
        else:
            say(request, said)
    return HttpResponseRedirect(to)


def attempt(request: HttpRequest, form: forms.Form, work: Callable[[], T], *, field: str | None = None) -> T | None:
    """For a form: the action's answer (a plain value), or None with the refusal written at the form, the typed text kept.

    Acts once for a form that carries `idempotency_key`.

    `field` names where the refusal belongs; a mapping in the refusal's data under `field` wins.
    """
    try:
        answer: T = run_once(request, work)
        return answer
    except Refused as refused:
        _hard(refused)
        named = refused.data.get("field", field)
        form.add_error(named if named in form.fields else None, sentence(refused))
        return None


def run_once(request: HttpRequest, work: Callable[[], Any]) -> Any:
    """In a transaction of its own, under the form's key where it has one. The answer must be plain values then."""
    key = request.POST.get("idempotency_key", "")
    with transaction():
        if not key:
            return work()
        return idempotency.once(key=key, request=_fingerprint(request.path, request.POST), run=lambda: _plain(work()))


def back(request: HttpRequest, otherwise: str) -> str:
    """Where a button's form asked to return to, if it is a path of ours."""
    wanted = request.POST.get("back", "")
    parts = urlsplit(wanted)
    own = wanted.startswith("/console/") and not parts.netloc and not parts.scheme and "\\" not in wanted
    return wanted if own else otherwise


def _fingerprint(path: str, posted: Mapping[str, Any]) -> str:
    content = {name: posted.getlist(name) for name in posted if name not in _NOT_CONTENT}  # type: ignore[attr-defined]
    return idempotency.fingerprint(path, content)


def _plain(answer: Any) -> Any:
    return answer if isinstance(answer, int | str | float | bool | dict | list | None) else getattr(answer, "id", None)


def _hard(refused: Refused) -> None:
    if refused.reason in (FORBIDDEN, SIGN_IN_FIRST):
        raise refused
