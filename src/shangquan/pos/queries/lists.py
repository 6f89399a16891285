"""Tills, parked sales, receipts, commissions: what the till's other pages list."""

from collections.abc import Collection
from datetime import datetime

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.pos.contracts import NO_RECEIPT, CommissionLine, ReceiptCard, RingCard, ShiftCard, TillCard
from shangquan.pos.models import Receipt, Ring, Shift, StaffCommission, Till
from shangquan.pos.queries.cards import commission_line, receipt_card, ring_card, shift_card, till_card


def tills_of_actor() -> list[Till]:
    """Active tills at which the actor may work, by store and name. One query."""
    who = scope.actor()
    rows = Till.rows().filter(is_active=True)
    if who.merchant_id is not None:
        rows = rows.filter(merchant_id=who.merchant_id)
    if who.store_id is not None:
        rows = rows.filter(store_id=who.store_id)
    return list(rows.order_by("store_id", "name", "id")[:200])


def tills_of_store(store_id: int) -> list[TillCard]:
    return [till_card(row) for row in Till.rows().filter(store_id=store_id).order_by("name", "id")]


def parked(till_id: int) -> list[tuple[RingCard, BillCard | None]]:
    """Parked sales, newest first, with their bills."""
    rows = list(Ring.rows().filter(till_id=till_id, state="parked").order_by("-id")[:50])
    bills = checkout.bills([row.bill_id for row in rows if row.bill_id is not None])
    return [(ring_card(row), bills.get(row.bill_id or 0)) for row in rows]


def shift(shift_id: int) -> ShiftCard | None:
    row = Shift.rows().filter(id=shift_id).first()
    return shift_card(row) if row is not None else None


def last_closed(till_id: int) -> ShiftCard | None:
    row = Shift.rows().filter(till_id=till_id, closed_at__isnull=False).order_by("-closed_at").first()
    return shift_card(row) if row is not None else None


def receipts_of_bill(bill_id: int) -> list[ReceiptCard]:
    """Every print of a bill and of its returns, oldest first."""
    return [receipt_card(row) for row in Receipt.rows().filter(bill_id=bill_id).order_by("id")]


def receipt(receipt_id: int, *, store_id: int) -> ReceiptCard:
    """Refuses T-4044, also for another store's."""
    row = Receipt.rows().filter(id=receipt_id, store_id=store_id).first()
    if row is None:
        raise Refused(NO_RECEIPT)
    return receipt_card(row)


def commissions(
    *, staff_ids: Collection[int] | None = None, bill_id: int | None = None, since: datetime | None = None
) -> list[CommissionLine]:
    """Commission lines, oldest first."""
    rows = StaffCommission.rows()
    if staff_ids is not None:
        rows = rows.filter(staff_id__in=staff_ids)
    if bill_id is not None:
        rows = rows.filter(bill_id=bill_id)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return [commission_line(row) for row in rows.order_by("id")]
