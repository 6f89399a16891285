from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from shangquan.coupons import door
from shangquan.coupons.contracts import (
    ALREADY_USED,
    EXPIRED,
    HELD_ELSEWHERE,
    NO_PIECE,
    NOT_NOW,
    NOTHING_LEFT,
    TOO_EARLY,
    VOIDED,
    WRONG_MERCHANT,
    WRONG_STORE,
    Caps,
    CouponKind,
    CouponState,
    Hours,
    PieceUse,
    Scope,
    Validity,
)
from shangquan.coupons.models import Piece
from shangquan.coupons.models import PieceUse as UseRow
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import Make, actor, claimed, refusal, terms
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")
BILL, STORE, MERCHANT = 501, 31, 3


def use(piece_id: int, amount: int = 3000, **more: Any) -> PieceUse:
    return PieceUse(piece_id, amount, store_id=STORE, merchant_id=MERCHANT, **more)


def hold(piece_id: int, bill_id: int, now: datetime) -> None:
    with transaction():
        door.hold([piece_id], bill_id=bill_id, now=now)


def redeem(bill_id: int, now: datetime, *uses: PieceUse) -> None:
    with transaction():
        door.redeem(bill_id, uses, now=now)


def state(piece_id: int) -> str:
    return Piece.rows().get(id=piece_id).state


def test_a_held_piece_is_used_by_its_payment_or_is_back_at_once(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=9, per_member=2))
    paid, failed = claimed(now, campaign, 7), claimed(now, campaign, 7, "k2")
    for bill_id, piece_id in ((BILL, paid), (BILL + 1, failed)):
        hold(piece_id, bill_id, now)
        hold(piece_id, bill_id, now)  # a repeat
        assert state(piece_id) == CouponState.HELD
    redeem(BILL, now, use(paid))
    redeem(BILL, now, use(paid))  # a repeated notice
    with transaction():
        assert door.release(BILL + 1, now=now) == 1
        assert door.release(BILL + 1, now=now) == 0
    assert (state(paid), state(failed)) == (CouponState.USED, CouponState.UNUSED)
    assert UseRow.rows().count() == OutboxEvent.objects.filter(name="coupon_redeemed").count() == 1
    card = door.piece(paid)
    assert (card.used_bill_id, card.used_store_id, card.used_amount_fen) == (BILL, STORE, 3000)


def test_pieces_are_held_together_or_not_at_all(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=9, per_member=2))
    free, taken = claimed(now, campaign, 7), claimed(now, campaign, 7, "k2")
    hold(taken, BILL, now)
    assert refusal(lambda: door.hold([free, taken], bill_id=BILL + 1, now=now)).reason is HELD_ELSEWHERE
    assert state(free) == CouponState.UNUSED


def test_what_the_bill_holds_and_does_not_use_is_let_go(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=9, per_member=2))
    one, two = claimed(now, campaign, 7), claimed(now, campaign, 7, "k2")
    with transaction():
        door.hold([one, two], bill_id=BILL, now=now)
    redeem(BILL, now, use(one))
    assert (state(one), state(two)) == (CouponState.USED, CouponState.UNUSED)


@pytest.mark.feature("F8")
def test_a_used_piece_says_who_where_and_when(make: Make, now: datetime) -> None:
    merchant_id, store_id = shop("小禾童装", "2F-207", now)
    piece_id = claimed(now, make(terms(min_spend_fen=0)), 7)
    code = door.piece(piece_id).code
    with scope.scope(scope.district_id(), actor=actor(merchant_id, store_id)), transaction():
        first = door.check_off(code, merchant_id=merchant_id, store_id=store_id, key="request-1", now=now)
    with scope.scope(scope.district_id(), actor=actor(merchant_id, store_id)), transaction():
        spoken = f"{code[:4].lower()} {code[4:8]}-{code[8:]}"
        again = door.check_off(spoken, merchant_id=merchant_id, store_id=store_id, key="request-1", now=now)
    assert again == first and first.state is CouponState.USED
    refused = refusal(
        lambda: door.check_off(code, merchant_id=merchant_id, store_id=store_id, key="request-2", now=now)
    )
    assert refused.reason is ALREADY_USED
    assert refused.zh == "这张券已用过（11-22 18:24，小禾童装，小周）。"
    assert UseRow.rows().count() == 1


def test_checking_off_needs_the_right_at_that_store(make: Make, now: datetime) -> None:
    code = door.piece(claimed(now, make(terms(min_spend_fen=0)), 7)).code
    with scope.scope(scope.district_id(), actor=actor(4, 41)):
        refused = refusal(lambda: door.check_off(code, merchant_id=3, store_id=31, key="request-1", now=now))
    assert refused.reason is FORBIDDEN


