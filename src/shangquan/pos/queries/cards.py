"""Rows as cards, and the sums of shifts."""

from django.db.models import Count, Sum

from shangquan.pos.contracts import CommissionLine, Part, ReceiptCard, RingCard, RingState, ShiftCard, TillCard
from shangquan.pos.models import Receipt, Ring, Shift, StaffCommission, Till, TillReturn, TillSale
from shangquan.pos.rules import channel_totals


def till_card(row: Till) -> TillCard:
    return TillCard(row.id, row.store_id, row.merchant_id, row.name, row.is_active, row.paper)


def ring_card(row: Ring) -> RingCard:
    return RingCard(
        id=row.id,
        till_id=row.till_id,
        state=RingState(row.state),
        bill_id=row.bill_id,
        member_id=row.member_id,
        member_how=row.member_how,
        referrer_id=row.referrer_id,
        intent_id=row.intent_id,
        newest=row.newest,
        label=row.label,
        received_fen=row.received_fen,
        opened_at=row.opened_at,
    )


def shift_card(row: Shift) -> ShiftCard:
    """With its totals: two queries."""
    sums = [
        model.rows()
        .filter(shift=row)
        .order_by("channel")
        .values_list("channel")
        .annotate(count=Count("id"), fen=Sum("amount_fen"))
        for model in (TillSale, TillReturn)
    ]
    return ShiftCard(
        id=row.id,
        till_id=row.till_id,
        opened_by=row.opened_by,
        opened_name=row.opened_name,
        opening_cash_fen=row.opening_cash_fen,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_name=row.closed_name,
        totals=channel_totals(sums[0], sums[1], row.opening_cash_fen, row.counted),
    )


def receipt_card(row: Receipt) -> ReceiptCard:
    return ReceiptCard(
        id=row.id,
        till_id=row.till_id,
        bill_id=row.bill_id,
        refund_id=row.refund_id,
        copy_no=row.copy_no,
        columns=row.columns,
        content=bytes(row.content),
        printed_at=row.printed_at,
    )


def commission_line(row: StaffCommission) -> CommissionLine:
    return CommissionLine(row.bill_id, row.refund_id, row.staff_id, Part(row.part), row.amount_fen, row.at)
