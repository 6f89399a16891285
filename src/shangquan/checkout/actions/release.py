from datetime import datetime

from shangquan.checkout.contracts import BillState
from shangquan.checkout.models import Bill, BillDeduction, BillLine
from shangquan.coupons import door as coupons
from shangquan.kernel.transactions import required
from shangquan.points import door as points


@required
def release(bill: Bill, *, now: datetime) -> None:
    """A held (and locked) bill was not paid: its coupons and points are free at once, and it is open again."""
    assert bill.state == BillState.HELD, "only a held bill lets go"
    coupons.release(bill.id, now=now)
    if bill.points_used:
        points.release(bill_id=bill.id)
    BillDeduction.rows().filter(bill=bill).delete()
    BillLine.rows().filter(bill=bill).update(paid_fen=0, points_used=0)
    bill.state, bill.channel, bill.intent_id = BillState.OPEN, "", None
    bill.held_at, bill.hold_until = None, None
    bill.save()
