"""Bills by number, member and store; newest first, paged by key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shangquan.checkout.access import bill_for
from shangquan.checkout.contracts import NO_BILL, NO_REFUND, BillCard, BillState, RefundCard
from shangquan.checkout.models import Bill, BillDeduction, BillRefund
from shangquan.checkout.queries.cards import bill_card, bill_cards, refund_card
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused

PAGE = 50
_PAID = (BillState.PAID, BillState.PARTLY_REFUNDED, BillState.REFUNDED)


def bill(bill_id: int) -> BillCard:
    """Refuses B-4041."""
    return bill_card(_row(id=bill_id))


def bill_by_number(number: str) -> BillCard:
    """Refuses B-4041."""
    return bill_card(_row(number=number))


def bills(ids: list[int]) -> dict[int, BillCard]:
    """By id; unknown ones are left out. Two queries."""
    return {card.id: card for card in bill_cards(Bill.rows().filter(id__in=ids))}


def bills_of_member(
    member_id: int, *, merchant_id: int | None = None, before: int | None = None, limit: int = PAGE
) -> list[BillCard]:
    """What a member has paid (at one merchant), newest first; `before` is the last bill id of the page above."""
    rows = Bill.rows().filter(member_id=member_id, state__in=_PAID)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    return bill_cards(_page(rows, before, limit))


def bills_of_store(
    store_id: int,
    *,
    states: tuple[BillState, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[BillCard]:
    """A store's bills, newest first; `since` and `until` bound when they were opened."""
    rows = Bill.rows().filter(store_id=store_id)
    if states:
        rows = rows.filter(state__in=states)
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    if until is not None:
        rows = rows.filter(opened_at__lt=until)
    return bill_cards(_page(rows, before, limit))


def bills_behind_wall(
    *,
    merchant_id: int | None = None,
    store_id: int | None = None,
    states: Sequence[BillState] = (),
    channel: str = "",
    number: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[BillCard]:
    """Bills that the acting staff may read, newest first: the owner's all, a merchant's or a store's their own.

    Needs `orders.read`. `number` is a whole one; `since` and `until` bound when a bill was opened. Two queries.
    """
    who = scope.require("orders.read")
    same = {
        "merchant_id": who.merchant_id if who.merchant_id is not None else merchant_id,
        "store_id": who.store_id if who.store_id is not None else store_id,
        "channel": channel or None,
        "number": number or None,
        "opened_at__gte": since,
        "opened_at__lt": until,
        "state__in": list(states) or None,
    }
    rows = Bill.rows().filter(**{name: value for name, value in same.items() if value is not None})
    return bill_cards(_page(rows, before, limit))


def bill_behind_wall(right: str, bill_id: int) -> BillCard:
    """For staff who hold `right` at the bill's store. Refuses B-4041 behind another merchant's wall, 403."""
    return bill_card(bill_for(right, id=bill_id))


def refunds_of(bill_id: int) -> list[RefundCard]:
    """Oldest first."""
    return [refund_card(row) for row in BillRefund.rows().filter(bill_id=bill_id).order_by("id")]


def refund(refund_id: int) -> RefundCard:
    """Refuses B-4042."""
    row = BillRefund.rows().filter(id=refund_id).first()
    if row is None:
        raise Refused(NO_REFUND)
    return refund_card(row)


def shown_quote(bill_id: int) -> dict[str, Any]:
    """The quote that was shown last, as plain values: what the receipt and the phone say. Refuses B-4041."""
    return dict(_row(id=bill_id).quote)


def pieces_used(bill_id: int) -> list[int]:
    """The coupon pieces that a held or paid bill uses, in the order of application."""
    rows = BillDeduction.rows().filter(bill_id=bill_id, piece_id__isnull=False).order_by("place")
    return [piece_id for piece_id in rows.values_list("piece_id", flat=True) if piece_id is not None]


def _row(**key: object) -> Bill:
    row = Bill.rows().filter(**key).first()
    if row is None:
        raise Refused(NO_BILL)
    return row


def _page(rows: Any, before: int | None, limit: int) -> Any:
    if before is not None:
        rows = rows.filter(id__lt=before)
    return rows.order_by("-id")[: min(limit, 200)]
