from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillState
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.pos import locks
from shangquan.pos.access import till_for
from shangquan.pos.contracts import BEING_PAID, SHIFT_OPEN, RingState, ShiftCard
from shangquan.pos.models import Shift
from shangquan.pos.queries.cards import shift_card

MOST_FEN = 10**10


@required
def open_shift(*, till_id: int, opening_cash_fen: int, now: datetime) -> ShiftCard:
    """Begin work at a till with so much cash in the drawer.

    Needs `till.shift` at the store. One open shift a till (`shift_one_open`): the clerk who has it gets it again,
    anybody else is refused with T-4092. Refuses T-4041.
    """
    till = locks.till(till_for("till.shift", till_id).id)
    if not 0 <= opening_cash_fen <= MOST_FEN:
        raise Refused(BAD_INPUT, why="备用金不对")
    who = scope.actor()
    row = Shift(
        till=till, opened_by=who.id, opened_name=who.name[:80], opening_cash_fen=opening_cash_fen, opened_at=now
    )
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        there = locks.open_shift(till.id)
        if there.opened_by != who.id:
            raise Refused(SHIFT_OPEN, who=there.opened_name) from None
        return shift_card(there)
    audit.record(action="till.open_shift", subject="shift", subject_id=row.id, after={"cash_fen": opening_cash_fen})
    return shift_card(row)


@required
def close_shift(*, till_id: int, counted: Mapping[str, int], note: str = "", now: datetime) -> ShiftCard:
    """Close the till's shift with what was counted by channel; a difference is kept, not corrected.

    Needs `till.shift`. A sale that is still on the till is parked for the next shift. Refuses T-4091 without a shift,
    T-4093 while a sale is being paid, K-4001 for amounts that cannot be.
    """
    till = locks.till(till_for("till.shift", till_id).id)
    row = locks.open_shift(till.id)
    if any(not 0 <= fen <= MOST_FEN for fen in counted.values()):
        raise Refused(BAD_INPUT, why="点到的金额不对")
    _clear_the_till(till.id)
    who = scope.actor()
    card = shift_card(row)
    known = {total.channel for total in card.totals}
    row.counted = {channel: fen for channel, fen in counted.items() if channel in known}
    row.closed_at, row.closed_by, row.closed_name, row.note = now, who.id, who.name[:80], note[:200]
    row.save()
    card = shift_card(row)
    audit.record(
        action="till.close_shift",
        subject="shift",
        subject_id=row.id,
        after={total.channel: [total.expected_fen, total.counted_fen] for total in card.totals},
    )
    return card


def _clear_the_till(till_id: int) -> None:
    ring = locks.open_ring(till_id)
    if ring is None:
        return
    bill = checkout.bill(ring.bill_id) if ring.bill_id is not None else None
    if bill is not None and bill.state is BillState.HELD:
        raise Refused(BEING_PAID)
    unfinished = bill is not None and bill.state is BillState.OPEN
    ring.state = RingState.PARKED if unfinished else RingState.CLOSED
    ring.save(update_fields=["state"])
