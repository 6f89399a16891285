from datetime import datetime, timedelta
from typing import Any

import pytest

from shangquan.coupons import door
from shangquan.coupons.contracts import Caps, CouponKind, PieceUse, Source
from shangquan.coupons.tests.story import Make, ask, claimed, terms
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")


def redeem(piece_id: int, bill_id: int, now: datetime, store_id: int = 31, amount: int = 3000) -> None:
    with transaction():
        door.redeem(bill_id, [PieceUse(piece_id, amount, store_id, 3, basket_fen=15_800)], now=now)


@pytest.mark.feature("F15")
def test_100_claimed_and_71_redeemed_are_71_percent_by_channel_and_store(
    make: Make, now: datetime, django_assert_max_num_queries: Any
) -> None:
    campaign, other = make(caps=Caps(total=500)), make()
    claimed(now, other, 1)
    ways = [Source.SHELF] * 60 + [Source.SHAKE] * 30 + [Source.RECEIPT] * 10
    with transaction():
        answers = door.claim([ask(campaign.id, n, source=way) for n, way in enumerate(ways)], now=now)
    pieces = [answer.piece_id for answer in answers if answer.piece_id is not None]
    used = pieces[:45] + pieces[60:80] + pieces[90:96]  # 45 + 20 + 6
    for n, piece_id in enumerate(used):
        redeem(piece_id, 1000 + n, now, store_id=31 if n < 50 else 32)
    with django_assert_max_num_queries(3):
        counted = door.figures_of_many([campaign.id, other.id], now)
    figures = counted[campaign.id]
    assert (figures.claimed, figures.redeemed, figures.redeemed_bp) == (100, 71, 7100)
    assert figures.amount_fen == 71 * 3000 and figures.basket_fen == 71 * 15_800
    assert [(one.key, one.claimed, one.redeemed) for one in figures.by_source] == [
        ("shelf", 60, 45), ("shake", 30, 20), ("receipt", 10, 6),
    ]  # fmt: skip
    assert sorted((one.key, one.redeemed, one.amount_fen) for one in figures.by_store) == [
        ("31", 50, 150_000), ("32", 21, 63_000),
    ]  # fmt: skip
    assert (counted[other.id].claimed, counted[other.id].redeemed_bp) == (1, 0)


def test_scene_codes_are_counted_apart(make: Make, now: datetime) -> None:
    from dataclasses import replace

    campaign = make()
    for member, scene in ((1, 501), (2, 501), (3, 502)):
        with transaction():
            door.claim([replace(ask(campaign.id, member), source_code_id=scene)], now=now)
    by_code = door.figures(campaign.id, now).by_code
    assert [(one.key, one.claimed) for one in by_code] == [("501", 2), ("502", 1)]


def test_gifts_refunds_and_parts_do_not_count_twice(make: Make, now: datetime) -> None:
    campaign = make(terms(CouponKind.ECASH, amount_fen=5000), caps=Caps(total=9, per_member=9))
    given, refunded, parts = (claimed(now, campaign, 7, key) for key in "abc")
    with transaction():
        gift = door.give(given, giver_id=7, now=now)
        new = door.accept(gift.token, receiver_id=8, now=now)
    redeem(new.id, 1, now, amount=5000)
    redeem(refunded, 2, now, amount=4000)
    with transaction():
        door.give_back(2, [refunded], refund_id=1, now=now)
    redeem(parts, 3, now, amount=1000)
    redeem(parts, 4, now, amount=500)
    with transaction():  # a part of one bill's use comes back: still a use
        door.give_back(3, [parts], refund_id=2, now=now, ecash_fen={parts: 400})
    figures = door.figures(campaign.id, now)
    assert (figures.claimed, figures.redeemed, figures.given, figures.amount_fen) == (3, 2, 1, 6100)
    assert [(one.key, one.claimed, one.redeemed) for one in figures.by_source] == [("shelf", 3, 2)]


def test_expired_and_withdrawn_pieces_are_told_apart(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=9, per_member=9))
    first = claimed(now, campaign, 7, "a")
    claimed(now, campaign, 7, "b")
    with transaction():
        door.void_piece(first, reason="误发")
    figures = door.figures(campaign.id, now + timedelta(days=8))
    assert (figures.expired, figures.void, figures.redeemed) == (1, 1, 0)


@pytest.mark.feature("F19")
def test_the_funnel_from_the_phone_to_the_basket(make: Make, now: datetime) -> None:
    campaign = make()
    pieces = [claimed(now, campaign, member) for member in range(5)]
    for piece_id in pieces[:3]:
        with transaction():
            door.note_shown(piece_id, now=now)
            door.note_shown(piece_id, now=now)
    for n, piece_id in enumerate(pieces[1:3] + pieces[4:]):  # the last was used without being shown first
        redeem(piece_id, n, now)
    funnel = door.funnel(campaign.id, now)
    assert (funnel.claimed, funnel.shown, funnel.redeemed) == (5, 4, 3)
    assert (funnel.basket_fen, funnel.amount_fen) == (3 * 15_800, 3 * 3000)
    assert door.funnel(campaign.id + 1, now).claimed == 0


@pytest.mark.feature("F16")
def test_one_piece_in_each_state_is_in_its_tab(make: Make, now: datetime) -> None:
    from shangquan.coupons.models import Piece

    campaign = make(caps=Caps(total=20, per_member=20))
    usable, held, used, expired, giving, given, void = (claimed(now, campaign, 7, key) for key in "abcdefg")
    of_another = claimed(now, campaign, 8)
    Piece.rows().filter(id=expired).update(valid_from=now - timedelta(days=2), valid_to=now)
    with transaction():
        door.hold([held], bill_id=1, now=now)
        door.void_piece(void, reason="误发")
        door.give(giving, giver_id=7, now=now)
        gift = door.give(given, giver_id=7, now=now)
        door.accept(gift.token, receiver_id=8, now=now)
    redeem(used, 2, now)
    tabs = {
        name: [ticket.piece_id for ticket in door.tickets.of_member(7, name, now)]
        for name in ("usable", "used", "expired", "given")
    }
    assert tabs == {"usable": [held, usable], "used": [used], "expired": [expired], "given": [given, giving]}
    assert door.count_tabs(7, now) == {"usable": 2, "used": 1, "expired": 1, "given": 2}
    assert all(of_another not in pieces for pieces in tabs.values())
    shown = {ticket.piece_id: ticket for name in tabs for ticket in door.tickets.of_member(7, name, now)}
    assert [shown[piece].status_zh for piece in (usable, held, used, expired, giving, given)] == [
        "还剩 8 天", "正用于一笔付款", "今天 18:24 已使用", "11月22日 已过期", "转赠中，等对方领取", "已送出",
    ]  # fmt: skip
    assert shown[usable].code and not shown[given].code and not shown[giving].code  # a dead code is not shown
    first = door.tickets.of_member(7, "usable", now, limit=1)
    second = door.tickets.of_member(7, "usable", now, limit=1, before=first[0].piece_id)
    assert [ticket.piece_id for ticket in (*first, *second)] == [held, usable]
