from collections.abc import Sequence
from datetime import datetime

from shangquan.checkout import locks, ports
from shangquan.checkout.actions.release import release
from shangquan.checkout.contracts import BillPaid, BillState
from shangquan.checkout.models import Bill, BillDeduction, BillRefund
from shangquan.checkout.queries.paid import paid_bill
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import PieceUse
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.payments.contracts import ALREADY_PAID, TOO_LATE, IntentCard
from shangquan.payments.contracts import RefundCard as PaymentRefund
from shangquan.points import door as points

_PAID = (BillState.PAID, BillState.PARTLY_REFUNDED, BillState.REFUNDED)


@required
def settle(bill: Bill, *, channel: str, paid_at: datetime, now: datetime) -> None:
    """A held (and locked) bill is paid: coupons used, points spent, books written, all in the open transaction."""
    assert bill.state == BillState.HELD, "only a held bill is settled"
    deductions = list(BillDeduction.rows().filter(bill=bill).order_by("place"))
    _use_coupons(bill, deductions, now)
    if bill.points_used:
        points.capture(bill_id=bill.id)
    bill.state, bill.channel, bill.paid_at, bill.hold_until = BillState.PAID, channel, paid_at, None
    bill.save()
    paid = paid_bill(bill, deductions)
    for posting in ports.postings():
        posting.on_paid(paid, now)
    publish(
        BillPaid(
            bill_id=bill.id,
            number=bill.number,
            merchant_id=bill.merchant_id,
            store_id=bill.store_id,
            member_id=bill.member_id,
            channel=channel,
            list_fen=bill.list_fen,
            paid_fen=bill.payable_fen,
            saved_fen=bill.saved_fen,
            points_used=bill.points_used,
            paid_at=paid_at,
        )
    )


def _use_coupons(bill: Bill, deductions: Sequence[BillDeduction], now: datetime) -> None:
    uses = [
        PieceUse(
            piece_id=row.piece_id,
            amount_fen=row.amount_fen,
            store_id=bill.store_id,
            merchant_id=bill.merchant_id,
            items=tuple((product, pieces) for product, pieces in row.items),
            basket_fen=bill.list_fen,
        )
        for row in deductions
        if row.piece_id is not None
    ]
    if uses:
        coupons.redeem(bill.id, uses, now=now)


class BillSettler:
    """How payments tells this room that a bill's money has come, failed or gone back."""

    def on_paid(self, intent: IntentCard, now: datetime) -> None:
        """Settles the bill in the payment's transaction.

        Refuses P-4092 when the bill is paid already and P-4093 when it does not wait for this payment any more:
        payments then sends the money back by itself.
        """
        bill = locks.bill(int(intent.source_id))
        if bill.state in _PAID:
            raise Refused(ALREADY_PAID)
        if bill.state != BillState.HELD or bill.intent_id != intent.id or bill.payable_fen != intent.amount_fen:
            raise Refused(TOO_LATE)
        # A channel tells time in whole seconds: nothing was paid before it was asked for.
        settle(bill, channel=intent.channel, paid_at=max(intent.paid_at or now, intent.created_at), now=now)

    def on_failed(self, intent: IntentCard, now: datetime) -> None:
        """The bill is open again with its coupons and points, unless another payment is at it already."""
        bill = locks.bill(int(intent.source_id))
        if bill.state == BillState.HELD and bill.intent_id == intent.id:
            release(bill, now=now)

    def on_refunded(self, refund: PaymentRefund, now: datetime) -> None:
        BillRefund.rows().filter(payment_refund_id=refund.id, done_at__isnull=True).update(
            done_at=refund.done_at or now
        )
