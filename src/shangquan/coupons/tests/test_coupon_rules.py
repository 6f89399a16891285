"""Each "no" has its own reason; windows and hours are local."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shangquan.coupons.contracts import (
    Basket,
    CouponKind,
    CouponPiece,
    CouponState,
    CouponTerms,
    Hours,
    Line,
    PayerShare,
    Scope,
    Validity,
)
from shangquan.coupons.rules import discount_for, eligible_lines, valid_window, why_not_usable

ZONE = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 11, 22, 18, 23, tzinfo=ZONE)
TERMS = CouponTerms(1, CouponKind.CASH, "满 150 减 30", "30 off 150", min_spend_fen=15_000, amount_fen=3_000)
PIECE = CouponPiece(1, "A", CouponState.UNUSED, TERMS, SUNDAY - timedelta(days=1), SUNDAY + timedelta(days=1))
BASKET = Basket((Line(1, 11, 5, 1, 101, 2, 9_900),))


def _with(**terms: object) -> CouponPiece:
    return replace(PIECE, terms=replace(TERMS, **terms))


def _code(piece: CouponPiece, at: datetime = SUNDAY, basket: Basket = BASKET) -> str | None:
    why = why_not_usable(piece, basket, at)
    if why is not None:
        assert why.zh
        assert why.en
    return None if why is None else why.code


@pytest.mark.feature("I3", "F9")
def test_a_good_piece_is_usable() -> None:
    assert _code(PIECE) is None


@pytest.mark.feature("I3")
@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (replace(PIECE, state=CouponState.USED), "used"),
        (replace(PIECE, state=CouponState.HELD, held_for=9), "held"),
        (replace(PIECE, state=CouponState.GIVEN), "given"),
        (replace(PIECE, state=CouponState.VOID), "void"),
        (replace(PIECE, valid_from=SUNDAY + timedelta(seconds=1)), "too_early"),
        (replace(PIECE, valid_to=SUNDAY), "expired"),
        (_with(kind=CouponKind.PARKING), "gate_only"),
        (_with(weekdays=frozenset({0, 1})), "weekday"),
        (_with(hours=(Hours(10 * 60, 18 * 60),)), "hour"),
        (_with(scope=Scope(merchants_in=frozenset({2}))), "wrong_merchant"),
        (_with(scope=Scope(merchants_out=frozenset({1}))), "wrong_merchant"),
        (_with(scope=Scope(stores_in=frozenset({102}))), "wrong_store"),
        (_with(scope=Scope(stores_out=frozenset({101}))), "wrong_store"),
        (_with(scope=Scope(products_in=frozenset({12}))), "no_eligible_product"),
        (_with(scope=Scope(categories_out=frozenset({5}))), "no_eligible_product"),
        (replace(_with(kind=CouponKind.GROUP_BUY), items_left=((11, 0),)), "nothing_left"),
        (replace(_with(kind=CouponKind.GROUP_BUY), items_left=((12, 1),)), "no_eligible_product"),
        (_with(kind=CouponKind.ECASH), "nothing_left"),
        (_with(min_spend_fen=20_000), "min_spend"),
    ],
)
def test_each_reason_is_its_own(piece: CouponPiece, code: str) -> None:
    assert _code(piece) == code


def test_the_missing_amount_is_said() -> None:
    why = why_not_usable(_with(min_spend_fen=20_000), BASKET, SUNDAY)
    assert why is not None
    assert (why.zh, why.en, why.data) == ("还差 ¥2.00", "¥2.00 short", {"short_fen": 200})


@pytest.mark.feature("F9")
def test_a_coupon_held_for_this_bill_stays_usable_for_it() -> None:
    held = replace(PIECE, state=CouponState.HELD, held_for=9)
    assert _code(held, basket=replace(BASKET, bill_id=9)) is None
    assert _code(held, basket=replace(BASKET, bill_id=8)) == "held"


@pytest.mark.parametrize(
    ("hour", "weekdays", "code"),
    [(23, {6}, None), (1, {6}, "weekday"), (1, {5}, None), (2, {5, 6}, "hour"), (21, {6}, "hour")],
)
def test_hours_over_midnight_belong_to_the_evening_before(hour: int, weekdays: set[int], code: str | None) -> None:
    piece = _with(hours=(Hours(22 * 60, 2 * 60),), weekdays=frozenset(weekdays))
    piece = replace(piece, valid_from=SUNDAY - timedelta(days=2))
    assert _code(piece, SUNDAY.replace(hour=hour, minute=0)) == code


def test_hours_are_read_in_the_districts_zone() -> None:
    piece = _with(hours=(Hours(18 * 60, 19 * 60),))
    assert _code(piece, SUNDAY) is None
    assert _code(piece, SUNDAY.astimezone(UTC)) == "hour"


@pytest.mark.feature("F11")
def test_issued_at_a_used_at_b() -> None:
    cross = _with(issuer_id=1, scope=Scope(merchants_in=frozenset({2})))
    at_b = Basket((Line(1, 21, 5, 2, 201, 1, 20_000),))
    assert _code(cross) == "wrong_merchant"
    assert _code(cross, basket=at_b) is None


@pytest.mark.feature("F4")
def test_only_the_listed_lines_count() -> None:
    basket = Basket((*BASKET.lines, Line(2, 12, 6, 2, 201, 1, 90_000)))
    piece = _with(scope=Scope(merchants_in=frozenset({1})))
    assert [line.line_id for line in eligible_lines(piece, basket.lines)] == [1]
    assert _code(replace(piece, terms=replace(piece.terms, min_spend_fen=19_801)), basket=basket) == "min_spend"


def test_products_and_categories_are_one_list_and_out_wins() -> None:
    lines = (Line(1, 11, 5, 1, 1, 1, 1), Line(2, 12, 6, 1, 1, 1, 1), Line(3, 13, 6, 1, 1, 1, 1))
    goods = Scope(products_in=frozenset({11}), categories_in=frozenset({6}), products_out=frozenset({13}))
    assert [line.line_id for line in eligible_lines(_with(scope=goods), lines)] == [1, 2]


@pytest.mark.feature("F1")
def test_amounts() -> None:
    assert discount_for(TERMS, 15_000) == 3_000
    assert discount_for(TERMS, 2_000) == 2_000
    nine = replace(TERMS, kind=CouponKind.DISCOUNT, payable_bp=9_000)
    assert discount_for(nine, 19_800) == 1_980
    assert discount_for(nine, 15) == 2  # 1.5 fen, half up
    assert discount_for(replace(nine, cap_fen=1_000), 19_800) == 1_000
    with pytest.raises(ValueError, match="amount off"):
        discount_for(replace(TERMS, kind=CouponKind.PARKING), 100)


@pytest.mark.parametrize(
    ("validity", "begins", "ends"),
    [
        (Validity(days=7), SUNDAY, datetime(2026, 11, 29, tzinfo=ZONE)),
        (Validity(days=1), SUNDAY, datetime(2026, 11, 23, tzinfo=ZONE)),
        (
            Validity(begins_after_days=1, days=1),
            datetime(2026, 11, 23, tzinfo=ZONE),
            datetime(2026, 11, 24, tzinfo=ZONE),
        ),
        (Validity(ends_at=datetime(2026, 11, 30, tzinfo=UTC)), SUNDAY, datetime(2026, 11, 30, tzinfo=UTC)),
        (Validity(ends_at=datetime(2026, 11, 24, tzinfo=UTC), days=30), SUNDAY, datetime(2026, 11, 24, tzinfo=UTC)),
        (
            Validity(starts_at=datetime(2026, 11, 24, 4, tzinfo=UTC), days=2),
            datetime(2026, 11, 24, 12, tzinfo=ZONE),
            datetime(2026, 11, 26, tzinfo=ZONE),
        ),
    ],
)
def test_windows(validity: Validity, begins: datetime, ends: datetime) -> None:
    assert valid_window(SUNDAY, validity) == (begins, ends)


@pytest.mark.parametrize("validity", [Validity(), Validity(ends_at=SUNDAY)])
def test_windows_without_an_end_or_already_over_are_refused(validity: Validity) -> None:
    with pytest.raises(ValueError, match="validity"):
        valid_window(SUNDAY, validity)


def test_terms_that_do_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="sum to 10000"):
        replace(TERMS, payers=(PayerShare("owner", 9_999),))
    with pytest.raises(ValueError, match="payable_bp"):
        replace(TERMS, payable_bp=10_001)
    with pytest.raises(ValueError, match="not negative"):
        replace(TERMS, amount_fen=-1)
