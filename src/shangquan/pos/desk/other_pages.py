"""Beside the bill: closing the shift, orders, reprints, returns, checking off a coupon."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shangquan.checkout import door as checkout
from shangquan.coupons import door as coupons
from shangquan.identity.door import with_right
from shangquan.kernel import clock, ids
from shangquan.kernel.errors import BAD_INPUT, FORBIDDEN, NOT_FOUND, Refused
from shangquan.kernel.money import parse_yuan
from shangquan.kernel.transactions import transaction
from shangquan.pos.access import till_for
from shangquan.pos.actions.check_off import check_off
from shangquan.pos.actions.print_receipt import reprint
from shangquan.pos.actions.refund import bill_here, refund
from shangquan.pos.actions.shifts import close_shift
from shangquan.pos.actions.write_receipt import CHANNELS
from shangquan.pos.desk import screen
from shangquan.pos.desk.session import chosen_till, home, said, say, sentence
from shangquan.pos.models import Shift, Till
from shangquan.pos.paper import draw
from shangquan.pos.queries import lists
from shangquan.pos.queries.cards import shift_card
from shangquan.pos.queries.desk import desk


def _till(request: HttpRequest, right: str) -> Till:
    till = chosen_till(request)
    if till is None:
        raise Refused(NOT_FOUND)
    return till_for(right, till.id)


def _page(request: HttpRequest, till: Till, name: str, **more: Any) -> HttpResponse:
    told = more.pop("told", None) or said(request)
    status = 400 if told.get("wrong") and request.method == "POST" else 200
    page = {"till_frame": screen.frame(desk(till)), "told": told, "till": till, "channels": CHANNELS, **more}
    return render(request, f"pos/{name}.html", page, status=status)


def _wrong(refused: Refused) -> dict[str, Any]:
    if refused.reason is FORBIDDEN:
        raise refused
    return {"text": sentence(refused), "wrong": True, "code": refused.reason.code}


@never_cache
@require_http_methods(["GET", "POST"])
@with_right("till.shift")
def close_shift_page(request: HttpRequest) -> HttpResponseBase:
    """Count the drawer and close; the expected sums stand beside what is counted."""
    till = _till(request, "till.shift")
    row = Shift.rows().filter(till=till, closed_at=None).first()
    if row is None:
        return home()
    told: dict[str, Any] = {}
    if request.method == "POST":
        try:
            counted = {
                name.removeprefix("counted-"): parse_yuan(value)
                for name, value in request.POST.dict().items()
                if name.startswith("counted-") and isinstance(value, str) and value.strip()
            }
            if "cash" not in counted:
                raise Refused(BAD_INPUT, why="请填点到的现金")
            with transaction():
                card = close_shift(till_id=till.id, counted=counted, note=request.POST.get("note", ""), now=clock.now())
            return HttpResponseRedirect(reverse("pos:shift", args=[card.id]))
        except Refused as refused:
            told = _wrong(refused)
    return _page(request, till, "close_shift", shift=shift_card(row), told=told)


@never_cache
@require_GET
@with_right("till.shift")
def shift_page(request: HttpRequest, shift: int) -> HttpResponseBase:
    till = _till(request, "till.shift")
    card = lists.shift(shift)
    if card is None or card.till_id != till.id:
        raise Refused(NOT_FOUND)
    return _page(request, till, "shift", shift=card)


@never_cache
@require_GET
@with_right("orders.read")
def orders_page(request: HttpRequest) -> HttpResponseBase:
    """The store's bills, newest first."""
    till = _till(request, "orders.read")
    before = request.GET.get("before", "")
    rows = checkout.bills_of_store(till.store_id, before=int(before) if before.isdigit() else None, limit=30)
    return _page(request, till, "orders", bills=rows, older=rows[-1].id if len(rows) == 30 else None)


@never_cache
@require_GET
@with_right("orders.read")
def order_page(request: HttpRequest, number: str) -> HttpResponseBase:
    till = _till(request, "orders.read")
    bill = bill_here(till, number)
    receipts = lists.receipts_of_bill(bill.id)
    shown = draw(receipts[-1].content, receipts[-1].columns) if receipts else ""
    refunds = checkout.refunds_of(bill.id)
    return _page(request, till, "order", bill=bill, receipts=receipts, receipt_svg=shown, refunds=refunds)


