"""Whatever the sequence of partial refunds, returning everything gives exactly what was paid."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shangquan.checkout.contracts import Basket, DeductionKind, Offers, PaidLine, PaidShare, Quote, RefundSums
from shangquan.checkout.rules import price, refund_of
from shangquan.checkout.rules.refunding import split
from shangquan.checkout.tests.pricing_cases import AT, baskets, offers

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def _paid(quote: Quote, extra: st.DataObject) -> list[PaidLine]:
    left = quote.payable_by_line()
    return [
        PaidLine(
            line_id=line.line_id,
            product_id=line.product_id,
            merchant_id=line.merchant_id,
            store_id=line.store_id,
            quantity=line.quantity,
            list_fen=line.list_fen,
            paid_fen=left[line.line_id],
            shares=tuple(
                PaidShare(d.kind, d.ref, share.payer, share.amount_fen)
                for d in quote.deductions
                for share in d.shares
                if share.line_id == line.line_id
            ),
            points_used=extra.draw(st.integers(0, 50)),
            points_earned=extra.draw(st.integers(0, 50)),
            commission_fen=extra.draw(st.integers(0, 99)),
        )
        for line in quote.lines
    ]


@pytest.mark.feature("G2", "T3", "I1")
@settings(max_examples=120, deadline=None)
@given(baskets(), offers(), st.data())
def test_all_the_parts_make_the_whole(basket: Basket, offered: Offers, data: st.DataObject) -> None:
    paid = _paid(price(basket, offered, AT), data)
    waiting = data.draw(st.permutations([line.line_id for line in paid for _ in range(line.quantity)]))
    earlier: dict[int, int] = {}
    refunds: list[RefundSums] = []
    while waiting:
        size = data.draw(st.integers(1, len(waiting)))
        returned = {i: waiting[:size].count(i) for i in set(waiting[:size])}
        waiting = waiting[size:]
        refunds.append(refund_of(paid, returned, earlier))
        earlier = {line.line_id: earlier.get(line.line_id, 0) + returned.get(line.line_id, 0) for line in paid}
    _each_is_sound(refunds)
    _sums_are_the_originals(paid, refunds)
    assert [refund.is_whole for refund in refunds] == [False] * (len(refunds) - 1) + [True]
    whole_kinds = set(DeductionKind) - {DeductionKind.TIER, DeductionKind.POINTS, DeductionKind.ECASH}
    coupons = {share.ref for line in paid for share in line.shares if share.kind in whole_kinds}
    assert sorted(ref for refund in refunds for ref in refund.coupons_back) == sorted(coupons)


def _each_is_sound(refunds: list[RefundSums]) -> None:
    for refund in refunds:
        for line in refund.lines:
            parts = [line.paid_fen, *(share.amount_fen for share in line.shares)]
            assert min(parts) >= 0
            assert sum(parts) == line.list_fen
            assert min(line.points_used, line.points_earned, line.commission_fen) >= 0


def _sums_are_the_originals(paid: list[PaidLine], refunds: list[RefundSums]) -> None:
    for line in paid:
        parts = [part for refund in refunds for part in refund.lines if part.line_id == line.line_id]
        assert sum(part.quantity for part in parts) == line.quantity
        assert sum(part.paid_fen for part in parts) == line.paid_fen
        assert sum(part.points_used for part in parts) == line.points_used
        assert sum(part.points_earned for part in parts) == line.points_earned
        assert sum(part.commission_fen for part in parts) == line.commission_fen
        for i, share in enumerate(line.shares):
            assert sum(part.shares[i].amount_fen for part in parts) == share.amount_fen


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_split_never_takes_back_and_ends_at_the_weights(weights: list[int]) -> None:
    before = [0] * len(weights)
    for total in range(sum(weights) + 1):
        parts = split(total, weights)
        assert sum(parts) == total
        assert all(now >= was for now, was in zip(parts, before, strict=True))
        before = parts
    assert before == weights


def _one_line(kind: DeductionKind = DeductionKind.CASH) -> list[PaidLine]:
    share = PaidShare(kind, "7", "owner", 1000)
    return [
        PaidLine(1, 11, 1, 1, 3, 6000, 5000, (share,), points_earned=50),
        PaidLine(2, 12, 1, 1, 1, 3000, 3000, points_earned=60),
    ]


@pytest.mark.feature("G2")
def test_returning_a_double_points_product_takes_its_points_back() -> None:
    assert refund_of(_one_line(), {2: 1}, {}).points_taken == 60


@pytest.mark.feature("F9")
def test_a_coupon_goes_back_with_the_last_piece_it_touched() -> None:
    first = refund_of(_one_line(), {1: 2}, {})
    assert (first.refund_fen, first.coupons_back) == (3333, ())
    last = refund_of(_one_line(), {1: 1}, {1: 2})
    assert (last.refund_fen, last.coupons_back) == (1667, ("7",))
    assert refund_of(_one_line(), {2: 1}, {1: 3}).coupons_back == ()


def test_an_expired_coupon_does_not_go_back() -> None:
    sums = refund_of(_one_line(), {1: 3}, {}, expires={"7": NOW - timedelta(seconds=1)}, now=NOW)
    assert (sums.coupons_back, sums.coupons_lost) == ((), ("7",))


def test_ecash_goes_back_by_amount() -> None:
    sums = refund_of(_one_line(DeductionKind.ECASH), {1: 1}, {})
    assert sums.ecash_back() == {"7": 333}
    assert sums.coupons_back == ()


@pytest.mark.parametrize("returned", [{9: 1}, {1: 0}, {1: 4}, {1: -1}])
def test_more_than_was_bought_cannot_come_back(returned: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be returned"):
        refund_of(_one_line(), returned, {})


def test_what_came_back_cannot_come_back_again() -> None:
    with pytest.raises(ValueError, match="cannot be returned"):
        refund_of(_one_line(), {1: 2}, {1: 2})
