"""The plug of this room: who books a bill in the very transaction that pays or refunds it."""

from datetime import datetime
from typing import Protocol

from shangquan.checkout.contracts import PaidBill, RefundedBill


class BillPosting(Protocol):
    """Called inside the open transaction: what it writes commits with the payment, what it raises undoes it."""

    def on_paid(self, paid: PaidBill, now: datetime) -> None: ...

    def on_refunded(self, refund: RefundedBill, now: datetime) -> None: ...


_postings: list[BillPosting] = []


def register_posting(posting: BillPosting) -> None:
    """Registering the same object again changes nothing."""
    if posting not in _postings:
        _postings.append(posting)


def postings() -> tuple[BillPosting, ...]:
    return tuple(_postings)
