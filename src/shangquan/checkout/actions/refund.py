from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.checkout import locks, ports
from shangquan.checkout.contracts import (
    BAD_KEY,
    KEY_TAKEN,
    NO_BILL,
    NOT_PAID,
    NOTHING_LEFT,
    REFUND_SOURCE,
    RETURN_TOO_MUCH,
    BillRefunded,
    BillState,
    PaidLine,
    RefundCard,
    RefundedBill,
    RefundSums,
)
from shangquan.checkout.models import Bill, BillLine, BillRefund, BillRefundLine
from shangquan.checkout.queries.cards import refund_card
from shangquan.checkout.queries.paid import deductions_of, paid_lines, refunded_shares
from shangquan.checkout.rules import refund_of
from shangquan.coupons import door as coupons
from shangquan.kernel import audit, ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.idempotency import fingerprint
from shangquan.kernel.transactions import required
from shangquan.payments import door as payments
from shangquan.points import door as points

_REFUNDABLE = (BillState.PAID, BillState.PARTLY_REFUNDED)


@required
def refund(
    *,
    bill_id: int,
    lines: Mapping[int, int] | None,
    reason: str,
    client_key: str,
    now: datetime,
    staff_id: int | None = None,
) -> RefundCard:
    """Take goods back: money, points spent, points earned and coupons unwind together, to the fen.

    `lines` are pieces by line number (of a typed amount: fen), None means all that is left. `client_key` names the
    return: a repeat answers the first, another question under it is refused (B-4091). The money goes back by a job
    after the commit. Refuses B-4041, B-4094 for a bill that was not paid, B-4095 for more than is left, B-4097 when
    nothing is.
    """
    if not 8 <= len(client_key) <= 80:
        raise Refused(BAD_KEY)
    asked = fingerprint(bill_id, None if lines is None else sorted(lines.items()))
    bill = locks.bill(bill_id)
    known = BillRefund.rows().filter(client_key=client_key).first()
    if known is not None:
        if known.fingerprint != asked:
            raise Refused(KEY_TAKEN)
        return refund_card(known)
    rows = {row.line_no: row for row in BillLine.rows().filter(bill=bill).order_by("line_no")}
    returned = _wanted(bill, rows, lines)
    earlier = {no: row.returned for no, row in rows.items()}
    sums = refund_of(_lines_with_points(bill), returned, earlier)
    row = _write_down(bill, rows, sums, client_key=client_key, asked=asked, reason=reason, staff_id=staff_id, now=now)
    _unwind(bill, row, sums, now)
    _book(bill, row, sums, now)
    return refund_card(row)


def refund_sums(bill_id: int, lines: Mapping[int, int] | None) -> RefundSums:
    """What `refund` would give back for these pieces now, to whom; changes nothing. Refuses as `refund` does."""
    bill = Bill.rows().filter(id=bill_id).first()
    if bill is None:
        raise Refused(NO_BILL)
    rows = {row.line_no: row for row in BillLine.rows().filter(bill=bill).order_by("line_no")}
    returned = _wanted(bill, rows, lines)
    return refund_of(_lines_with_points(bill), returned, {no: row.returned for no, row in rows.items()})


@required
def take_back_points(*, bill_id: int) -> int:
    """Take back what returned goods earned, for returns that came before the points were booked; answers how many.

    To be called after a bill's points are booked, since that happens later than the payment; repeatable.
    """
    bill = locks.bill(bill_id)
    earned = points.earned_by_line(bill_id)
    rows = {row.line_no: row for row in BillLine.rows().filter(bill=bill)}
    before = dict.fromkeys(rows, 0)
    taken = 0
    for row in BillRefund.rows().filter(bill=bill).order_by("id"):
        for part in row.lines.select_related("line").order_by("line__line_no"):
            no, whole = part.line.line_no, part.line.quantity
            after = before[no] + part.quantity
            part.points_earned = earned.get(no, 0) * after // whole - earned.get(no, 0) * before[no] // whole
            part.save(update_fields=["points_earned"])
            before[no] = after
        taken += _take_back(bill, row)
    return taken


def _take_back(bill: Bill, row: BillRefund) -> int:
    due = sum(row.lines.values_list("points_earned", flat=True))
    if due and row.points_taken == 0:
        points.take_back(bill_id=bill.id, points=due, refund_id=row.id)
        row.points_taken = due
        row.save(update_fields=["points_taken"])
        return due
    return 0


def _wanted(bill: Bill, rows: Mapping[int, BillLine], lines: Mapping[int, int] | None) -> dict[int, int]:
    if bill.state == BillState.REFUNDED:
        raise Refused(NOTHING_LEFT)
    if bill.state not in _REFUNDABLE:
        raise Refused(NOT_PAID)
    if lines is None:
        return {no: row.quantity - row.returned for no, row in rows.items() if row.quantity > row.returned}
    if not lines:
        raise Refused(RETURN_TOO_MUCH, line="—", left=0)
    for no, quantity in lines.items():
        left = rows[no].quantity - rows[no].returned if no in rows else 0
        if not 1 <= quantity <= left:
            raise Refused(RETURN_TOO_MUCH, line=no, left=left)
    return dict(lines)


