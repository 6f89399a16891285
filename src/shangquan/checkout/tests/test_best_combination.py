"""Branch and bound finds what trying everything finds; and every quote adds up."""

from datetime import timedelta
from itertools import chain, combinations, product
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shangquan.checkout.contracts import PREPAID, Basket, Choice, DeductionKind, Limits, Offers
from shangquan.checkout.rules import alternatives, price, search
from shangquan.checkout.rules.applying import apply, points_for
from shangquan.checkout.rules.problem import Pick, Problem, pose
from shangquan.checkout.tests.pricing_cases import AT, baskets, busy_evening, offers
from shangquan.coupons.contracts import CouponKind, CouponPiece, CouponState, CouponTerms, Line, Stacking
from shangquan.coupons.rules import why_not_usable
from shangquan.points.contracts import PointsOffer

EVERYTHING = Limits(trials=10**9)


def _problem(basket: Basket, offered: Offers) -> Problem:
    usable = tuple(piece for piece in offered.pieces if why_not_usable(piece, basket, AT) is None)
    return pose(basket.lines, usable, offered, Choice())


def _try_everything(problem: Problem, must: frozenset[int] = frozenset()) -> search.Key | None:
    ranks = []
    every = chain.from_iterable(combinations(problem.candidates, n) for n in range(len(problem.candidates) + 1))
    for chosen in every:
        if not must <= {c.piece.piece_id for c in chosen}:
            continue
        if not all(search.together(one, other) for one, other in combinations(chosen, 2)):
            continue
        for targets in product(*(candidate.targets for candidate in chosen)):
            picks = tuple(Pick(candidate, target) for candidate, target in zip(chosen, targets, strict=True))
            if search.within_counts(picks, EVERYTHING) and (outcome := apply(problem, picks)) is not None:
                ranks.append(search.rank(outcome))
    return min(ranks, default=None)


@pytest.mark.feature("F9", "I1")
@settings(max_examples=200, deadline=None)
@given(baskets(), offers())
def test_branch_and_bound_equals_trying_everything(basket: Basket, offered: Offers) -> None:
    problem = _problem(basket, offered)
    found = search.best(problem, (), EVERYTHING)
    assert found is not None
    assert found.is_proven
    assert search.rank(found.outcome) == _try_everything(problem)


@settings(max_examples=60, deadline=None)
@given(baskets(), offers())
def test_a_forced_coupon_gets_the_best_company(basket: Basket, offered: Offers) -> None:
    problem = _problem(basket, offered)
    for candidate in problem.candidates:
        found = search.best(problem, (candidate,), EVERYTHING)
        best = _try_everything(problem, frozenset({candidate.piece.piece_id}))
        assert (search.rank(found.outcome) if found else None) == best


@pytest.mark.feature("F9", "T3")
@settings(max_examples=150, deadline=None)
@given(baskets(most=6), offers(most=7))
def test_every_quote_adds_up_to_the_fen(basket: Basket, offered: Offers) -> None:
    quote = price(basket, offered, AT)
    assert quote.list_fen == basket.list_fen == quote.saved_fen + quote.prepaid_fen + quote.payable_fen
    assert min(quote.payable_by_line().values()) >= 0
    assert sum(quote.payable_by_line().values()) == quote.payable_fen
    assert quote.saved_fen == sum(d.amount_fen for d in quote.deductions if d.kind not in PREPAID)
    for deduction in quote.deductions:
        assert deduction.amount_fen == sum(share.amount_fen for share in deduction.shares) > 0
        assert all(share.amount_fen > 0 and share.payer != "redeemer" for share in deduction.shares)
    used = [d.piece_id for d in quote.deductions if d.piece_id is not None]
    unused = [notice.piece_id for notice in quote.not_used]
    assert sorted(used + unused) == [piece.piece_id for piece in offered.pieces]
    assert all(n.payable_fen < quote.payable_fen and n.add_fen > 0 for n in quote.nudges)
    assert quote.points_used <= (offered.points.balance if offered.points else 0)


