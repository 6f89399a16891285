"""What a bill at the till asks of the database: a ceiling, so that the next line of code is weighed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from shangquan.checkout import door
from shangquan.checkout.contracts import BillState
from shangquan.checkout.tests.story import Mall
from shangquan.ledger import door as ledger
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel

Ceiling = Callable[..., AbstractContextManager[Any]]


def test_a_members_bill_with_a_coupon_and_points(mall: Mall, django_assert_max_num_queries: Ceiling) -> None:
    """Opened, held and paid in cash, settlement's books included: 65 statements, and 12 words of its transactions."""
    mall.pay(mall.open("till-1-0000").id)  # the first of all opens the ledger's accounts
    mall.give(amount_fen=3_000, min_spend_fen=15_000)
    with django_assert_max_num_queries(77):
        bill = mall.open()
        _, intent = mall.hold(bill.id, Channel.CASH)
        assert intent is not None
        payments.charge(intent_id=intent.id, now=mall.now)
    paid = door.bill(bill.id)
    assert (paid.state, paid.payable_fen, paid.points_used) == (BillState.PAID, 15_800, 1_000)
    assert ledger.prove().holds