def _lines_with_points(bill: Bill) -> list[PaidLine]:
    earned = points.earned_by_line(bill.id) if bill.member_id is not None else {}
    return [replace(line, points_earned=earned.get(line.line_id, 0)) for line in paid_lines(bill)]


def _write_down(
    bill: Bill,
    rows: Mapping[int, BillLine],
    sums: RefundSums,
    *,
    client_key: str,
    asked: str,
    reason: str,
    staff_id: int | None,
    now: datetime,
) -> BillRefund:
    row = BillRefund(
        number=ids.number("T", now),
        bill=bill,
        client_key=client_key,
        fingerprint=asked,
        list_fen=sum(line.list_fen for line in sums.lines),
        refund_fen=sums.refund_fen,
        points_back=sums.points_back,
        coupons_back=[],
        coupons_lost=[],
        is_whole=sums.is_whole,
        reason=reason[:80],
        staff_id=staff_id,
        asked_at=now,
        done_at=None if sums.refund_fen else now,
    )
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the key names a return of another bill
        raise Refused(KEY_TAKEN) from None
    for line in sums.lines:
        rows[line.line_id].returned += line.quantity
    BillLine.rows().bulk_update([rows[line.line_id] for line in sums.lines], ["returned"])
    BillRefundLine.objects.bulk_create(
        BillRefundLine(
            refund=row,
            line=rows[line.line_id],
            quantity=line.quantity,
            list_fen=line.list_fen,
            paid_fen=line.paid_fen,
            points_used=line.points_used,
            points_earned=line.points_earned,
            shares=[[share.kind, share.ref, share.payer, share.amount_fen] for share in line.shares],
        )
        for line in sums.lines
    )
    return row


def _unwind(bill: Bill, row: BillRefund, sums: RefundSums, now: datetime) -> None:
    """Everything that the bill took goes the way it came: coupons, points, money."""
    ecash = {int(ref): amount for ref, amount in sums.ecash_back().items() if amount}
    pieces = sorted({int(ref) for ref in sums.coupons_back} | set(ecash))
    if pieces:
        row.coupons_back = coupons.give_back(bill.id, pieces, refund_id=row.id, now=now, ecash_fen=ecash)
    if sums.points_back:
        assert bill.member_id is not None, "a guest spent no points"
        points.give_back(member_id=bill.member_id, points=sums.points_back, bill_id=bill.id, refund_id=row.id)
    if sums.points_taken:
        _take_back(bill, row)
    if sums.refund_fen:
        assert bill.intent_id is not None, "money came by a payment"
        payment = payments.open_refund(
            intent_id=bill.intent_id,
            amount_fen=sums.refund_fen,
            reason=row.reason,
            source=REFUND_SOURCE,
            source_id=str(row.id),
            now=now,
        )
        row.payment_refund_id = payment.id
    row.save()


def _book(bill: Bill, row: BillRefund, sums: RefundSums, now: datetime) -> None:
    before = bill.refunded_fen
    bill.refunded_fen += sums.refund_fen
    bill.state = BillState.REFUNDED if sums.is_whole else BillState.PARTLY_REFUNDED
    bill.save(update_fields=["refunded_fen", "state"])
    booked = RefundedBill(
        bill_id=bill.id,
        number=bill.number,
        refund_id=row.id,
        refund_number=row.number,
        merchant_id=bill.merchant_id,
        store_id=bill.store_id,
        member_id=bill.member_id,
        channel=bill.channel,
        list_fen=row.list_fen,
        refund_fen=row.refund_fen,
        points_back=row.points_back,
        deductions=deductions_of(bill, refunded_shares(sums.lines)),
        lines=sums.lines,
        is_whole=sums.is_whole,
        staff_id=bill.staff_id,
        referrer_id=bill.referrer_id,
        asked_at=now,
        bill_payable_fen=bill.payable_fen,
        refunded_before_fen=before,
    )
    for posting in ports.postings():
        posting.on_refunded(booked, now)
    audit.record(
        action="checkout.refund",
        subject="bill",
        subject_id=bill.number,
        after={"refund": row.number, "refund_fen": row.refund_fen, "whole": row.is_whole, "reason": row.reason},
    )
    publish(
        BillRefunded(
            bill_id=bill.id,
            refund_id=row.id,
            member_id=bill.member_id,
            merchant_id=bill.merchant_id,
            refund_fen=row.refund_fen,
            whole=row.is_whole,
        )
    )
