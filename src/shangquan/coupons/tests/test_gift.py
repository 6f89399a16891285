from datetime import datetime, timedelta

import pytest

from shangquan.coupons import door
from shangquan.coupons.actions.gift import expire_gifts
from shangquan.coupons.contracts import (
    GIFT_GONE,
    GIVEN_AWAY,
    NO_GIFT,
    NO_PIECE,
    NOT_GIFTABLE,
    OWN_GIFT,
    CouponState,
    PieceUse,
    Source,
)
from shangquan.coupons.models import Piece
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import Make, claimed, refusal, terms
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")
LIN, CHEN, WU = 7, 8, 9


@pytest.mark.feature("F12")
def test_a_gift_is_recalled_before_and_is_the_receivers_after(make: Make, now: datetime) -> None:
    merchant_id, store_id = shop("小禾童装", "2F-207", now)
    piece_id = claimed(now, make(terms(min_spend_fen=0)), LIN)
    old_code = door.piece(piece_id).code

    def check(code: str) -> object:
        return door.check_off(code, merchant_id=merchant_id, store_id=store_id, key=f"key-{code}", now=now)

    with transaction():
        first = door.give(piece_id, giver_id=LIN, now=now, words="周末带娃去")
    assert refusal(lambda: check(old_code)).reason is GIVEN_AWAY  # while it is offered
    with transaction():
        assert door.recall(piece_id, giver_id=LIN, now=now).state is CouponState.UNUSED
    assert refusal(lambda: door.accept(first.token, receiver_id=CHEN, now=now)).reason is GIFT_GONE
    with transaction():
        second = door.give(piece_id, giver_id=LIN, now=now)
        mine = door.accept(second.token, receiver_id=CHEN, now=now)
        assert door.accept(second.token, receiver_id=CHEN, now=now) == mine  # a second tap
    assert (mine.member_id, mine.source, mine.state) == (CHEN, Source.GIFT, CouponState.UNUSED)
    assert mine.code != old_code and mine.piece.valid_to == door.piece(piece_id).piece.valid_to
    assert refusal(lambda: door.recall(piece_id, giver_id=LIN, now=now)).reason is GIFT_GONE
    assert refusal(lambda: door.accept(second.token, receiver_id=WU, now=now)).reason is GIFT_GONE
    assert refusal(lambda: check(old_code)).reason is GIVEN_AWAY  # a screenshot of the old code
    with transaction():
        check(mine.code)
    assert door.piece(mine.id).state is CouponState.USED


def test_who_may_give_what(make: Make, now: datetime) -> None:
    mine, stiff = claimed(now, make(), LIN), claimed(now, make(is_giftable=False), LIN)
    assert refusal(lambda: door.give(mine, giver_id=CHEN, now=now)).reason is NO_PIECE
    assert refusal(lambda: door.give(stiff, giver_id=LIN, now=now)).reason is NOT_GIFTABLE
    with transaction():
        gift = door.give(mine, giver_id=LIN, now=now)
    assert refusal(lambda: door.accept(gift.token, receiver_id=LIN, now=now)).reason is OWN_GIFT
    assert refusal(lambda: door.accept("guess", receiver_id=CHEN, now=now)).reason is NO_GIFT
    assert door.gift_by_token(gift.token).state == "open" and door.gift_by_token(gift.token).token == ""


def test_a_piece_that_was_used_and_came_back_stays_with_its_member(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(), LIN)
    with transaction():
        door.redeem(1, [PieceUse(piece_id, 3000, store_id=1, merchant_id=1)], now=now)
        door.give_back(1, [piece_id], refund_id=1, now=now)
    assert refusal(lambda: door.give(piece_id, giver_id=LIN, now=now)).reason is NOT_GIFTABLE


def test_giving_again_kills_the_first_link(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(), LIN)
    with transaction():
        first = door.give(piece_id, giver_id=LIN, now=now)
        second = door.give(piece_id, giver_id=LIN, now=now)
    assert refusal(lambda: door.accept(first.token, receiver_id=CHEN, now=now)).reason is GIFT_GONE
    with transaction():
        assert door.accept(second.token, receiver_id=CHEN, now=now).member_id == CHEN


def test_an_offer_nobody_took_goes_back(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(), LIN)
    with transaction():
        gift = door.give(piece_id, giver_id=LIN, now=now)
    late = now + timedelta(hours=24)
    assert refusal(lambda: door.accept(gift.token, receiver_id=CHEN, now=late)).reason is GIFT_GONE
    with transaction():
        assert expire_gifts(now=late - timedelta(seconds=1)) == 0
        assert (expire_gifts(now=late), expire_gifts(now=late)) == (1, 0)
    assert Piece.rows().get(id=piece_id).state == CouponState.UNUSED
