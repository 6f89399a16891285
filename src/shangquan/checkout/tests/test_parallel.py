"""Many at once, on a real database: one coupon pays one bill, one bill is paid once, returns never exceed it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection

from shangquan.checkout import door
from shangquan.checkout.contracts import BillState, Choice, LineDraft
from shangquan.checkout.models import Bill, BillRefund
from shangquan.checkout.tests.story import Books, FakeChannel, Mall, build
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponState
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, ChannelAnswer, Outcome
from shangquan.tenancy.actions.open_district import open_district

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(now: datetime) -> Iterator[Mall]:
    with transaction():
        district_id = open_district(slug="qiwuli", name="栖梧里", now=now)
    with scope.scope(district_id):
        yield build(now)


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment; answers results and refusals in order."""
    opened, gate = scope.current(), Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        with scope.scope(opened.district_id, actor=opened.actor):
            gate.wait(timeout=30)
            try:
                return work()
            except Refused as no:
                return no.reason.code
            finally:
                connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.feature("F9")
def test_two_tills_hold_one_coupon(crowd: Mall) -> None:
    piece = crowd.give(amount_fen=3_000)
    bills = [crowd.open(f"till-{i}-0001", choice=Choice(use_points=False)) for i in range(6)]
    at_once([lambda b=bill: crowd.hold(b.id, expected_fen=16_800) for bill in bills])  # type: ignore[misc]
    states = [door.bill(bill.id).state for bill in bills]
    assert states.count(BillState.HELD) == 1
    held = bills[states.index(BillState.HELD)]
    assert coupons.piece(piece.id).piece.held_for == held.id


@pytest.mark.feature("G12")
def test_points_are_not_spent_twice(crowd: Mall) -> None:
    lines = (LineDraft(title="外套", unit_fen=50_000),)
    bills = [crowd.open(f"till-{i}-0001", lines=lines) for i in range(5)]
    assert {bill.points_used for bill in bills} == {3_000}
    at_once([lambda b=bill: crowd.hold(b.id, expected_fen=47_000) for bill in bills])  # type: ignore[misc]
    assert [door.bill(bill.id).state for bill in bills].count(BillState.HELD) == 1
    assert crowd.points() == (280, 3_000)
    assert ledger.prove().holds


@pytest.mark.feature("I1")
def test_one_key_opens_one_bill(crowd: Mall) -> None:
    answers = at_once([lambda: crowd.open("till-1-0001").id for _ in range(8)])
    assert len(set(answers)) == 1
    assert Bill.rows().count() == 1


@pytest.mark.feature("H1", "I1")
def test_a_flood_of_notices_settles_once(crowd: Mall, channel: FakeChannel, books: Books) -> None:
    bill = crowd.open()
    _, intent = crowd.hold(bill.id, Channel.WECHAT_NATIVE)
    assert intent is not None
    answer = ChannelAnswer(Outcome.PAID, transaction_id="4200001", paid_fen=intent.amount_fen)
    number = intent.number
    at_once(
        [lambda: payments.record_result(number=number, answer=answer, now=crowd.now) for _ in range(8)]
        + [lambda: door.stop_payment(bill_id=bill.id, now=crowd.now) for _ in range(2)]
    )
    card = door.bill(bill.id)
    # The payer and the clerk raced: it is paid once and booked once, or stopped and the money goes back.
    assert card.state in (BillState.PAID, BillState.OPEN)
    assert len(books.paid) == (1 if card.state is BillState.PAID else 0)
    assert crowd.points() == ((2_280, 0) if card.state is BillState.PAID else (3_280, 0))
    assert ledger.prove().holds


@pytest.mark.feature("I1", "G2")
def test_returns_at_once_never_exceed_the_bill(crowd: Mall, books: Books) -> None:
    bill = crowd.pay(crowd.open().id)
    crowd.earn(bill.id)
    answers = at_once(
        [lambda i=i: crowd.refund(bill.id, {3: 1}, f"return-{i:04d}") for i in range(4)]  # type: ignore[misc]
        + [lambda i=i: crowd.refund(bill.id, None, f"return-{i:04d}") for i in range(4, 6)]  # type: ignore[misc]
        + [lambda: crowd.refund(bill.id, {1: 1}, "return-same") for _ in range(2)]
    )
    assert all(isinstance(answer, str) or answer for answer in answers)
    card = door.bill(bill.id)
    assert (card.state, card.refunded_fen) == (BillState.REFUNDED, card.payable_fen)
    assert sum(BillRefund.rows().values_list("refund_fen", flat=True)) == card.payable_fen
    assert crowd.points() == (3_280, 0)
    assert ledger.prove().holds


@pytest.mark.feature("F9")
def test_a_coupon_that_two_bills_want_is_used_by_one_and_kept_for_nobody(crowd: Mall) -> None:
    piece = crowd.give(amount_fen=3_000)
    bills = [crowd.open(f"till-{i}-0001") for i in range(4)]
    at_once([lambda b=bill: crowd.pay(b.id) for bill in bills])  # type: ignore[misc]
    paid = [door.bill(bill.id) for bill in bills]
    used = [bill.id for bill in paid if piece.id in door.pieces_used(bill.id)]
    assert len(used) == 1
    assert coupons.piece(piece.id).state == CouponState.USED
    assert coupons.piece(piece.id).used_bill_id == used[0]
    assert ledger.prove().holds