@never_cache
@require_POST
@with_right("till.use")
def print_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """Print again; the paper says that it is a copy."""
    till = _till(request, "till.use")
    bill = bill_here(till, number)
    if bill.is_paid:
        wanted = request.POST.get("refund", "")
        with transaction():
            reprint(
                till_id=till.id, bill_id=bill.id, refund_id=int(wanted) if wanted.isdigit() else None, now=clock.now()
            )
    if request.POST.get("to") == "till":
        return home()
    return HttpResponseRedirect(reverse("pos:order", args=[bill.number]))


@never_cache
@require_http_methods(["GET", "POST"])
@with_right("till.refund")
def refund_search_page(request: HttpRequest) -> HttpResponseBase:
    """Scan the receipt's code or type the bill's number."""
    till = _till(request, "till.refund")
    if request.method == "POST":
        try:
            bill = bill_here(till, request.POST.get("scan", ""))
            return HttpResponseRedirect(reverse("pos:refund", args=[bill.number]))
        except Refused as refused:
            return _page(request, till, "refund_search", told=_wrong(refused), bills=_recent(till))
    return _page(request, till, "refund_search", bills=_recent(till))


def _recent(till: Till) -> list[Any]:
    return [bill for bill in checkout.bills_of_store(till.store_id, limit=12) if bill.is_paid]


@never_cache
@require_http_methods(["GET", "POST"])
@with_right("till.refund")
def refund_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """Which pieces come back; none ticked means all that is left."""
    till = _till(request, "till.refund")
    bill = bill_here(till, number)
    told: dict[str, Any] = {}
    if request.method == "POST":
        try:
            wanted = _returned(request, bill.lines)
            with transaction():
                done = refund(
                    till_id=till.id,
                    bill_number=bill.number,
                    lines=wanted,
                    reason=request.POST.get("reason", ""),
                    client_key=request.POST.get("key", "")[:80],
                    now=clock.now(),
                )
            say(request, _("已退 ¥%(sum)s") % {"sum": f"{done.refund_fen / 100:.2f}"})
            return HttpResponseRedirect(reverse("pos:order", args=[bill.number]))
        except Refused as refused:
            told = _wrong(refused)
    return _page(request, till, "refund", bill=bill, told=told, key=f"return:{till.id}:{ids.token()[:24]}")


def _returned(request: HttpRequest, lines: Any) -> dict[int, int] | None:
    if "all" in request.POST:
        return None
    wanted: dict[int, int] = {}
    for line in lines:
        text = request.POST.get(f"line-{line.line_no}", "").strip()
        if text:
            pieces = parse_yuan(text) if line.by_amount else int(text) if text.isdigit() else -1
            if pieces < 0:
                raise Refused(BAD_INPUT, why="件数不对")
            if pieces:
                wanted[line.line_no] = pieces
    if not wanted:
        raise Refused(BAD_INPUT, why="请填要退的件数")
    return wanted


@never_cache
@require_http_methods(["GET", "POST"])
@with_right("coupons.redeem")
def check_page(request: HttpRequest) -> HttpResponseBase:
    """Check a coupon off without a bill; looking at it consumes nothing."""
    till = _till(request, "coupons.redeem")
    code = (request.POST.get("code") or request.POST.get("scan") or request.GET.get("code") or "").strip()
    told: dict[str, Any] = {}
    piece, done = None, None
    try:
        if request.method == "POST" and "confirm" in request.POST:
            spend = request.POST.get("spend", "").strip()
            with transaction():
                done = check_off(
                    till_id=till.id,
                    code=code,
                    key=request.POST.get("key", "")[:60],
                    spend_fen=parse_yuan(spend) if spend else 0,
                    now=clock.now(),
                )
            piece = done
        elif code:
            piece = coupons.piece_by_code(code)
    except Refused as refused:
        told = _wrong(refused)
    return _page(
        request, till, "check", code=code, piece=piece, done=done, told=told, key=f"{till.id}:{ids.token()[:24]}"
    )


@never_cache
@require_GET
@with_right("till.use")
def receipt_bytes(request: HttpRequest, receipt: int) -> HttpResponseBase:
    """The very bytes for the printer beside the till."""
    till = _till(request, "till.use")
    card = lists.receipt(receipt, store_id=till.store_id)
    return HttpResponse(card.content, content_type="application/octet-stream")
