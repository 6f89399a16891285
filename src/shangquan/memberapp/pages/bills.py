"""What a member has paid: the list, and one bill with its parts, points and the coupon for the next stop."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import NO_BILL, BillCard
from shangquan.coupons import door as coupons
from shangquan.design import formats
from shangquan.design.contracts import Cell, SumLine
from shangquan.district import door as district
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.memberapp import faces
from shangquan.memberapp.shell import draw, path, person, said
from shangquan.points import door as points

MORE = 30


@require_safe
@person
def bills(request: HttpRequest) -> HttpResponseBase:
    """Newest first, by key."""
    before = request.GET.get("before", "")
    found = checkout.bills_of_member(scope.actor().id, before=int(before) if before.isdigit() else None, limit=MORE)
    shops = {shop.id: shop for shop in district.stores({bill.store_id for bill in found})} if found else {}
    context = {
        "tab": "me",
        "cells": [
            Cell(
                said(shops[bill.store_id].name, shops[bill.store_id].name_en)
                if bill.store_id in shops
                else bill.number,
                path("bill", bill.number),
                icon="receipt",
                note=_note(bill),
                value=formats.fen(bill.payable_fen - bill.refunded_fen),
            )
            for bill in found
        ],
        "older": path("bills", before=found[-1].id) if len(found) == MORE else "",
    }
    return draw(request, "bills", context)


@require_safe
@person
def bill(request: HttpRequest, number: str) -> HttpResponseBase:
    """One of the member's own bills. Another's does not exist (B-4041)."""
    found = own_bill(number)
    context = bill_context(found)
    home = request.build_absolute_uri(path("home"))
    shared = {"share_title": _share(found, str(context["shop"])), "share_link": home}  # never the bill itself
    return draw(request, "bill", {**context, **shared})


def _share(found: BillCard, shop: str) -> str:
    if not found.saved_fen:
        return _("我刚逛了%(shop)s") % {"shop": shop}
    return _("我在%(shop)s省了 %(amount)s") % {"shop": shop, "amount": formats.fen(found.saved_fen)}


def own_bill(number: str) -> BillCard:
    found = checkout.bill_by_number(number)
    if found.member_id != scope.actor().id:
        raise Refused(NO_BILL)
    return found


def bill_context(found: BillCard) -> dict[str, object]:
    shop = district.store(found.store_id)
    earned = sum(points.earned_by_line(found.id).values())
    word, tone = faces.state_words(found)
    gifts = coupons.tickets.issued_by_bill(scope.actor().id, found.id, clock.now())
    return {
        "bill": found,
        "title": f"{said(shop.merchant, shop.name_en)} {shop.unit} · {word}",
        "shop": said(shop.name, shop.name_en),
        "shop_link": path("store", shop.id),
        "tone": tone,
        "lines": faces.sum_lines(found, checkout.shown_quote(found.id)),
        "saved": faces.saved_words(found),
        "earned": _("获得 %(points)s 积分") % {"points": formats.whole(earned)} if earned else "",
        "balance": _("现有 %(points)s 积分") % {"points": formats.whole(points.balance(scope.actor().id).available)},
        "points_link": path("points"),
        "gifts": faces.tickets(gifts, next_page=path("bill", found.number)),
        "receipt": _receipt(found),
        "mark": "paid" if found.is_paid else "waiting",
    }


def _note(found: BillCard) -> str:
    at = timezone.localtime(found.paid_at or found.opened_at)
    saved = _("省 %(amount)s") % {"amount": formats.fen(found.saved_fen)} if found.saved_fen else ""
    state = faces.state_words(found)[0] if found.refunded_fen else ""
    return " · ".join(filter(None, (f"{at:%Y-%m-%d %H:%M}", saved, state)))


def _receipt(found: BillCard) -> list[SumLine]:
    goods = [
        SumLine(line.title if line.by_amount else f"{line.title} × {line.quantity}", line.list_fen)
        for line in found.lines
    ]
    return [*goods, SumLine(_("实付"), found.payable_fen, is_total=True), SumLine(_("单号"), text=found.number)]
