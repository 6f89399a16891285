from collections.abc import Sequence
from datetime import datetime, timedelta

from shangquan.checkout import locks
from shangquan.checkout.actions.fill import choice_of, put_quote
from shangquan.checkout.actions.settle import settle
from shangquan.checkout.actions.states import not_open
from shangquan.checkout.contracts import (
    BEING_PAID,
    NO_CHANNEL_NEEDED,
    PAYMENT_SOURCE,
    PRICE_CHANGED,
    BillCard,
    BillState,
    Deduction,
    Quote,
)
from shangquan.checkout.models import Bill, BillDeduction, BillDeductionShare, BillLine
from shangquan.checkout.queries.cards import bill_card
from shangquan.checkout.queries.pricing import quote_bill
from shangquan.coupons import door as coupons
from shangquan.district import door as district
from shangquan.kernel import audit
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import allocate, yuan
from shangquan.kernel.transactions import required
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, IntentCard
from shangquan.points import door as points

HOLD_FOR = timedelta(minutes=15)


@required
def hold(
    *,
    bill_id: int,
    channel: Channel,
    now: datetime,
    payer_openid: str | None = None,
    expected_fen: int | None = None,
) -> tuple[BillCard, IntentCard | None]:
    """Price an open bill for the last time, set its coupons and points aside and open its payment: all or nothing.

    Answers the payment to charge after the commit; None when nothing is left to pay, and then the bill is paid already.
    A repeat with the same channel answers the same payment. Refuses B-4093 when `expected_fen` (what the payer saw) is
    not the amount any more, B-4096 while another channel is at it, B-4092 for a bill that is over, and what coupons,
    points and payments refuse.
    """
    bill = locks.bill(bill_id)
    if bill.state == BillState.HELD:
        return _repeat(bill, channel)
    if bill.state != BillState.OPEN:
        raise not_open(bill)
    rows = list(BillLine.rows().filter(bill=bill).order_by("line_no"))
    quote = quote_bill(bill, choice_of(bill), now, rows)
    if expected_fen is not None and expected_fen != quote.payable_fen:
        raise Refused(PRICE_CHANGED, payable=yuan(quote.payable_fen), payable_fen=quote.payable_fen)
    _note_price_changes(bill, rows)
    _set_aside(bill, quote, now)
    _write_down(bill, rows, quote)
    put_quote(bill, quote)
    bill.state, bill.held_at, bill.hold_until = BillState.HELD, now, now + HOLD_FOR
    if quote.payable_fen == 0:
        settle(bill, channel=NO_CHANNEL_NEEDED, paid_at=now, now=now)
        return bill_card(bill, rows), None
    bill.channel = channel
    intent = payments.open_intent(
        source=PAYMENT_SOURCE,
        source_id=str(bill.id),
        amount_fen=quote.payable_fen,
        channel=channel,
        description=_description(bill),
        now=now,
        payer_openid=payer_openid,
        expires_at=bill.hold_until,
    )
    bill.intent_id = intent.id
    bill.save()
    return bill_card(bill, rows), intent


def _repeat(bill: Bill, channel: Channel) -> tuple[BillCard, IntentCard]:
    if bill.channel != channel or bill.intent_id is None:
        raise Refused(BEING_PAID)
    return bill_card(bill), payments.intent(bill.intent_id)


def _note_price_changes(bill: Bill, rows: list[BillLine]) -> None:
    """A price that the till changed is told to the audit, once, when it is about to be paid."""
    wanted = {row.product_id for row in rows if row.product_id is not None}
    if not wanted:
        return
    cards = district.products(bill.merchant_id, ids=wanted, for_sale_only=False)
    listed = {card.id: card.price_fen for card in cards}
    changed = [row for row in rows if row.product_id in listed and row.unit_fen != listed[row.product_id]]
    if changed:
        audit.record(
            action="checkout.change_price",
            subject="bill",
            subject_id=bill.number,
            before={str(row.line_no): listed[row.product_id] for row in changed if row.product_id is not None},
            after={str(row.line_no): row.unit_fen for row in changed},
        )


def _set_aside(bill: Bill, quote: Quote, now: datetime) -> None:
    pieces = [d.piece_id for d in quote.deductions if d.piece_id is not None]
    if pieces:
        coupons.hold(pieces, bill_id=bill.id, now=now)
    if quote.points_used:
        assert bill.member_id is not None, "a guest has no points"
        points.hold(member_id=bill.member_id, points=quote.points_used, bill_id=bill.id)


def _write_down(bill: Bill, rows: list[BillLine], quote: Quote) -> None:
    """The quote as rows: what settlement books and a refund takes apart."""
    by_no = {row.line_no: row for row in rows}
    paid = quote.payable_by_line()
    for row in rows:
        row.paid_fen, row.points_used = paid[row.line_no], 0
    for deduction in quote.deductions:
        for line_no, part in _points_by_line(deduction).items():
            by_no[line_no].points_used += part
    _write_deductions(bill, by_no, quote.deductions)
    BillLine.rows().bulk_update(rows, ["paid_fen", "points_used"])


def _write_deductions(bill: Bill, by_no: dict[int, BillLine], deductions: Sequence[Deduction]) -> None:
    """Two statements, however many there are."""
    made = BillDeduction.objects.bulk_create(
        BillDeduction(
            bill=bill,
            place=place,
            kind=deduction.kind,
            ref=deduction.ref,
            piece_id=deduction.piece_id,
            title_zh=deduction.title_zh[:80],
            title_en=deduction.title_en[:120],
            amount_fen=deduction.amount_fen,
            points=deduction.points,
            items=[list(item) for item in deduction.items],
        )
        for place, deduction in enumerate(deductions, 1)
    )
    BillDeductionShare.objects.bulk_create(
        BillDeductionShare(deduction=row, line=by_no[share.line_id], payer=share.payer, amount_fen=share.amount_fen)
        for row, deduction in zip(made, deductions, strict=True)
        for share in deduction.shares
    )


def _points_by_line(deduction: Deduction) -> dict[int, int]:
    by_line = deduction.by_line()
    return dict(zip(by_line, allocate(deduction.points, list(by_line.values())), strict=True))


def _description(bill: Bill) -> str:
    store = district.store(bill.store_id)
    return f"{store.merchant} {store.unit} {bill.number}".strip()
