"""Being recognised: WeChat's login, the login code for other browsers, the one-tap card, language, signing out."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from shangquan.codes import door as codes
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.memberapp import rules, session, wechat
from shangquan.memberapp.actions.login_scene import confirm_login, is_confirmed, open_login, take_login
from shangquan.memberapp.destinations import source_of
from shangquan.memberapp.shell import LANGUAGES, draw, go, keep_language, page, path, person, to_be_known
from shangquan.members import door as members
from shangquan.members.contracts import MemberCard, Purpose
from shangquan.messaging.contracts import LOGIN_FAILED

WORDING = "2026-11"  # the version of the consent's words that the card page shows
_SCENE = "memberapp.login_scene"


@never_cache
@require_GET
@page
def wechat_back(request: HttpRequest) -> HttpResponseBase:
    """WeChat sends the browser back here; on to the very page that wanted a person.

    Refuses a login that this browser did not begin, that leads elsewhere or was used before, and an anonymous preview.
    """
    login = wechat.came_back(request, clock.now())
    if login.is_virtual:
        raise Refused(LOGIN_FAILED, code="snapshot")
    card = members.by_openid(login.openid)
    session.start(request, member_id=card.id if card else None, openid=login.openid)
    return HttpResponseRedirect(rules.local_path(request.GET.get("to"), path("home")))


@never_cache
@require_safe
@page
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """A code for the phone; this page moves on by itself as soon as the phone has confirmed, with or without script."""
    target = rules.local_path(request.GET.get("next"), path("home"))
    if scope.actor().kind == "member":
        return HttpResponseRedirect(target)
    now = clock.now()
    token = request.session.get(_SCENE, "")
    standing = is_confirmed(token, now) if token else None
    if standing:
        with transaction():
            found = take_login(token, now=now)
        request.session.pop(_SCENE, None)
        session.start(request, member_id=found)
        return HttpResponseRedirect(target)
    if standing is None:
        with transaction():
            token = request.session[_SCENE] = open_login(now=now)
    address = request.build_absolute_uri(path("confirm", token))
    qr = codes.qr_svg(address, label=_("登录码"))
    return draw(request, "sign_in", {"qr": qr, "address": address, "next": target, "poll": path("sign_in_poll")})


@never_cache
@require_GET
@page
def sign_in_poll(request: HttpRequest) -> HttpResponseBase:
    """For the waiting page's script: waiting, confirmed or over."""
    token = request.session.get(_SCENE, "")
    standing = is_confirmed(token, clock.now()) if token else None
    return JsonResponse({"state": "over" if standing is None else "confirmed" if standing else "waiting"})


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponseBase:
    """On the phone: say yes to the browser that shows the code. Nothing is confirmed by looking at the page."""
    return _confirm(request, token)


@person
def _confirm(request: HttpRequest, token: str) -> HttpResponseBase:
    member = scope.actor().id
    if request.method == "POST":
        with transaction():
            confirm_login(token, member_id=member, now=clock.now())
        return draw(request, "confirmed", {"card": session.card(request)})
    return draw(request, "confirm", {"card": session.card(request), "token": token})


@never_cache
@require_http_methods(["GET", "POST"])
@page
def join(request: HttpRequest) -> HttpResponseBase:
    """One tap opens the card (D1); tapping again answers the same card. Marketing is a consent of its own, unticked."""
    target = rules.local_path(request.POST.get("next") or request.GET.get("next"), path("home"))
    scene = request.POST.get("scene") or request.GET.get("scene") or ""
    if scope.actor().kind == "member":
        return go(target) if request.method == "POST" else HttpResponseRedirect(target)
    if not session.openid(request):
        return to_be_known(request, path("join", next=target, scene=scene))
    if request.method == "POST":
        open_for(request, scene=scene, marketing="marketing" in request.POST)
        return go(target + ("&" if "?" in target else "?") + "done=joined")
    return draw(request, "join", {"next": target, "scene": scene})


def open_for(request: HttpRequest, *, scene: str = "", marketing: bool = False) -> MemberCard:
    """The card of this browser's WeChat user, opened if there is none, and the consent that it stands on."""
    now = clock.now()
    source_code = source_of(scene)[1]
    openid = session.openid(request)
    with transaction():
        card = members.open_card(openid=openid, channel="official_account", source_code_id=source_code, now=now)
        members.give_consent(card.id, Purpose.MEMBERSHIP, wording=WORDING, now=now)
        if marketing:
            members.give_consent(card.id, Purpose.MARKETING, wording=WORDING, now=now)
    session.start(request, member_id=card.id, openid=openid)
    return card


@require_POST
@page
def language(request: HttpRequest) -> HttpResponseBase:
    """Keep the reader's language in this browser."""
    answer = go(rules.local_path(request.POST.get("next"), path("me")))
    if request.POST.get("lang") in LANGUAGES:
        keep_language(answer, request.POST["lang"])
    return answer


@require_POST
@page
def sign_out(request: HttpRequest) -> HttpResponseBase:
    session.end(request)
    return go(path("home"))


@never_cache
@require_GET
@page
def jssdk(request: HttpRequest) -> HttpResponseBase:
    """What `wx.config` needs for one of our own pages; refuses to sign anybody else's address (O-4008)."""
    from shangquan.memberapp.contracts import BAD_NEXT

    url = request.GET.get("url", "").partition("#")[0]
    if not url.startswith(request.build_absolute_uri("/")) or len(url) > 1000:
        raise Refused(BAD_NEXT)
    return JsonResponse(wechat.page_config(url, clock.now()))
