"""A return unwinds everything, to the fen, whatever the order."""

import pytest

from shangquan.checkout import door
from shangquan.checkout.contracts import (
    KEY_TAKEN,
    NOT_PAID,
    NOTHING_LEFT,
    RETURN_TOO_MUCH,
    BillState,
    Choice,
    LineDraft,
)
from shangquan.checkout.tests.story import Books, FakeChannel, Mall
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponKind, CouponState
from shangquan.kernel.errors import Reason, Refused
from shangquan.kernel.jobs import drain
from shangquan.ledger import door as ledger
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, RefundState


def refused(mall: Mall, bill_id: int, lines: dict[int, int] | None = None, key: str = "return-9999") -> Reason:
    with pytest.raises(Refused) as caught:
        mall.refund(bill_id, lines, key)
    return caught.value.reason


@pytest.mark.feature("I1", "G2", "G12", "T3")
def test_piece_by_piece_or_at_once_the_sums_are_the_bills(mall: Mall, books: Books, channel: FakeChannel) -> None:
    piece = mall.give(amount_fen=3_000, min_spend_fen=15_000)
    bill = mall.pay(mall.open().id, Channel.WECHAT_CODE)
    earned = mall.earn(bill.id)
    before = mall.points()[0]

    first = mall.refund(bill.id, {3: 1}, "return-0001")
    assert not first.is_whole
    assert door.bill(bill.id).state is BillState.PARTLY_REFUNDED
    assert coupons.piece(piece.id).state == CouponState.USED, "a line it touched is still with the customer"
    mall.refund(bill.id, {3: 1, 1: 1}, "return-0002")
    last = mall.refund(bill.id, None, "return-0003")

    assert last.is_whole
    assert last.coupons_back == (piece.id,)
    assert coupons.piece(piece.id).state == CouponState.UNUSED
    done = door.bill(bill.id)
    assert (done.state, done.refunded_fen) == (BillState.REFUNDED, bill.payable_fen)
    refunds = door.refunds_of(bill.id)
    assert sum(row.refund_fen for row in refunds) == bill.payable_fen
    assert sum(row.points_back for row in refunds) == 1_000
    assert sum(row.points_taken for row in refunds) == earned
    assert mall.points()[0] == before + 1_000 - earned == 3_280
    for part in books.refunded:
        assert part.list_fen == part.refund_fen + sum(d.amount_fen for d in part.deductions)
    assert sum(part.part_of(777) for part in books.refunded) == 777
    assert ledger.prove().holds
    drain()
    assert channel.asked.count("refund") == 3
    assert all(row.done_at for row in door.refunds_of(bill.id))
    assert bill.intent_id is not None
    assert {row.state for row in payments.refunds_of(bill.intent_id)} == {RefundState.DONE}


@pytest.mark.feature("I1")
def test_a_repeat_answers_the_first_return(mall: Mall) -> None:
    bill = mall.pay(mall.open().id)
    first = mall.refund(bill.id, {3: 1})
    assert mall.refund(bill.id, {3: 1}) == first
    assert door.bill(bill.id).refunded_fen == first.refund_fen
    assert refused(mall, bill.id, {1: 1}, "return-0001") is KEY_TAKEN


def test_what_cannot_come_back(mall: Mall) -> None:
    bill = mall.open()
    assert refused(mall, bill.id) is NOT_PAID
    mall.pay(bill.id)
    for lines in ({3: 3}, {9: 1}, {1: 0}, {}):
        assert refused(mall, bill.id, lines) is RETURN_TOO_MUCH
    mall.refund(bill.id, {3: 2}, "return-0001")
    assert refused(mall, bill.id, {3: 1}) is RETURN_TOO_MUCH
    mall.refund(bill.id, None, "return-0002")
    assert refused(mall, bill.id) is NOTHING_LEFT


@pytest.mark.feature("G2")
def test_points_booked_after_the_return_are_taken_back_then(mall: Mall) -> None:
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    mall.refund(bill.id, {1: 1}, "return-0001")
    mall.refund(bill.id, {3: 1}, "return-0002")
    assert mall.points() == (3_280, 0)
    earned = mall.earn(bill.id)
    assert earned == 129 + 39 + 60
    assert mall.points()[0] == 3_280 + 39 + 30
    mall.earn(bill.id)
    assert mall.points()[0] == 3_280 + 39 + 30, "once"
    mall.refund(bill.id, None, "return-0003")
    assert mall.points()[0] == 3_280


@pytest.mark.feature("G2")
def test_doubled_points_of_the_returned_product_go_even_when_spent(mall: Mall) -> None:
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    mall.earn(bill.id)
    assert mall.refund(bill.id, {3: 2}).points_taken == 60


@pytest.mark.feature("F1")
def test_ecash_returns_by_amount(mall: Mall, books: Books) -> None:
    piece = mall.give(CouponKind.ECASH, amount_fen=10_000, is_divisible=True)
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    assert coupons.piece(piece.id).piece.rest_fen == 0
    half = mall.refund(bill.id, {1: 1}, "return-0001")
    rest = coupons.piece(piece.id).piece.rest_fen
    assert half.refund_fen + rest == 12_900
    mall.refund(bill.id, None, "return-0002")
    assert coupons.piece(piece.id).piece.rest_fen == 10_000
    assert door.bill(bill.id).refunded_fen == bill.payable_fen


@pytest.mark.feature("H1")
def test_any_part_of_a_typed_amount_can_return(mall: Mall) -> None:
    bill = mall.pay(mall.open(lines=(LineDraft(amount_fen=8_850),), member_id=None).id)
    assert mall.refund(bill.id, {1: 1_000}, "return-0001").refund_fen == 1_000
    assert mall.refund(bill.id, None, "return-0002").refund_fen == 7_850


def test_a_bill_that_cost_no_money_returns_none(mall: Mall) -> None:
    piece = mall.give(CouponKind.ECASH, amount_fen=50_000)
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    back = mall.refund(bill.id)
    assert (back.refund_fen, back.payment_refund_id, back.done_at) == (0, None, mall.now)
    assert coupons.piece(piece.id).piece.rest_fen == 50_000
