"""A member's own coupons: the four tabs, one piece with its code and rules, giving it away and taking it back."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard, CouponTerms, Hours, TicketCard
from shangquan.design import formats
from shangquan.design.contracts import Tab, Tone
from shangquan.district import door as district
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.memberapp import faces, session
from shangquan.memberapp.pages.entry import open_for
from shangquan.memberapp.shell import draw, go, known, member_id, page, path, person, said

_TONES: dict[str, Tone] = {"use": "ok", "claimed": "ok", "giving": "gold", "held": "info", "too_early": "info"}
_WEEK_ZH, _WEEK_EN = "一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MORE = 30


@require_safe
@person
def mine(request: HttpRequest) -> HttpResponseBase:
    """Four tabs with their counts (F16); older ones by key."""
    now, member = clock.now(), scope.actor().id
    names = {"usable": _("可用"), "used": _("已用"), "expired": _("过期"), "given": _("转赠")}
    tab = request.GET.get("tab", "usable")
    tab = tab if tab in names else "usable"
    before = request.GET.get("before", "")
    counts = coupons.count_tabs(member, now)
    found = coupons.tickets.of_member(member, tab, now, before=int(before) if before.isdigit() else None, limit=MORE)
    context = {
        "tab": "coupons",
        "tabs": [Tab(name, path("coupons", tab=key), counts[key], key == tab) for key, name in names.items()],
        "tickets": faces.tickets(found, next_page=path("coupons", tab=tab)),
        "which": tab,
        "older": path("coupons", tab=tab, before=found[-1].piece_id) if len(found) == MORE else "",
    }
    return draw(request, "coupons", context)


@never_cache
@require_safe
@person
def coupon(request: HttpRequest, piece_id: int) -> HttpResponseBase:
    """One piece: its code, its rules in words, where it works. Refuses C-4042, also for another member's."""
    now = clock.now()
    found = coupons.tickets.of_piece_id(scope.actor().id, piece_id, now)
    campaign = coupons.campaign(found.campaign_id)
    face = replace(faces.plain(faces.ticket(found)), note=_note(found))
    context = {
        "coupon": face,
        "state": _state(found.status),
        "tone": _TONES.get(found.status, "plain"),
        "qr": codes.qr_svg(found.code, label=_("这张券的二维码")) if found.code else "",
        "code": found.code,
        "facts": _facts(found, campaign),
        "give": path("give", piece_id) if found.is_giftable else "",
        "recall": path("recall", piece_id) if found.action.value == "recall" else "",
    }
    return draw(request, "coupon", context)


@require_POST
@person
def give(request: HttpRequest, piece_id: int) -> HttpResponseBase:
    """Make the gift's link; it stands on this page only, so the page offers to share or copy it at once.

    Refuses C-4036 for what cannot be given. The old code is dead from now on.
    """
    with transaction():
        gift = coupons.give(
            piece_id, giver_id=scope.actor().id, now=clock.now(), words=request.POST.get("words", "").strip()
        )
    address = request.build_absolute_uri(path("gift", gift.token))
    found = coupons.tickets.of_piece_id(scope.actor().id, piece_id, clock.now())
    context = {
        "coupon": faces.plain(faces.ticket(found)),
        "address": address,
        "qr": codes.qr_svg(address, label=_("转赠二维码")),
        "until": gift.expires_at,
        "recall": path("recall", piece_id),
        "share_title": said(found.title_zh, found.title_en),
        "share_link": address,
    }
    return draw(request, "given", context)


@require_POST
@person
def recall(request: HttpRequest, piece_id: int) -> HttpResponseBase:
    """Take an offer back before it is accepted. Refuses C-4103 after."""
    with transaction():
        coupons.recall(piece_id, giver_id=scope.actor().id, now=clock.now())
    return go(path("coupon", piece_id, done="recalled"))


