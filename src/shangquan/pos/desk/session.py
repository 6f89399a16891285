"""What a browser keeps between two requests: its till, and the one sentence to say next."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shangquan.identity.door import with_right
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.pos.access import till_for
from shangquan.pos.models import Till
from shangquan.pos.queries.lists import tills_of_actor

_TILL, _SAID = "till.id", "till.said"


def sentence(refused: Refused) -> str:
    """The refusal in the reader's language."""
    return refused.en if (get_language() or "").startswith("en") else refused.zh


def say(request: HttpRequest, text: str, *, wrong: bool = False, code: str = "") -> None:
    """Keep a sentence for the next page."""
    request.session[_SAID] = {"text": text, "wrong": wrong, "code": code}


def said(request: HttpRequest) -> dict[str, Any]:
    """The sentence, once."""
    kept: dict[str, Any] = request.session.pop(_SAID, {}) if _SAID in request.session else {}
    return kept


def choose(request: HttpRequest, till: Till) -> None:
    request.session[_TILL] = till.id


def chosen_till(request: HttpRequest) -> Till | None:
    """The browser's till, or the only one that the actor may use; None when there is a choice to make, or none."""
    tills = tills_of_actor()
    kept = request.session.get(_TILL)
    for till in tills:
        if till.id == kept:
            return till
    return tills[0] if len(tills) == 1 else None


def home(query: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("pos:till") + (f"?{query}" if query else ""))


Work = Callable[..., HttpResponse | None]


def till_post(right: str = "till.use") -> Callable[[Work], Callable[..., HttpResponseBase]]:
    """A form of the till: does it at the browser's till and goes back to the till, which says what came of it.

    A refusal is said there with its code and changes nothing; who has no right is refused with 403.
    """

    def made(work: Work) -> Callable[..., HttpResponseBase]:
        @require_POST
        @never_cache
        @with_right(right)
        @wraps(work)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            till = chosen_till(request)
            if till is None:
                return HttpResponseRedirect(reverse("pos:choose"))
            till_for(right, till.id)
            try:
                return work(request, till, *args, **kwargs) or home()
            except Refused as refused:
                if refused.reason is FORBIDDEN:
                    raise
                say(request, sentence(refused), wrong=True, code=refused.reason.code)
                return home(request.POST.get("back", ""))

        return page

    return made
