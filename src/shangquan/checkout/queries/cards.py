"""Rows as cards: what other rooms, pages and the API see."""

from collections.abc import Iterable, Sequence
from typing import Any

from shangquan.checkout.contracts import (
    BillCard,
    BillKind,
    BillLineCard,
    BillState,
    Quote,
    RefundCard,
    RefundLineCard,
)
from shangquan.checkout.models import Bill, BillLine, BillRefund


def bill_card(bill: Bill, lines: Sequence[BillLine] | None = None) -> BillCard:
    rows = list(bill.lines.order_by("line_no")) if lines is None else lines
    return BillCard(
        id=bill.id,
        number=bill.number,
        kind=BillKind(bill.kind),
        state=BillState(bill.state),
        merchant_id=bill.merchant_id,
        store_id=bill.store_id,
        member_id=bill.member_id,
        list_fen=bill.list_fen,
        saved_fen=bill.saved_fen,
        prepaid_fen=bill.prepaid_fen,
        payable_fen=bill.payable_fen,
        refunded_fen=bill.refunded_fen,
        points_used=bill.points_used,
        points_to_earn=bill.points_to_earn,
        channel=bill.channel,
        intent_id=bill.intent_id,
        staff_id=bill.staff_id,
        referrer_id=bill.referrer_id,
        opened_at=bill.opened_at,
        held_at=bill.held_at,
        hold_until=bill.hold_until,
        paid_at=bill.paid_at,
        lines=tuple(
            BillLineCard(
                line_no=line.line_no,
                product_id=line.product_id,
                title=line.title,
                quantity=line.quantity,
                unit_fen=line.unit_fen,
                list_fen=line.list_fen,
                paid_fen=line.paid_fen,
                returned=line.returned,
                by_amount=line.by_amount,
            )
            for line in rows
        ),
    )


def bill_cards(bills: Iterable[Bill]) -> list[BillCard]:
    """In the order given; one query for the lines of all."""
    rows = list(bills)
    lines: dict[int, list[BillLine]] = {row.id: [] for row in rows}
    for line in BillLine.rows().filter(bill_id__in=lines).order_by("bill_id", "line_no"):
        lines[line.bill_id].append(line)
    return [bill_card(row, lines[row.id]) for row in rows]


def refund_card(refund: BillRefund) -> RefundCard:
    return RefundCard(
        id=refund.id,
        number=refund.number,
        bill_id=refund.bill_id,
        list_fen=refund.list_fen,
        refund_fen=refund.refund_fen,
        points_back=refund.points_back,
        points_taken=refund.points_taken,
        coupons_back=tuple(refund.coupons_back),
        is_whole=refund.is_whole,
        reason=refund.reason,
        payment_refund_id=refund.payment_refund_id,
        asked_at=refund.asked_at,
        done_at=refund.done_at,
        lines=tuple(
            RefundLineCard(row.line.line_no, row.line.title, row.quantity, row.paid_fen)
            for row in refund.lines.select_related("line").order_by("line__line_no")
        ),
    )


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote in plain values, without who bears what: that is the merchants' and the owner's business."""
    return {
        "list_fen": quote.list_fen,
        "saved_fen": quote.saved_fen,
        "prepaid_fen": quote.prepaid_fen,
        "payable_fen": quote.payable_fen,
        "points_used": quote.points_used,
        "points_to_earn": quote.points_to_earn,
        "is_proven": quote.is_proven,
        "deductions": [
            {
                "kind": deduction.kind.value,
                "ref": deduction.ref,
                "title_zh": deduction.title_zh,
                "title_en": deduction.title_en,
                "amount_fen": deduction.amount_fen,
                "points": deduction.points,
                "items": [list(item) for item in deduction.items],
                "by_line": {str(line): fen for line, fen in deduction.by_line().items()},
            }
            for deduction in quote.deductions
        ],
        "not_used": [
            {
                "piece_id": notice.piece_id,
                "title_zh": notice.title_zh,
                "title_en": notice.title_en,
                "code": notice.why.code,
                "zh": notice.why.zh,
                "en": notice.why.en,
                "data": dict(notice.why.data),
            }
            for notice in quote.not_used
        ],
        "nudges": [
            {
                "piece_id": nudge.piece_id,
                "title_zh": nudge.title_zh,
                "title_en": nudge.title_en,
                "add_fen": nudge.add_fen,
                "payable_fen": nudge.payable_fen,
                "product_id": nudge.filler.product_id if nudge.filler else None,
                "quantity": nudge.filler.quantity if nudge.filler else None,
            }
            for nudge in quote.nudges
        ],
    }
