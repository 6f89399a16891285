from datetime import datetime

import pytest

from shangquan.coupons import door
from shangquan.coupons.contracts import (
    BAD_TERMS,
    WRONG_MERCHANT,
    Basket,
    Caps,
    Line,
    PayerShare,
    PieceUse,
    RuleCard,
    Scope,
    Source,
)
from shangquan.coupons.models import Piece
from shangquan.coupons.rules import why_not_usable
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import Make, actor, refusal, terms
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN
from shangquan.kernel.transactions import transaction
from shangquan.tenancy import door as tenancy

pytestmark = pytest.mark.usefixtures("district_id")
LIN, BILL = 7, 501


def rule(
    now: datetime,
    campaign_id: int,
    title: str = "支付后发券",
    priority: int = 0,
    minimum: int = 0,
    at: tuple[int, ...] = (),
) -> RuleCard:
    with transaction():
        return door.save_rule(
            title=title, campaign_id=campaign_id, merchants=at, minimum_fen=minimum, priority=priority, now=now
        )


def pay(bill_id: int, merchant_id: int, paid_fen: int, now: datetime) -> int | None:
    with transaction():
        piece = door.issue_after_payment(
            bill_id=bill_id, member_id=LIN, merchant_id=merchant_id, paid_fen=paid_fen, now=now
        )
    return None if piece is None else piece.id


@pytest.mark.feature("F10")
def test_a_payment_from_the_threshold_on_brings_one_coupon_however_often_it_is_told_of(
    make: Make, now: datetime
) -> None:
    rule(now, make(caps=Caps(total=9, per_member=None)).id, minimum=10_000)
    assert pay(BILL, 3, 9_999, now) is None
    first = pay(BILL, 3, 10_000, now)
    assert first is not None and [pay(BILL, 3, 10_000, now) for _ in range(3)] == [first] * 3
    assert Piece.rows().count() == 1
    assert pay(BILL + 1, 3, 10_000, now) not in (None, first)


def test_one_coupon_a_bill_even_when_rules_change_between_two_notices(make: Make, now: datetime) -> None:
    gone, other = make(caps=Caps(total=1, per_member=None)), make(caps=Caps(total=9, per_member=None))
    rule(now, gone.id, priority=9)
    rule(now, other.id, priority=1)
    assert pay(BILL, 3, 100, now) != pay(BILL + 1, 3, 100, now)  # the first choice has run out
    assert Piece.rows().filter(campaign_id=other.id).count() == 1
    with transaction():
        door.raise_stock(gone.id, 5, now=now)
    pay(BILL + 1, 3, 100, now)
    assert Piece.rows().count() == 2


def test_rules_belong_to_the_owner(make: Make, now: datetime) -> None:
    campaign = make()
    with scope.scope(scope.district_id(), actor=actor(3)):
        refused = refusal(lambda: door.save_rule(title="x", campaign_id=campaign.id, now=now))
    assert refused.reason is FORBIDDEN
    assert (
        refusal(lambda: door.save_rule(title="x", campaign_id=campaign.id, minimum_fen=-1, now=now)).reason is BAD_TERMS
    )
    made = rule(now, campaign.id, at=(3,))
    with transaction():
        door.save_rule(title="停", campaign_id=campaign.id, merchants=(3,), is_active=False, now=now, rule_id=made.id)
    assert pay(BILL, 3, 100, now) is None
    with scope.scope(scope.district_id(), actor=actor(4)):
        assert door.rule_lists.rules() == []
    with scope.scope(scope.district_id(), actor=actor(3)):
        assert [card.title for card in door.rule_lists.rules()] == ["停"]


@pytest.mark.feature("F11")
def test_pay_at_a_use_at_b_and_both_sides_are_in_the_report(make: Make, now: datetime) -> None:
    wear, wear_store = shop("小禾童装", "2F-207", now)
    toys, toys_store = shop("阿橘玩具", "3F-312", now)
    split = (PayerShare(f"merchant:{wear}", 6000), PayerShare(f"merchant:{toys}", 4000))
    only_toys = Scope(merchants_in=frozenset({toys}))
    campaign = make(terms(amount_fen=2005, min_spend_fen=9900, issuer_id=wear, scope=only_toys, payers=split))
    rule(now, campaign.id, at=(wear,))
    assert pay(BILL, toys, 30_000, now) is None
    piece_id = pay(BILL, wear, 30_000, now)
    assert piece_id is not None
    piece = door.piece(piece_id)
    assert (piece.source, piece.issued_merchant_id) == (Source.PAY_PAGE, wear)

    def basket(merchant_id: int, store_id: int) -> Basket:
        return Basket((Line(1, None, None, merchant_id, store_id, 1, 12_000),))

    local = tenancy.local(now)
    refused = why_not_usable(piece.piece, basket(wear, wear_store), local)
    assert refused is not None and refused.code == "wrong_merchant"
    assert why_not_usable(piece.piece, basket(toys, toys_store), local) is None
    assert (
        refusal(
            lambda: door.check_off(
                piece.code, merchant_id=wear, store_id=wear_store, key="request-1", now=now, spend_fen=12_000
            )
        ).reason
        is WRONG_MERCHANT
    )
    with transaction():
        door.hold([piece_id], bill_id=BILL + 1, now=now)
        door.redeem(BILL + 1, [PieceUse(piece_id, 2005, toys_store, toys, basket_fen=12_000)], now=now)
    (row,) = door.flow(now.replace(hour=0), now.replace(hour=23))
    assert (row.from_merchant_id, row.to_merchant_id, row.redeemed) == (wear, toys, 1)
    assert (row.amount_fen, row.basket_fen) == (2005, 12_000)
    assert dict(row.borne) == {f"merchant:{wear}": 1203, f"merchant:{toys}": 802}
    assert door.flow(now.replace(hour=0), now.replace(hour=23), merchant_id=toys + 99) == []
    with transaction():
        door.give_back(BILL + 1, [piece_id], refund_id=1, now=now)
    assert door.flow(now.replace(hour=0), now.replace(hour=23)) == []
