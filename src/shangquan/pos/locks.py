"""The one place where this room locks rows."""

from shangquan.kernel.errors import Refused
from shangquan.pos.contracts import EMPTY, NO_SHIFT, NO_TILL
from shangquan.pos.models import OfflineTicket, Ring, Shift, Till


def till(till_id: int) -> Till:
    """What is done at one till is done one after the other. Refuses T-4041."""
    row = Till.rows().select_for_update().filter(id=till_id, is_active=True).first()
    if row is None:
        raise Refused(NO_TILL)
    return row


def open_shift(till_id: int) -> Shift:
    """The open shift, held against being closed meanwhile. Refuses T-4091."""
    row = Shift.rows().select_for_update(no_key=True).filter(till_id=till_id, closed_at=None).first()
    if row is None:
        raise Refused(NO_SHIFT)
    return row


def open_ring(till_id: int) -> Ring | None:
    return Ring.rows().select_for_update().filter(till_id=till_id, state="open").first()


def ring_with_bill(till_id: int) -> Ring:
    """Refuses T-4098 while nothing has been rung up."""
    row = open_ring(till_id)
    if row is None or row.bill_id is None:
        raise Refused(EMPTY)
    return row


def ticket(ticket_id: int) -> OfflineTicket:
    return OfflineTicket.rows().select_for_update().get(id=ticket_id)
