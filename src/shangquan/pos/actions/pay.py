"""Taking the money: hold, commit, ask the channel, look again while the answer is not final. None of it in one transaction."""

from datetime import datetime

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillState
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import yuan
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.payments import door as payments
from shangquan.payments.contracts import NO_CHANNEL, Channel, IntentCard
from shangquan.pos import locks
from shangquan.pos.access import till_for
from shangquan.pos.actions.print_receipt import print_first
from shangquan.pos.contracts import CASH_SHORT, EMPTY


@forbidden
def pay_by_code(
    *, till_id: int, auth_code: str, expected_fen: int | None = None, provider: str = "wechat", now: datetime
) -> BillCard:
    """Charge the customer whose payment code was scanned.

    The bill is held and committed before the channel is called; a repeat while it is being paid charges nothing again.
    The answer may be final, waiting for the password or unknown: `look` asks on. Refuses T-4098, P-4031, P-4003 (the
    sale is open again), B-4093 when the amount is not what was shown.
    """
    if provider != "wechat":
        raise Refused(NO_CHANNEL)
    bill, intent = _hold(till_id, Channel.WECHAT_CODE, expected_fen, now)
    if intent is not None:
        _or_let_go(bill, lambda: payments.charge(intent_id=intent.id, auth_code=auth_code, now=now), now)
    return _after(till_id, now)


@forbidden
def show_code(*, till_id: int, expected_fen: int | None = None, now: datetime) -> BillCard:
    """Place an order at the channel for the customer to scan. Refuses T-4098, P-4031, P-4221, P-5031, B-4093."""
    bill, intent = _hold(till_id, Channel.WECHAT_NATIVE, expected_fen, now)
    if intent is not None:
        _or_let_go(bill, lambda: payments.start(intent.id, now), now)
    return _after(till_id, now)


@forbidden
def pay_cash(
    *, till_id: int, received_fen: int | None = None, expected_fen: int | None = None, now: datetime
) -> BillCard:
    """Take cash; what was received beyond the amount due is the change. Refuses T-4098, T-4001, B-4093."""
    bill, intent = _hold(till_id, Channel.CASH, expected_fen, now, received_fen)
    if intent is not None:
        _or_let_go(bill, lambda: payments.charge(intent_id=intent.id, now=now), now)
    return _after(till_id, now)


@forbidden
def look(*, till_id: int, now: datetime, eager: bool = False) -> BillCard | None:
    """Ask the channel how the payment on the till stands, no sooner than its rule allows unless `eager`."""
    till_for("till.use", till_id)
    with transaction():
        row = locks.open_ring(till_id)
    if row is None or row.bill_id is None:
        return None
    bill = checkout.bill(row.bill_id)
    if bill.state is BillState.HELD and bill.intent_id is not None:
        payments.poll(intent_id=bill.intent_id, now=now, eager=eager)
    return _after(till_id, now)


@forbidden
def stop(*, till_id: int, now: datetime) -> BillCard | None:
    """Stop taking the money: the sale is open again, or paid when the customer was faster, or still being undone."""
    till_for("till.use", till_id)
    with transaction():
        row = locks.open_ring(till_id)
    if row is None or row.bill_id is None:
        return None
    checkout.stop_payment(bill_id=row.bill_id, now=now)
    return _after(till_id, now)


def _hold(
    till_id: int, channel: Channel, expected_fen: int | None, now: datetime, received_fen: int | None = None
) -> tuple[BillCard, IntentCard | None]:
    till_for("till.use", till_id)
    with transaction():
        return _hold_now(till_id, channel, expected_fen, now, received_fen)


@required
def _hold_now(
    till_id: int, channel: Channel, expected_fen: int | None, now: datetime, received_fen: int | None
) -> tuple[BillCard, IntentCard | None]:
    locks.till(till_id)
    locks.open_shift(till_id)
    row = locks.ring_with_bill(till_id)
    if row.bill_id is None:
        raise Refused(EMPTY)
    known = checkout.bill(row.bill_id)
    if known.is_paid:
        return known, None
    bill, intent = checkout.hold(bill_id=row.bill_id, channel=channel, now=now, expected_fen=expected_fen)
    if received_fen is not None and received_fen < bill.payable_fen:
        raise Refused(CASH_SHORT, short=yuan(bill.payable_fen - received_fen))
    row.intent_id = intent.id if intent is not None else None
    row.received_fen = received_fen
    row.save(update_fields=["intent_id", "received_fen"])
    return bill, intent


def _or_let_go(bill: BillCard, call: object, now: datetime) -> None:
    """Call the channel; when it refuses before anything was charged, the sale is open again."""
    assert callable(call)
    try:
        call()
    except Refused:
        checkout.stop_payment(bill_id=bill.id, now=now)
        raise


def _after(till_id: int, now: datetime) -> BillCard:
    with transaction():
        row = locks.ring_with_bill(till_id)
        assert row.bill_id is not None
        bill = checkout.bill(row.bill_id)
        if bill.is_paid:
            print_first(till_id=till_id, bill_id=bill.id, now=now)
    return bill
