"""Small random baskets and coupons for the property tests."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from shangquan.checkout.contracts import Basket, Line, Offers, PointsOffer, TierDiscount
from shangquan.coupons.contracts import CouponKind, CouponPiece, CouponState, CouponTerms, Scope, Stacking
from shangquan.points.contracts import OWNER, REDEEMER, PayerShare

AT = datetime(2026, 11, 22, 10, 23, tzinfo=UTC)
GOODS = st.integers(1, 4)
PAYERS = st.sampled_from(
    [
        (PayerShare(OWNER, 10_000),),
        (PayerShare(REDEEMER, 10_000),),
        (PayerShare(OWNER, 3_333), PayerShare(REDEEMER, 6_667)),
        (PayerShare("merchant:1", 6_000), PayerShare(REDEEMER, 4_000)),
    ]
)


@st.composite
def lines(draw: st.DrawFn, most: int = 4) -> tuple[Line, ...]:
    count = draw(st.integers(1, most))
    return tuple(
        Line(
            line_id=i,
            product_id=draw(GOODS),
            category_id=draw(st.integers(1, 2)),
            merchant_id=(merchant := draw(st.integers(1, 2))),
            store_id=merchant,
            quantity=draw(st.integers(1, 3)),
            unit_fen=draw(st.sampled_from([0, 1, 99, 333, 1000, 1999, 5000])),
        )
        for i in range(1, count + 1)
    )


def _some(values: st.SearchStrategy[int]) -> st.SearchStrategy[frozenset[int]]:
    return st.one_of(st.just(frozenset[int]()), st.frozensets(values, min_size=1, max_size=2))


@st.composite
def pieces(draw: st.DrawFn, piece_id: int) -> CouponPiece:
    kind = draw(st.sampled_from([kind for kind in CouponKind if kind is not CouponKind.PARKING]))
    items = tuple((product, draw(st.integers(1, 2))) for product in draw(st.sets(GOODS, min_size=1, max_size=2)))
    stacking = Stacking(
        group=draw(st.sampled_from("abc")),
        stacks_with=draw(st.sampled_from([None, frozenset("ab"), frozenset("c"), frozenset("abc")])),
        exclusive=draw(st.integers(0, 9)) == 0,
        with_tier=draw(st.booleans()),
        with_points=draw(st.booleans()),
        per_bill=draw(st.sampled_from([1, 1, 1, 2])),
    )
    terms = CouponTerms(
        campaign_id=draw(st.sampled_from([piece_id, 100])),
        kind=kind,
        title_zh="券",
        title_en="coupon",
        min_spend_fen=draw(st.sampled_from([0, 0, 500, 3000, 8000])),
        amount_fen=draw(st.sampled_from([1, 100, 1000, 3000])),
        payable_bp=draw(st.sampled_from([0, 5000, 8800, 9500])),
        cap_fen=draw(st.sampled_from([None, None, 200, 1500])),
        fixed_price_fen=draw(st.sampled_from([0, 1, 500])),
        items=items,
        is_divisible=draw(st.booleans()),
        scope=Scope(merchants_in=draw(_some(st.integers(1, 2))), products_in=draw(_some(GOODS))),
        stacking=stacking,
        payers=draw(PAYERS),
    )
    until = AT + timedelta(days=draw(st.integers(1, 3)))
    rest = draw(st.sampled_from([0, 100, 2500])) if kind is CouponKind.ECASH else 0
    return CouponPiece(piece_id, "", CouponState.UNUSED, terms, AT - timedelta(days=1), until, rest, items)


@st.composite
def offers(draw: st.DrawFn, most: int = 5) -> Offers:
    count = draw(st.integers(0, most))
    tier = TierDiscount("gold", "金卡价", "Gold price", draw(st.sampled_from([8000, 9500])), frozenset({1}))
    points = PointsOffer(
        balance=draw(st.sampled_from([0, 99, 1000, 5000])),
        points_per_yuan=draw(st.sampled_from([100, 30, 7])),
        step=draw(st.sampled_from([1, 100, 500])),
        minimum=draw(st.sampled_from([0, 150])),
        max_share_bp=draw(st.sampled_from([500, 2000, 10_000])),
        merchant_ids=draw(st.sampled_from([None, frozenset({1})])),
    )
    return Offers(
        tuple(draw(pieces(i)) for i in range(1, count + 1)),
        draw(st.sampled_from([None, tier])),
        draw(st.sampled_from([None, points])),
    )


@st.composite
def baskets(draw: st.DrawFn, most: int = 4) -> Basket:
    return Basket(draw(lines(most)))


def busy_evening(seed: int, groups: str) -> tuple[Basket, Offers]:
    """20 lines of three merchants and 30 coupons of all kinds, spread over stacking groups."""
    dice = Random(seed)
    basket = Basket(
        tuple(
            Line(
                i,
                dice.randint(1, 10),
                dice.randint(1, 3),
                dice.randint(1, 3),
                1,
                dice.randint(1, 3),
                dice.randint(100, 30_000),
            )
            for i in range(1, 21)
        )
    )
    kinds = [kind for kind in CouponKind if kind is not CouponKind.PARKING]
    held = tuple(_busy_piece(dice, i, kinds[i % len(kinds)], groups) for i in range(1, 31))
    tier = TierDiscount("gold", "金卡价", "Gold price", 9_500, frozenset({1, 2}))
    return basket, Offers(held, tier, PointsOffer(3_280, 100, 100, 0, 5_000))


def _busy_piece(dice: Random, i: int, kind: CouponKind, groups: str) -> CouponPiece:
    goods = frozenset(dice.sample(range(1, 11), 3)) if kind is CouponKind.EXCHANGE else frozenset[int]()
    places = frozenset(dice.sample([1, 2, 3], 2)) if dice.random() < 0.5 else frozenset[int]()
    items = ((dice.randint(1, 10), 2), (dice.randint(1, 10), 1)) if kind is CouponKind.GROUP_BUY else ()
    terms = CouponTerms(
        campaign_id=i,
        kind=kind,
        title_zh=f"券 {i}",
        title_en=f"coupon {i}",
        min_spend_fen=dice.choice([0, 5_000, 20_000, 50_000]),
        amount_fen=dice.choice([500, 1_000, 3_000, 10_000]),
        payable_bp=dice.choice([8_000, 9_000, 9_500]),
        cap_fen=dice.choice([None, 2_000]),
        items=items,
        scope=Scope(products_in=goods, merchants_in=places),
        stacking=Stacking(
            group=dice.choice(groups), with_tier=dice.random() < 0.7, with_points=dice.random() < 0.7,
            exclusive=dice.random() < 0.1,
        ),
    )  # fmt: skip
    until = AT + timedelta(days=dice.randint(1, 9))
    rest = 2_000 if kind is CouponKind.ECASH else 0
    return CouponPiece(i, "", CouponState.UNUSED, terms, AT - timedelta(days=1), until, rest, items)
