"""F1: every kind of coupon, made in the coupons room, priced by the bill's rules on one reference basket."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shangquan.checkout.contracts import Basket, Line, Offers, Quote
from shangquan.checkout.rules import price
from shangquan.coupons import door
from shangquan.coupons.contracts import (
    CampaignDraft,
    ClaimRequest,
    CouponKind,
    CouponTerms,
    Scope,
    Source,
    Validity,
)
from shangquan.kernel.transactions import transaction
from shangquan.tenancy import door as tenancy

pytestmark = pytest.mark.usefixtures("district_id")
WEAR, STORE, LIN = 3, 31, 7
COAT, SOCKS = 11, 12
# 一件外套 158.00，两双袜子每双 20.00：198.00
BASKET = Basket((Line(1, COAT, 1, WEAR, STORE, 1, 15_800), Line(2, SOCKS, 2, WEAR, STORE, 2, 2_000)))


def claimed(now: datetime, kind: CouponKind, **face: Any) -> int:
    terms = CouponTerms(campaign_id=0, kind=kind, title_zh="参考券", title_en="Reference", **face)
    with transaction():
        draft = CampaignDraft(terms=terms, validity=Validity(ends_at=now + timedelta(days=8)))
        made = door.publish_campaign(door.draft_campaign(draft, now=now).id, now=now)
        return door.claim_one(ClaimRequest(made.id, LIN, Source.SHELF, "reference"), now=now).id


def priced(now: datetime, basket: Basket = BASKET) -> Quote:
    return price(basket, Offers(pieces=tuple(door.usable_for(LIN, now))), tenancy.local(now))


@pytest.mark.feature("F1")
@pytest.mark.parametrize(
    ("kind", "face", "off_fen", "prepaid_fen"),
    [
        # 8.5 折，最多减 40：198.00 的 15% 是 29.70
        (CouponKind.DISCOUNT, {"payable_bp": 8_500, "cap_fen": 4_000}, 2_970, 0),
        # 8.5 折，最多减 20
        (CouponKind.DISCOUNT, {"payable_bp": 8_500, "cap_fen": 2_000}, 2_000, 0),
        # 满 150 减 30
        (CouponKind.CASH, {"amount_fen": 3_000, "min_spend_fen": 15_000}, 3_000, 0),
        # 团购：一双袜子，先前已付
        (CouponKind.GROUP_BUY, {"items": ((SOCKS, 1),), "sold_fen": 1_500}, 0, 2_000),
        # 兑换：袜子一双，换购价 5.00
        (CouponKind.EXCHANGE, {"fixed_price_fen": 500, "scope": Scope(products_in=frozenset({SOCKS}))}, 1_500, 0),
        # 电子现金 50.00
        (CouponKind.ECASH, {"amount_fen": 5_000}, 0, 5_000),
    ],
)
def test_each_kind_takes_off_what_it_says(
    now: datetime, kind: CouponKind, face: dict[str, Any], off_fen: int, prepaid_fen: int
) -> None:
    piece_id = claimed(now, kind, **face)
    quote = priced(now)
    assert (quote.list_fen, quote.saved_fen, quote.prepaid_fen) == (19_800, off_fen, prepaid_fen)
    assert quote.payable_fen == 19_800 - off_fen - prepaid_fen
    assert [deduction.piece_id for deduction in quote.deductions] == [piece_id]


@pytest.mark.feature("F1")
def test_a_parking_coupon_waits_for_the_gate(now: datetime) -> None:
    claimed(now, CouponKind.PARKING, minutes=120)
    quote = priced(now)
    assert quote.payable_fen == 19_800 and [notice.why.code for notice in quote.not_used] == ["gate_only"]


@pytest.mark.feature("F1", "F4")
def test_a_universal_coupon_works_at_every_listed_merchant_and_a_merchants_own_at_it_alone(now: datetime) -> None:
    toys = 4
    listed = Scope(merchants_in=frozenset({WEAR, toys}))
    universal = claimed(now, CouponKind.CASH, amount_fen=1_000, scope=listed)
    own = claimed(now, CouponKind.CASH, amount_fen=500, scope=Scope(merchants_in=frozenset({WEAR})), issuer_id=WEAR)

    def at(merchant_id: int) -> Quote:
        return priced(now, Basket((Line(1, None, None, merchant_id, merchant_id * 10, 1, 9_000),)))

    assert [deduction.piece_id for deduction in at(WEAR).deductions] == [universal]
    assert [deduction.piece_id for deduction in at(toys).deductions] == [universal]
    assert {notice.piece_id: notice.why.code for notice in at(toys).not_used}[own] == "wrong_merchant"
    assert at(5).deductions == ()
