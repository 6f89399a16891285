"""Where coupons are taken: a shelf, all that is open, one campaign; and the taking itself (F3, F7)."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import NO_CAMPAIGN, ClaimRequest, TicketCard
from shangquan.design import formats
from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.memberapp import faces, rules, session
from shangquan.memberapp.destinations import source_of
from shangquan.memberapp.pages.entry import open_for
from shangquan.memberapp.shell import draw, go, known, member_id, page, path, said, to_be_known
from shangquan.tenancy import door as tenancy


@require_safe
@known
def shelf(request: HttpRequest, shelf_id: int) -> HttpResponseBase:
    """One shelf in the owner's order. A guest sees it with the login code; a closed one says so. Refuses C-4043."""
    tenancy.require_module("coupons")
    now = clock.now()
    card = coupons.shelves.open_shelf(shelf_id)
    shown = coupons.shelves.is_shown(card, now)
    found = coupons.tickets.on_shelf(shelf_id, member_id=member_id(), now=now) if shown else []
    title = said(card.title, card.title_en)
    context = {
        "title": title,
        "about": card.about,
        "until": card.shown_to,
        "is_over": not shown,
        **_tickets(request, found),
        "share_title": title,
    }
    return draw(request, "shelf", context)


@require_safe
@known
def all_coupons(request: HttpRequest) -> HttpResponseBase:
    """Everything that can be taken now."""
    tenancy.require_module("coupons")
    found = coupons.tickets.claimable(member_id=member_id(), now=clock.now(), limit=50)
    return draw(request, "shelf", {"title": _("领券"), **_tickets(request, found)})


@require_safe
@known
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """One coupon that a code leads to. Refuses C-4041."""
    tenancy.require_module("coupons")
    found = coupons.tickets.of_campaigns([campaign_id], member_id=member_id(), now=clock.now())
    if not found:
        raise Refused(NO_CAMPAIGN)
    title = said(found[0].title_zh, found[0].title_en)
    return draw(request, "shelf", {"title": title, **_tickets(request, found), "share_title": title})


@require_POST
@page
def claim(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Take one. The form's key makes a second tap the same claim; a fan without a card gets one with the same tap.

    A guest is led to be known and back to the shelf. Refuses what a claim refuses, with its reason.
    """
    back = rules.local_path(request.POST.get("next"), path("all_coupons"))
    member = member_id()
    if member is None and session.openid(request):
        member = open_for(request, scene=request.POST.get("scene", "")).id
    if member is None:
        return go(to_be_known(request, back).url) if not _leaves(request) else go(back)
    source, code = source_of(request.POST.get("scene", ""))
    asked = ClaimRequest(campaign_id, member, source, f"page:{request.POST.get('key', '')[:60]}", code)
    with transaction():
        coupons.claim_one(asked, now=clock.now())
    return go(back + ("&" if "?" in back else "?") + "done=claimed")


def _leaves(request: HttpRequest) -> bool:
    """A form may not be answered by a redirect to another site (form-action): the page behind asks by itself."""
    from shangquan.memberapp import wechat

    return wechat.is_inside(request)


def _tickets(request: HttpRequest, found: list[TicketCard]) -> dict[str, object]:
    here = rules.local_path(request.get_full_path(), path("all_coupons")).replace("done=claimed", "")
    context: dict[str, object] = {
        "tab": "coupons",
        "tickets": faces.tickets(found, next_page=here.rstrip("?&"), scene=request.GET.get("scene", "")),
        "save": _may_save(found),
        "is_guest": member_id() is None,
        "is_fan": bool(session.openid(request)),
        "sign_in": path("sign_in", next=request.get_full_path()),
    }
    if member_id() is None and not session.openid(request):
        address = request.build_absolute_uri(request.get_full_path())
        context["qr"] = codes.qr_svg(address, label=_("这一页的二维码"))
    return context


def _may_save(found: list[TicketCard]) -> str:
    """The face value of what can still be taken here; said only when there is any."""
    total = sum(one.save_fen for one in found if one.action.value.startswith("claim"))
    return formats.fen(total) if total else ""
