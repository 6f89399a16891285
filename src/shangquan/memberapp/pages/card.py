"""The changing member code and the points behind it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shangquan.codes import door as codes
from shangquan.codes.contracts import CodeMinute
from shangquan.codes.contracts import MemberCode as CodeNow
from shangquan.coupons import door as coupons
from shangquan.design import formats
from shangquan.design.contracts import Cell, MemberCode
from shangquan.kernel import clock, scope
from shangquan.memberapp import session
from shangquan.memberapp.pages.home import tier_name
from shangquan.memberapp.shell import draw, path, person, said
from shangquan.members.contracts import MemberCard
from shangquan.points import door as points

MORE = 50


@never_cache
@require_http_methods(["GET", "POST"])
@person
def card(request: HttpRequest) -> HttpResponseBase:
    """The code of this minute and, for a lost network, those of the next five. Each opening gives other digits (E5).

    The island asks for this address again before the minute ends; without script the button posts to it.
    """
    now, member = clock.now(), session.card(request)
    assert member is not None, "a member's page"
    code = codes.member_code(member.id, now=now)
    shown = _face(member, code)
    ahead = [_prepared(shown, minute) for minute in code.ahead]
    context = {
        "code": shown,
        "prepared": ahead[0],
        "later": ahead[1:],
        "sums": [
            Cell(_("积分"), path("points"), value=formats.whole(points.balance(member.id).available)),
            Cell(_("可用券"), path("coupons"), value=str(coupons.count_tabs(member.id, now)["usable"])),
            Cell(_("消费记录"), path("bills"), value=_("查看")),
        ],
    }
    return draw(request, "card", context)


def _face(member: MemberCard, code: CodeNow) -> MemberCode:
    shown = MemberCode(
        name=member.name or _("会员"),
        member_number=member.card_no,
        tier=tier_name(member.tier),
        digits="",
        bars_svg="",
        qr_svg="",
        expires_at=code.valid_until,
        lifetime_seconds=60,
        refresh_url=path("card"),
    )
    return _drawn(shown, code.digits)


def _prepared(shown: MemberCode, minute: CodeMinute) -> MemberCode:
    """Signed ahead for one of the next minutes, shown only while there is no network."""
    return replace(_drawn(shown, minute.digits), expires_at=minute.valid_until, state="offline")


def _drawn(shown: MemberCode, digits: str) -> MemberCode:
    grouped = " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
    return replace(shown, digits=grouped, bars_svg=codes.barcode_svg(digits), qr_svg=codes.qr_svg(digits))


@require_safe
@person
def my_points(request: HttpRequest) -> HttpResponseBase:
    """Balance, what is owed, and the statement by key; each line with the balance after it (G13)."""
    member = scope.actor().id
    before = request.GET.get("before", "")
    lines = points.lines(member, before=int(before) if before.isdigit() else None, limit=MORE)
    context = {
        "tab": "me",
        "balance": points.balance(member),
        "lines": [
            {"words": said(one.reason_zh, one.reason_en), "at": one.at, "points": one.points, "after": one.balance}
            for one in lines
        ],
        "older": path("points", before=lines[-1].id) if len(lines) == MORE else "",
    }
    return draw(request, "points", context)
