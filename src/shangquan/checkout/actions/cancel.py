from datetime import datetime

from shangquan.checkout import locks
from shangquan.checkout.actions.states import not_open, require_open
from shangquan.checkout.contracts import BillCancelled, BillCard, BillState
from shangquan.checkout.models import Bill
from shangquan.checkout.queries.cards import bill_card
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.payments import door as payments


@required
def cancel(*, bill_id: int, now: datetime) -> BillCard:
    """Give up an open bill; a repeat changes nothing.

    Refuses B-4096 while it is being paid (`abandon` stops the payment first) and B-4092 once it is paid.
    """
    bill = locks.bill(bill_id)
    if bill.state != BillState.CANCELLED:
        require_open(bill)
        bill.state, bill.closed_at = BillState.CANCELLED, now
        bill.save()
        publish(BillCancelled(bill.id, bill.number, bill.member_id, bill.merchant_id))
    return bill_card(bill)


@forbidden
def stop_payment(*, bill_id: int, now: datetime) -> BillCard:
    """Stop a bill's payment, if one is under way: it is open again, or paid when the payer was faster.

    Asks the channel, so it must not run inside a transaction. Still `held` when the channel may not be asked yet: it is
    then undone as soon as it may. Refuses B-4041.
    """
    row = Bill.rows().filter(id=bill_id).first()
    if row is not None and row.state == BillState.HELD and row.intent_id is not None:
        payments.cancel(intent_id=row.intent_id, now=now)
    with transaction():
        return bill_card(locks.bill(bill_id))


@forbidden
def abandon(*, bill_id: int, now: datetime) -> BillCard:
    """Stop the payment, then give the bill up. Must not run inside a transaction. Refusals as for `cancel`."""
    card = stop_payment(bill_id=bill_id, now=now)
    if card.is_paid:
        raise _over(card.id)
    with transaction():
        return cancel(bill_id=bill_id, now=now)


def _over(bill_id: int) -> Refused:
    return not_open(Bill.rows().get(id=bill_id))
