"""Paying on the phone: a shop's own code with a typed amount, a code made for one order, the page payment (H1, H3, H9)."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BEING_PAID, NO_BILL, BillCard, BillKind, BillState, LineDraft
from shangquan.district import door as district
from shangquan.district.contracts import NOT_TRADING
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.memberapp import faces, rules, session
from shangquan.memberapp.contracts import IN_WECHAT_ONLY
from shangquan.memberapp.shell import draw, go, new_key, path, person, said
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel


@require_http_methods(["GET", "POST"])
@person
def pay_store(request: HttpRequest, store_id: int) -> HttpResponseBase:
    """A fixed shop code: type the amount, see what it costs with coupons and points. Refuses O-4009, D-4042, D-4095."""
    shop = district.store(store_id)
    if not shop.is_trading:
        raise Refused(NOT_TRADING)
    context = {"shop": shop, "shop_name": said(shop.name, shop.name_en), "key": new_key(), "amount": ""}
    if request.method == "GET":
        return draw(request, "pay_store", context)
    try:
        amount = rules.fen_from(request.POST.get("amount", ""))
    except Refused as refused:
        typed = {"error": said(refused.zh, refused.en), "amount": request.POST.get("amount", "")[:20]}
        return draw(request, "pay_store", {**context, **typed}, status=refused.reason.status)
    with transaction():
        bill = checkout.open_bill(
            kind=BillKind.TILL,
            store_id=shop.id,
            lines=[LineDraft(amount_fen=amount)],
            member_id=scope.actor().id,
            client_key=f"shop-code:{request.POST.get('key', '')}"[:80],
            now=clock.now(),
        )
    return go(path("pay", bill.number))


@never_cache
@require_http_methods(["GET", "POST"])
@person
def pay(request: HttpRequest, number: str) -> HttpResponseBase:
    """One order's page. Looking shows the amount with its parts; posting opens the payment and WeChat's own sheet.

    A bill that nobody has claimed becomes this member's, so that their coupons and points count. Another member's bill
    does not exist here (B-4041). While one phone pays, another is refused (B-4096): one order takes one payment.
    """
    bill = _mine(number)
    if bill.is_paid:
        return go(path("paid", number))
    if request.method == "GET":
        return draw(request, "pay", {**_parts(bill), "expected": bill.payable_fen})
    openid = session.openid(request)
    if not openid:
        raise Refused(IN_WECHAT_ONLY)
    now = clock.now()
    expected = request.POST.get("expected", "")
    with transaction():
        held, intent = checkout.hold(
            bill_id=bill.id,
            channel=Channel.WECHAT_JSAPI,
            now=now,
            payer_openid=openid,
            expected_fen=int(expected) if expected.isdigit() else None,
        )
    if intent is None:
        return go(path("paid", number))
    if intent.payer_openid != openid:
        raise Refused(BEING_PAID)
    placed = payments.start(intent.id, now)
    return draw(request, "paying", {**_parts(held), "call": placed, "after": path("paid", number)})


@never_cache
@require_safe
@person
def paid(request: HttpRequest, number: str) -> HttpResponseBase:
    """How the payment stands. Waiting is a state of its own: it asks the channel and never offers to pay twice."""
    bill = _own(number)
    if bill.state == BillState.HELD and bill.intent_id is not None:
        payments.poll(intent_id=bill.intent_id, now=clock.now())
        bill = _own(number)
    if bill.is_paid:
        return go(path("bill", number))
    if bill.state == BillState.OPEN:
        return go(path("pay", number))
    return draw(request, "waiting", {**_parts(bill), "is_over": bill.state == BillState.CANCELLED})


@require_POST
@person
def stop(request: HttpRequest, number: str) -> HttpResponseBase:
    """Not now: stop the payment under way; the bill is open again, or paid when the payer was faster."""
    bill = checkout.stop_payment(bill_id=_own(number).id, now=clock.now())
    return go(path("paid" if bill.state != BillState.OPEN else "pay", number))


def _own(number: str) -> BillCard:
    found = checkout.bill_by_number(number)
    if found.member_id != scope.actor().id:
        raise Refused(NO_BILL)
    return found


def _mine(number: str) -> BillCard:
    found = checkout.bill_by_number(number)
    if found.member_id is None and found.state == BillState.OPEN:
        with transaction():
            return checkout.reprice(bill_id=found.id, member_id=scope.actor().id, now=clock.now())
    return _own(number)


def _parts(bill: BillCard) -> dict[str, object]:
    shop = district.store(bill.store_id)
    return {
        "bill": bill,
        "title": f"{said(shop.name, shop.name_en)} {shop.unit}",
        "lines": faces.sum_lines(bill, checkout.shown_quote(bill.id)),
        "saved": faces.saved_words(bill),
        "word": faces.state_words(bill)[0],
    }
