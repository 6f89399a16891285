"""Timers: payments that hang, bills that nobody came back to."""

from datetime import timedelta

from shangquan.kernel import clock
from shangquan.kernel.jobs import every, job
from shangquan.kernel.transactions import transaction

_GRACE = timedelta(minutes=2)  # payments closes what has expired by itself; this is for what it missed
_FORGOTTEN = timedelta(hours=24)
_BATCH = 500


@job("checkout.stop_payment", queue="payments")
def stop_late_payment(bill_id: int) -> None:
    from shangquan.checkout.actions.cancel import stop_payment

    stop_payment(bill_id=bill_id, now=clock.now())


@job("checkout.give_up")
def give_up(bill_id: int) -> None:
    """Cancel a bill that was left open; one that was taken up again meanwhile is left alone."""
    from shangquan.checkout.actions.cancel import cancel
    from shangquan.checkout.contracts import BEING_PAID, NOT_OPEN
    from shangquan.kernel.errors import Refused

    try:
        with transaction():
            cancel(bill_id=bill_id, now=clock.now())
    except Refused as no:
        if no.reason not in (BEING_PAID, NOT_OPEN):
            raise


@every("*/5 * * * *", name="checkout.sweep")
def sweep() -> None:
    """Stop payments whose time is over, cancel bills left open for a day."""
    from shangquan.checkout.contracts import BillState
    from shangquan.checkout.models import Bill

    now = clock.now()
    late = Bill.rows().filter(state=BillState.HELD, hold_until__lt=now - _GRACE).order_by("hold_until")
    for bill_id in late.values_list("id", flat=True)[:_BATCH]:
        stop_late_payment.later(once=f"bill-stop:{bill_id}", bill_id=bill_id)
    left = Bill.rows().filter(state=BillState.OPEN, opened_at__lt=now - _FORGOTTEN).order_by("opened_at")
    for bill_id in left.values_list("id", flat=True)[:_BATCH]:
        give_up.later(once=f"bill-give-up:{bill_id}", bill_id=bill_id)