@never_cache
@require_safe
@known
def gift(request: HttpRequest, token: str) -> HttpResponseBase:
    """What the opened link shows. Looking takes nothing; a guest sees it with the way to be known. Refuses C-4044."""
    now = clock.now()
    card = coupons.gift_by_token(token)
    piece = coupons.piece(card.piece_id)
    found = next(iter(coupons.tickets.of_campaigns([piece.campaign_id], member_id=None, now=now)), None)
    context = {
        "coupon": replace(faces.plain(faces.ticket(found)), left=None, note="") if found else None,
        "words": card.words,
        "until": card.expires_at,
        "is_open": card.state == "open" and now < card.expires_at,
        "is_mine": card.giver_id == member_id(),
        "accepted_as": path("coupon", card.new_piece_id)
        if card.receiver_id == member_id() and card.new_piece_id
        else "",
        "accept": path("accept", token),
        "is_guest": member_id() is None and not session.openid(request),
        "sign_in": path("sign_in", next=request.path),
        "share_title": _("送你一张券"),
    }
    return draw(request, "gift", context)


@require_POST
@page
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the gift; a fan without a card gets one with the same tap. Refuses C-4103 when it is gone, C-4226 one's own."""
    member = member_id()
    if member is None and session.openid(request):
        member = open_for(request).id
    if member is None:
        return go(path("sign_in", next=path("gift", token)))
    with transaction():
        piece = coupons.accept(token, receiver_id=member, now=clock.now())
    return go(path("coupon", piece.id, done="accepted"))


def _state(status: str) -> str:
    """One word for the tag."""
    words = {
        "use": _("可使用"),
        "giving": _("转赠中"),
        "held": _("付款中"),
        "too_early": _("未到时间"),
        "used": _("已使用"),
    }
    words |= {"expired": _("已过期"), "given": _("已送出"), "void": _("已作废")}
    return words.get(status, _("可使用"))


def _note(found: TicketCard) -> str:
    """What to do with it now, or how it stands."""
    stands = said(found.status_zh, found.status_en)
    return _("%(stands)s，付款时报会员码自动抵扣") % {"stands": stands} if found.code else stands


def _facts(found: TicketCard, campaign: CampaignCard) -> list[tuple[str, ...]]:
    """The rules in words, only those that say something."""
    terms = campaign.terms
    rows: list[tuple[str, ...]] = [(_("有效期"), said(found.period_zh, found.period_en))]
    when = _when(terms)
    if when:
        rows.append((_("可用时段"), when))
    rows.append((_("使用门槛"), said(found.threshold_zh, found.threshold_en)))
    if terms.cap_fen is not None:
        rows.append((_("最高优惠"), formats.fen(terms.cap_fen)))
    rows.append(_where(found, terms))
    rows.append((_("叠加"), _stacking(terms)))
    rows.append((_("用法"), _("付款时出示会员码，自动抵扣，不用另外核销")))
    about = said(campaign.about_zh, campaign.about_en)
    return [*rows, (_("说明"), about)] if about else rows


def _where(found: TicketCard, terms: CouponTerms) -> tuple[str, ...]:
    merchants = sorted(terms.scope.merchants_in)
    place = said(found.place_zh, found.place_en)
    if len(merchants) != 1:
        return (_("可用门店"), place, _("看门店"), path("stores"))
    shops = district.stores(merchant_id=merchants[0], trading_only=True)
    units = "、".join(shop.unit for shop in shops[:3])
    link = path("store", shops[0].id) if shops else path("stores")
    return (_("可用门店"), f"{place} {units}".strip(), _("看门店"), link)


def _when(terms: CouponTerms) -> str:
    days = [said("周" + _WEEK_ZH[one % 7], _WEEK_EN[one % 7]) for one in sorted(terms.weekdays)]
    return " · ".join(filter(None, ("、".join(days), "、".join(_hours(one) for one in terms.hours))))


def _hours(one: Hours) -> str:
    return f"{one.start // 60:02d}:{one.start % 60:02d}–{one.end // 60:02d}:{one.end % 60:02d}"


def _stacking(terms: CouponTerms) -> str:
    if terms.stacking.exclusive:
        return _("不与其他优惠同享")
    parts = [
        _("同类券每单用 1 张")
        if terms.stacking.per_bill == 1
        else _("每单最多 %(n)s 张") % {"n": terms.stacking.per_bill}
    ]
    if terms.stacking.with_points:
        parts.append(_("可与积分同用"))
    return "，".join(parts) if said("zh", "en") == "zh" else ", ".join(parts)