@settings(max_examples=50, deadline=None)
@given(baskets(), offers())
def test_the_same_question_has_the_same_answer(basket: Basket, offered: Offers) -> None:
    turned = Offers(tuple(reversed(offered.pieces)), offered.tier, offered.points)
    assert price(basket, offered, AT).deductions == price(basket, turned, AT).deductions


@settings(max_examples=50, deadline=None)
@given(baskets(), offers(), st.data())
def test_choices_are_kept(basket: Basket, offered: Offers, data: st.DataObject) -> None:
    ids = [piece.piece_id for piece in offered.pieces]
    unwanted = frozenset(data.draw(st.lists(st.sampled_from(ids), max_size=3)) if ids else [])
    quote = price(basket, offered, AT, Choice(excluded=unwanted, use_points=False))
    assert unwanted.isdisjoint({d.piece_id for d in quote.deductions})
    assert quote.points_used == 0
    only = tuple(data.draw(st.lists(st.sampled_from(ids), max_size=2)) if ids else [])
    forced = price(basket, offered, AT, Choice(forced=only, only_forced=True))
    assert {d.piece_id for d in forced.deductions} - {None} <= set(only)


@settings(max_examples=30, deadline=None)
@given(baskets(), offers())
def test_other_combinations_differ_and_come_best_first(basket: Basket, offered: Offers) -> None:
    quotes = alternatives(4, basket, offered, AT)
    sets = [frozenset(d.piece_id for d in q.deductions if d.kind is not DeductionKind.ECASH) for q in quotes]
    assert quotes[0].deductions == price(basket, offered, AT).deductions
    assert len(set(sets)) == len(sets) <= 4


@pytest.mark.feature("G6")
@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 3000),
    st.integers(0, 4000),
    st.sampled_from([1, 7, 30, 100]),
    st.sampled_from([1, 50, 100]),
    st.integers(0, 300),
    st.sampled_from([500, 2000, 10_000]),
)
def test_points_pay_the_most_by_the_fewest(
    base: int, balance: int, per_yuan: int, step: int, minimum: int, share: int
) -> None:
    offer = PointsOffer(balance, per_yuan, step, minimum, share)
    cap = base * share // 10_000
    legal = [p for p in range(0, balance + 1, step) if p >= minimum and 0 < p * 100 // per_yuan <= cap]
    expected = max(((p * 100 // per_yuan, -p) for p in legal), default=(0, 0))
    assert points_for(offer, base) == (-expected[1], expected[0])


@pytest.mark.parametrize("groups", ["a", "ab", "abcd"])
def test_a_busy_evening_needs_few_trials(groups: str) -> None:
    trials = []
    for seed in range(15):
        found = search.best(_problem(*busy_evening(seed, groups)), (), Limits())
        assert found is not None
        assert found.is_proven
        trials.append(found.trials)
    assert sorted(trials)[7] < 100, trials


def test_a_busy_evening_is_priced_in_time() -> None:
    spent = []
    for seed in range(9):
        began = process_time()
        price(*busy_evening(seed, "abc"), AT)
        spent.append(process_time() - began)
    assert sorted(spent)[4] < 0.05, spent  # 7 ms on an idle machine; the rest is for a slow one


def test_the_search_has_a_hard_bound_and_says_so() -> None:
    basket, offered = _hard()
    quote = price(basket, offered, AT, limits=Limits(trials=200))
    assert not quote.is_proven
    assert quote.list_fen == quote.saved_fen + quote.prepaid_fen + quote.payable_fen


def _hard() -> tuple[Basket, Offers]:
    lines = tuple(Line(i, i, 1, 1, 1, 1, 9_973 + 17 * i) for i in range(1, 21))
    terms = [
        CouponTerms(i, CouponKind.DISCOUNT, "折", "off", payable_bp=9_000 + 7 * i, stacking=Stacking(group=f"g{i}"))
        for i in range(30)
    ]
    day = timedelta(days=1)
    held = tuple(
        CouponPiece(t.campaign_id + 1, "", CouponState.UNUSED, t, AT - day, AT + day * (1 + t.campaign_id % 5))
        for t in terms
    )
    return Basket(lines), Offers(held)
