"""What surrounds every consumer page: the frame, the language, who it is, and a refusal shown in its context."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from shangquan.design.contracts import H5Frame
from shangquan.design.formats import is_english
from shangquan.kernel import audit, clock, ids, scope
from shangquan.kernel.errors import FORBIDDEN, SIGN_IN_FIRST, Refused
from shangquan.memberapp import rules, session, wechat
from shangquan.tenancy.contracts import DistrictCard

Page = Callable[..., HttpResponseBase]
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
# A page that a redirect leads back to says in one word what was done; the words are fixed, so nothing can be planted.
DONE = {
    "claimed": lambda: _("已领取"),
    "recalled": lambda: _("已收回，券可以用了"),
    "accepted": lambda: _("已收下，在你的券包里"),
    "saved": lambda: _("已保存"),
    "withdrawn": lambda: _("已撤回同意"),
    "joined": lambda: _("开卡成功"),
    "cancelled": lambda: _("已取消"),
}


def said(zh: str, en: str) -> str:
    """Of two ready sentences, the reader's."""
    return (en or zh) if is_english(translation.get_language() or "") else zh


def district_of(request: HttpRequest) -> DistrictCard:
    card: DistrictCard = request.district  # type: ignore[attr-defined]
    return card


def district_name(request: HttpRequest) -> str:
    card = district_of(request)
    return said(card.name, card.name_en)


def path(name: str, *args: Any, **query: Any) -> str:
    """The address of a page of ours, with a query where values are given."""
    found = reverse(f"memberapp:{name}", args=args)
    given = {key: value for key, value in query.items() if value not in ("", None)}
    return f"{found}?{urlencode(given)}" if given else found


def go(address: str) -> HttpResponseRedirect:
    """See other: what was posted is not posted again by a reload."""
    answer = HttpResponseRedirect(address)
    answer.status_code = 303
    return answer


def new_key() -> str:
    """For a form: what makes a second sending of it the same request."""
    return ids.token()


def member_id() -> int | None:
    who = scope.actor()
    return who.id if who.kind == "member" else None


def draw(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page with its frame. `status` for refusals and results that are no success."""
    done = DONE.get(request.GET.get("done", ""))
    frame = H5Frame(
        district_name=district_name(request),
        home=path("home"),
        coupons=path("coupons"),
        code=path("card"),
        stroll=path("stores"),
        me=path("me"),
    )
    shown = {
        "h5_frame": frame,
        "now": clock.now(),
        "in_wechat": wechat.is_inside(request),
        "jssdk": settings.WECHAT_JSSDK_URL,
        "messages": [done()] if done else [],
        "share_title": district_name(request),
        "share_link": request.build_absolute_uri(request.path),
        **(context or {}),
    }
    answer = render(request, f"memberapp/{template}.html", shown, status=status)
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    return answer


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The reason in the reader's language, its code for support, and the way on."""
    back = rules.local_path(request.POST.get("next") or request.GET.get("next"), path("home"))
    return draw(request, "refused", {"refused": refused, "back": back}, status=refused.reason.status)


def page(view: Page) -> Page:
    """For every page: the language that `?lang=` asks for is kept, a refusal is a page of this shell."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wanted = request.GET.get("lang", "")
        if wanted in LANGUAGES:
            translation.activate(wanted)
        try:
            answer = view(request, *args, **kwargs)
        except Refused as refused:
            if refused.reason is FORBIDDEN:
                audit.record_refusal(refused, action=f"{request.method} {request.path}"[:60], subject="page")
            answer = refusal(request, refused)
        if wanted in LANGUAGES:
            keep_language(answer, wanted)
        return answer

    return shown


def keep_language(answer: HttpResponseBase, wanted: str) -> None:
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=365 * 86400, samesite="Lax")


def known(view: Page) -> Page:
    """For pages that are for everybody but better for somebody: inside WeChat the visitor is recognised first (C8)."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        away = _to_wechat(request) if _may_ask(request) else None
        return away or view(request, *args, **kwargs)

    return page(shown)


def person(view: Page) -> Page:
    """For a member's own pages. Who is not known yet is led to be known and comes back to this very page.

    Inside WeChat through its login, then to the one-tap card; in another browser to the page with the login code.
    What is posted by nobody is refused (K-4011).
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if member_id() is not None:
            return view(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD"):
            raise Refused(SIGN_IN_FIRST)
        return to_be_known(request, request.get_full_path())

    return page(shown)


def to_be_known(request: HttpRequest, to: str) -> HttpResponseRedirect:
    """Where somebody goes first who must be a member on the page `to`."""
    if session.openid(request):
        return HttpResponseRedirect(path("join", next=to))
    away = _to_wechat(request, to) if wechat.is_inside(request) else None
    return away or HttpResponseRedirect(path("sign_in", next=to))


def _may_ask(request: HttpRequest) -> bool:
    anonymous = member_id() is None and not session.openid(request)
    return anonymous and request.method == "GET" and wechat.is_inside(request)


def _to_wechat(request: HttpRequest, to: str = "") -> HttpResponseRedirect | None:
    if not wechat.is_connected():
        return None
    return HttpResponseRedirect(wechat.login_address(request, to or request.get_full_path(), clock.now()))