@pytest.mark.feature("I3")
def test_each_wrong_piece_has_its_own_answer_and_is_not_consumed(make: Make, now: datetime) -> None:
    merchant_id, store_id = shop("小禾童装", "2F-207", now)
    here = Scope(merchants_in=frozenset({merchant_id}), stores_in=frozenset({store_id}))
    later = Validity(starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=5))

    def piece(hours: tuple[Hours, ...] = (), **more: Any) -> int:
        return claimed(now, make(terms(min_spend_fen=0, scope=here, hours=hours), **more), 7)

    def check(piece_id: int, store: int = store_id, merchant: int = merchant_id, key: str = "request-1") -> None:
        door.check_off(door.piece(piece_id).code, merchant_id=merchant, store_id=store, key=key, now=now)

    good, early, lunch, expired, void, used, paying = (
        piece(), piece(validity=later), piece(hours=(Hours(600, 840),)), piece(), piece(), piece(), piece(),
    )  # fmt: skip
    Piece.rows().filter(id=expired).update(valid_from=now - timedelta(days=3), valid_to=now - timedelta(days=1))
    with transaction():
        door.void_piece(void, reason="印错")
        check(used)
    hold(paying, BILL, now)
    before = dict(Piece.rows().values_list("id", "state"))
    answers = [
        refusal(lambda: check(good, store=store_id + 1)),
        refusal(lambda: check(good, merchant=merchant_id + 1)),
        refusal(lambda: check(early)),
        refusal(lambda: check(lunch)),
        refusal(lambda: check(expired)),
        refusal(lambda: check(void)),
        refusal(lambda: check(paying)),
        refusal(lambda: check(used, key="request-2")),
    ]
    assert [answer.reason for answer in answers] == [
        WRONG_STORE, WRONG_MERCHANT, TOO_EARLY, NOT_NOW, EXPIRED, VOIDED, HELD_ELSEWHERE, ALREADY_USED,
    ]  # fmt: skip
    assert len({answer.zh for answer in answers}) == len(answers) and all("…" not in answer.zh for answer in answers)
    assert dict(Piece.rows().values_list("id", "state")) == before and UseRow.rows().count() == 1
    assert (
        refusal(lambda: door.check_off("NOSUCHCODE22", merchant_id=1, store_id=1, key="request-1", now=now)).reason
        is NO_PIECE
    )


@pytest.mark.feature("I3")
def test_a_partly_used_group_voucher_keeps_the_rest(make: Make, now: datetime) -> None:
    merchant_id, store_id = shop("山下面馆", "B1-018", now)
    meal = make(terms(CouponKind.GROUP_BUY, items=((11, 2), (12, 1)), sold_fen=9900))
    piece_id = claimed(now, meal, 7)
    code = door.piece(piece_id).code

    def take(key: str, *taken: tuple[int, int]) -> Any:
        return door.check_off(code, merchant_id=merchant_id, store_id=store_id, key=key, now=now, taken=taken)

    with transaction():
        card = take("request-1", (11, 1))
    assert (card.state, card.piece.items_left) == (CouponState.UNUSED, ((11, 1), (12, 1)))
    assert refusal(lambda: take("request-2", (11, 2))).reason is NOTHING_LEFT
    with transaction():
        assert take("request-1", (11, 1)).piece.items_left == ((11, 1), (12, 1))  # a repeat hands out nothing more
        rest = take("request-3")
    assert (rest.state, rest.piece.items_left) == (CouponState.USED, ())


def test_electronic_cash_is_used_in_parts_and_comes_back_in_parts(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(terms(CouponKind.ECASH, amount_fen=5000)), 7)
    hold(piece_id, BILL, now)
    redeem(BILL, now, use(piece_id, 3200))
    card = door.piece(piece_id)
    assert (card.state, card.piece.rest_fen) == (CouponState.UNUSED, 1800)
    assert refusal(lambda: door.redeem(BILL + 1, [use(piece_id, 1801)], now=now)).reason is NOTHING_LEFT
    for _ in range(2):  # the second is a repeat
        with transaction():
            door.give_back(BILL, [piece_id], refund_id=1, now=now, ecash_fen={piece_id: 200})
    assert door.piece(piece_id).piece.rest_fen == 2000
    with transaction():
        door.give_back(BILL, [piece_id], refund_id=2, now=now)
        assert door.give_back(BILL, [piece_id], refund_id=3, now=now) == []
    assert door.piece(piece_id).piece.rest_fen == 5000


def test_a_refund_gives_a_piece_back_once_with_what_it_held(make: Make, now: datetime) -> None:
    meal = make(terms(CouponKind.GROUP_BUY, items=((11, 2),)))
    piece_id = claimed(now, meal, 7)
    hold(piece_id, BILL, now)
    redeem(BILL, now, use(piece_id, 0, items=((11, 2),)))
    assert state(piece_id) == CouponState.USED
    for _ in range(2):
        with transaction():
            door.give_back(BILL, [piece_id], refund_id=1, now=now)
    card = door.piece(piece_id)
    assert (card.state, card.piece.items_left, card.used_amount_fen) == (CouponState.UNUSED, ((11, 2),), 0)
    assert OutboxEvent.objects.filter(name="coupon_returned").count() == 1
    hold(piece_id, BILL + 1, now)  # and it works again
    redeem(BILL + 1, now, use(piece_id, 0, items=((11, 2),)))
    assert state(piece_id) == CouponState.USED


def test_a_void_piece_is_void_for_good_and_a_used_one_cannot_be_withdrawn(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=2, per_member=2))
    one, two = claimed(now, campaign, 7), claimed(now, campaign, 7, "k2")
    for _ in range(2):
        with transaction():
            door.void_piece(one, reason="误发")
    redeem(BILL, now, use(two))
    assert refusal(lambda: door.void_piece(two, reason="误发")).reason is ALREADY_USED
    assert refusal(lambda: door.hold([one], bill_id=BILL, now=now)).reason is VOIDED


@pytest.mark.parametrize("statement", ["update coupons_piece_use set amount_fen = 0", "delete from coupons_piece_use"])
def test_the_application_cannot_change_a_use(statement: str) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_a_used_piece_without_its_moment(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(), 7)
    with pytest.raises(IntegrityError, match="coupons_used_says_when"), connection.cursor() as cursor:
        cursor.execute("update coupons_piece set state = 'used' where id = %s", [piece_id])
