"""One's own page: the entries, profile and consents, and all data to take away (D5, PIPL)."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.checkout import door as checkout
from shangquan.coupons import door as coupons
from shangquan.design import formats
from shangquan.design.contracts import Cell
from shangquan.kernel import audit, clock, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import transaction
from shangquan.memberapp import session
from shangquan.memberapp.pages.entry import WORDING
from shangquan.memberapp.pages.home import tier_name
from shangquan.memberapp.shell import draw, go, known, path, person
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.points import door as points

CHOICES = (Purpose.MARKETING, Purpose.LOCATION)


@require_safe
@known
def me(request: HttpRequest) -> HttpResponseBase:
    """Card, points, consumption, coupons, preferences, privacy: each opens, also for a member without anything yet."""
    card, now = session.card(request), clock.now()
    if card is None:
        return draw(
            request,
            "me_guest",
            {"tab": "me", "sign_in": path("join" if session.openid(request) else "sign_in", next=path("me"))},
        )
    balance = points.balance(card.id)
    usable = coupons.count_tabs(card.id, now)["usable"]
    context = {
        "tab": "me",
        "card": card,
        "tier": tier_name(card.tier),
        "sums": [
            Cell(_("积分"), path("points"), value=formats.whole(balance.available)),
            Cell(_("可用优惠券"), path("coupons"), value=str(usable)),
        ],
        "entries": [
            Cell(_("我的会员码"), path("card"), icon="qrcode"),
            Cell(_("我的积分"), path("points"), icon="coins", value=formats.whole(balance.available)),
            Cell(_("消费记录"), path("bills"), icon="receipt"),
            Cell(_("我的优惠券"), path("coupons"), icon="ticket", value=str(usable)),
            Cell(_("偏好与资料"), path("preferences"), icon="settings"),
            Cell(_("隐私与我的数据"), path("privacy"), icon="shield"),
            Cell(_("商圈介绍与服务"), path("about"), icon="headset"),
        ],
        "languages": [("zh-hans", "中文"), ("en", "English")],
        "current": "en" if formats.is_english(get_language() or "") else "zh-hans",
    }
    return draw(request, "me", context)


@require_http_methods(["GET", "POST"])
@person
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Name and month of birth. Refuses K-4001 and keeps what was typed in the page behind."""
    member = scope.actor().id
    if request.method == "POST":
        month = request.POST.get("month", "")
        if month and not month.isdigit():
            raise Refused(BAD_INPUT, why=_("生日月份是 1 到 12"))
        with transaction():
            members.change_profile(
                member, name=request.POST.get("name", ""), birthday_month=int(month) if month else None
            )
        return go(path("preferences", done="saved"))
    return draw(request, "preferences", {"card": session.card(request), "months": range(1, 13)})


@never_cache
@require_http_methods(["GET", "POST"])
@person
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What was agreed to, one purpose a line, given and withdrawn here; a withdrawal is as easy as the yes was."""
    member = scope.actor().id
    if request.method == "POST":
        return _change(request, member)
    held = {one.purpose: one for one in members.consents(member) if one.withdrawn_at is None}
    words = {
        Purpose.MEMBERSHIP: (_("会员服务"), _("开卡、积分、券、账单都靠它，撤回请到服务台销卡")),
        Purpose.MARKETING: (_("活动与优惠消息"), _("每天最多一条，随时可关")),
        Purpose.LOCATION: (_("位置与设备识别"), _("到店提醒与室内导航用")),
        Purpose.PLATE: (_("车牌识别"), _("无感停车用")),
        Purpose.FACE: (_("人脸识别"), _("默认关闭，只在你同意时使用")),
    }
    rows = [
        {
            "purpose": purpose.value,
            "name": name,
            "about": about,
            "given": held.get(purpose),
            "may_give": purpose in CHOICES,
            "may_withdraw": purpose is not Purpose.MEMBERSHIP,
        }
        for purpose, (name, about) in words.items()
        if purpose in held or purpose in (*CHOICES, Purpose.MEMBERSHIP)
    ]
    return draw(request, "privacy", {"rows": rows})


def _change(request: HttpRequest, member: int) -> HttpResponseBase:
    try:
        purpose = Purpose(request.POST.get("purpose", ""))
    except ValueError:
        raise Refused(BAD_INPUT, why="purpose") from None
    give = request.POST.get("do") == "give"
    if (give and purpose not in CHOICES) or (not give and purpose is Purpose.MEMBERSHIP):
        raise Refused(BAD_INPUT, why="purpose")
    with transaction():
        if give:
            members.give_consent(member, purpose, wording=WORDING, now=clock.now())
        else:
            members.withdraw_consent(member, purpose, now=clock.now())
    return go(path("privacy", done="saved" if give else "withdrawn"))


@require_POST
@person
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that is held of the member, readable by people and machines (PIPL, article 45). Leaves an audit line."""
    member = scope.actor().id
    with transaction():
        audit.record(action="members.export_own", subject="member", subject_id=member, after={"format": "json"})
        held = _held(member, clock.now())
    answer = HttpResponse(json.dumps(held, ensure_ascii=False, indent=1, default=str), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def _held(member: int, now: datetime) -> dict[str, Any]:
    tabs = {
        tab: [
            {"title": one.title_zh, "code": one.code, "period": one.period_zh, "status": one.status_zh}
            for one in coupons.tickets.of_member(member, tab, now, limit=500)
        ]
        for tab in ("usable", "used", "expired", "given")
    }
    return {
        "exported_at": now.isoformat(),
        "member": members.export_member(member),
        "coupons": tabs,
        "points": [
            {"at": one.at.isoformat(), "points": one.points, "balance": one.balance, "reason": one.reason_zh}
            for one in points.lines(member, limit=1000)
        ],
        "bills": [
            {
                "number": one.number,
                "paid_at": one.paid_at.isoformat() if one.paid_at else None,
                "store_id": one.store_id,
                "list_fen": one.list_fen,
                "saved_fen": one.saved_fen,
                "paid_fen": one.payable_fen,
                "refunded_fen": one.refunded_fen,
                "lines": [{"title": line.title, "quantity": line.quantity, "fen": line.list_fen} for line in one.lines],
            }
            for one in checkout.bills_of_member(member, limit=200)
        ],
    }
