from collections.abc import Mapping
from datetime import datetime

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import NO_BILL, BillCard, RefundCard
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.pos import locks
from shangquan.pos.access import staff_id, till_for
from shangquan.pos.actions.print_receipt import print_first
from shangquan.pos.models import Till, TillReturn


@required
def refund(
    *, till_id: int, bill_number: str, lines: Mapping[int, int] | None, reason: str, client_key: str, now: datetime
) -> RefundCard:
    """Take goods back at this till: money, points and coupons unwind together; the shift's totals with them.

    Needs `till.refund`; a repeat under the same key answers the first return. Refuses B-4041 for another store's bill,
    T-4091 without a shift, and as `checkout.refund`.
    """
    till = locks.till(till_for("till.refund", till_id).id)
    shift = locks.open_shift(till.id)
    bill = bill_here(till, bill_number)
    done = checkout.refund(
        bill_id=bill.id, lines=lines, reason=reason or "顾客退货", client_key=client_key, staff_id=staff_id(), now=now
    )
    if not TillReturn.rows().filter(refund_id=done.id).exists():
        TillReturn.objects.create(
            till=till,
            shift=shift,
            bill_id=bill.id,
            refund_id=done.id,
            channel=bill.channel,
            amount_fen=done.refund_fen,
            at=done.asked_at,
        )
    print_first(till_id=till.id, bill_id=bill.id, refund_id=done.id, now=now)
    return done


def bill_here(till: Till, number: str) -> BillCard:
    """A bill of the till's own store. Refuses B-4041 for anybody else's."""
    bill = checkout.bill_by_number(number.strip().upper())
    if bill.store_id != till.store_id:
        raise Refused(NO_BILL)
    return bill
