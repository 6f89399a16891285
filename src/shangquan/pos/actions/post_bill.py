"""Called by checkout in the transaction that pays or refunds a bill: the shift's totals and the staff's commission."""

from datetime import datetime

from shangquan.checkout.contracts import PaidBill, RefundedBill
from shangquan.kernel.money import share
from shangquan.kernel.transactions import required
from shangquan.pos.contracts import Part
from shangquan.pos.models import CommissionRule, Ring, Shift, StaffCommission, TillSale


class _Posting:
    """Fills checkout's port `BillPosting`."""

    def on_paid(self, paid: PaidBill, now: datetime) -> None:
        post_sale(paid=paid, now=now)
        post_commission(paid=paid)

    def on_refunded(self, refund: RefundedBill, now: datetime) -> None:
        post_commission_back(refund=refund)


POSTING = _Posting()


@required
def post_sale(*, paid: PaidBill, now: datetime) -> None:
    """A sale of this till, in the shift that is open as the money arrives; a bill of no till is none of ours."""
    ring = Ring.rows().filter(bill_id=paid.bill_id).first()
    if ring is None:
        return
    shift = Shift.rows().filter(till_id=ring.till_id, closed_at=None).first()
    TillSale.objects.create(
        till_id=ring.till_id,
        shift_id=shift.id if shift is not None else ring.shift_id,
        bill_id=paid.bill_id,
        channel=paid.channel,
        amount_fen=paid.payable_fen,
        at=paid.paid_at,
    )


@required
def post_commission(*, paid: PaidBill) -> None:
    """What clerk and referrer earn: the rule's rate of the money paid, half up; once a bill (`commission_sale_once`)."""
    for part, staff in ((Part.CLERK, paid.staff_id), (Part.REFERRER, paid.referrer_id)):
        rule = rule_for(paid.merchant_id, part, paid.paid_at) if staff is not None else None
        amount = share(paid.payable_fen, rule.rate_bp) if rule is not None else 0
        if rule is None or staff is None or amount == 0:
            continue
        StaffCommission.objects.create(
            merchant_id=paid.merchant_id,
            store_id=paid.store_id,
            bill_id=paid.bill_id,
            staff_id=staff,
            part=part,
            rate_bp=rule.rate_bp,
            amount_fen=amount,
            at=paid.paid_at,
        )


@required
def post_commission_back(*, refund: RefundedBill) -> None:
    """Every commission of the bill goes back with its part: all returns together take back the whole, to the fen."""
    for earned in StaffCommission.rows().filter(bill_id=refund.bill_id, refund_id=None).order_by("id"):
        back = refund.part_of(earned.amount_fen)
        if back:
            StaffCommission.objects.create(
                merchant_id=earned.merchant_id,
                store_id=earned.store_id,
                bill_id=refund.bill_id,
                refund_id=refund.refund_id,
                staff_id=earned.staff_id,
                part=earned.part,
                rate_bp=earned.rate_bp,
                amount_fen=-back,
                at=refund.asked_at,
            )


def rule_for(merchant_id: int, part: Part, at: datetime) -> CommissionRule | None:
    """The rule in force at that moment: the latest that had started."""
    rows = CommissionRule.rows().filter(merchant_id=merchant_id, part=part, starts_at__lte=at)
    return rows.order_by("-starts_at").first()
