from datetime import datetime, timedelta
from typing import Any

import pytest

from shangquan.coupons import door
from shangquan.coupons.contracts import (
    DEADLINE_PASSED,
    NO_CAMPAIGN,
    NO_ENTRY,
    WRONG_STATE,
    Audience,
    CampaignCard,
    Caps,
    Scope,
    TicketAction,
)
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import Make, actor, claimed, refusal, terms
from shangquan.district import door as district
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.points.actions.set_rules import set_tier


@pytest.fixture
def merchants(district_id: int, now: datetime) -> list[int]:
    return [
        shop(name, unit, now)[0]
        for name, unit in (("小禾童装", "2F-207"), ("阿橘玩具", "3F-312"), ("一苇书房", "4F-401"))
    ]


@pytest.fixture
def shelf_id(district_id: int, now: datetime) -> int:
    with transaction():
        made = door.make_shelf(title="周末亲子季", title_en="Family weekend", deadline=now + timedelta(days=2), now=now)
        return door.open_shelf(made.id, now=now).id


def coupon(make: Make, merchant_id: int, title: str, **more: Any) -> CampaignCard:
    only_there = Scope(merchants_in=frozenset({merchant_id}))
    return make(terms(title_zh=title, issuer_id=merchant_id, scope=only_there), **more)


def enrol(shelf_id: int, campaign: CampaignCard, merchant_id: int, now: datetime) -> int:
    with scope.scope(scope.district_id(), actor=actor(merchant_id)), transaction():
        return door.enrol(shelf_id, campaign.id, now=now).id


def titles(shelf_id: int, now: datetime) -> list[str]:
    return [ticket.title_zh for ticket in door.tickets.on_shelf(shelf_id, member_id=None, now=now)]


@pytest.mark.feature("F3")
def test_three_partners_enrol_five_coupons_and_the_owner_takes_four_in_its_order(
    make: Make, merchants: list[int], shelf_id: int, now: datetime
) -> None:
    owners = [merchants[0], merchants[0], merchants[1], merchants[1], merchants[2]]
    coupons = [coupon(make, merchant_id, f"券{n}") for n, merchant_id in enumerate(owners)]
    entries = [enrol(shelf_id, one, merchant_id, now) for one, merchant_id in zip(coupons, owners, strict=True)]
    assert enrol(shelf_id, coupons[0], owners[0], now) == entries[0]  # a repeat
    assert titles(shelf_id, now) == []
    with transaction():
        for n, entry_id in enumerate(entries):
            door.decide_enrolment(entry_id, accepted=n != 1, note="" if n != 1 else "和另一张重复", now=now)
    assert titles(shelf_id, now) == ["券0", "券2", "券3", "券4"]
    with transaction():
        door.order_shelf(shelf_id, [entries[4], entries[2]])
    assert titles(shelf_id, now) == ["券4", "券2", "券0", "券3"]
    assert refusal(lambda: door.order_shelf(shelf_id, [entries[1]])).reason is NO_ENTRY
    late = now + timedelta(days=2)
    more = coupon(make, merchants[2], "迟到的券")
    with scope.scope(scope.district_id(), actor=actor(merchants[2])):
        refused = refusal(lambda: door.enrol(shelf_id, more.id, now=late))
    assert refused.reason is DEADLINE_PASSED and "11-24 18:24" in refused.zh
    with transaction():
        door.close_shelf(shelf_id, now=now)
    assert refusal(lambda: door.enrol(shelf_id, more.id, now=now)).reason is WRONG_STATE


def test_walls_around_enrolments(make: Make, merchants: list[int], shelf_id: int, now: datetime) -> None:
    foreign = coupon(make, merchants[0], "别家的券")
    entry_id = enrol(shelf_id, foreign, merchants[0], now)
    with scope.scope(scope.district_id(), actor=actor(merchants[1])):
        assert refusal(lambda: door.enrol(shelf_id, foreign.id, now=now)).reason is NO_CAMPAIGN
        assert refusal(lambda: door.decide_enrolment(entry_id, accepted=True, now=now)).reason is FORBIDDEN
        assert refusal(lambda: door.order_shelf(shelf_id, [])).reason is FORBIDDEN
        assert door.shelves.entries(shelf_id) == []
    with scope.scope(scope.district_id(), actor=actor(merchants[0])):
        assert [entry.id for entry in door.shelves.entries(shelf_id)] == [entry_id]


@pytest.fixture
def full_shelf(make: Make, merchants: list[int], shelf_id: int, now: datetime) -> dict[str, CampaignCard]:
    soon = {"claim_from": now + timedelta(minutes=95)}
    cards = {
        "open": coupon(make, merchants[0], "可领"),
        "twice": coupon(make, merchants[0], "再领", caps=Caps(total=9, per_member=2)),
        "mine": coupon(make, merchants[0], "已领"),
        "few": coupon(make, merchants[0], "不多", caps=Caps(total=10, per_member=1)),
        "gone": coupon(make, merchants[0], "抢完", caps=Caps(total=1)),
        "soon": coupon(make, merchants[0], "今晚", **soon),
        "gold": coupon(make, merchants[0], "金卡", audience=Audience(tiers=frozenset({"gold"}))),
    }
    for number, one in enumerate(cards.values(), 1):
        entry_id = enrol(shelf_id, one, merchants[0], now)
        with transaction():
            door.decide_enrolment(entry_id, accepted=True, now=now)
        assert number
    return cards


def test_a_member_sees_what_they_may_do_with_each_ticket(
    full_shelf: dict[str, CampaignCard], shelf_id: int, now: datetime, django_assert_max_num_queries: Any
) -> None:
    with transaction():
        set_tier(code="gold", name="金卡", name_en="Gold", rank=2, payable_bp=9_500)
        member_id = members.open_card(openid="oLin1234567890abcdefghijklmn", name="林", channel="site", now=now).id
    for name in ("twice", "mine"):
        claimed(now, full_shelf[name], member_id)
    claimed(now, full_shelf["gone"], member_id + 1)
    for other in range(9):
        claimed(now, full_shelf["few"], member_id + 10 + other)
    with django_assert_max_num_queries(9):  # four of this room; district, members, tiers and the district's clock
        tickets = door.tickets.on_shelf(shelf_id, member_id=member_id, now=now)
    seen = {ticket.title_zh: (ticket.status, ticket.action, ticket.status_zh) for ticket in tickets}
    assert seen == {
        "可领": ("claim", TicketAction.CLAIM, "可领取"),
        "再领": ("claim", TicketAction.CLAIM_MORE, "每人限 2 张，已领 1 张"),
        "已领": ("claimed", TicketAction.USE, "已在券包，付款自动抵扣"),
        "不多": ("few_left", TicketAction.CLAIM, "剩 1 张"),
        "抢完": ("sold_out", TicketAction.NONE, "已抢完"),
        "今晚": ("starts_at", TicketAction.REMIND, "今天 19:59 开始"),
        "金卡": ("not_for_you", TicketAction.NONE, "金卡可领"),
    }
    face = tickets[0]
    assert (face.stub_zh, face.threshold_zh, face.threshold_en) == ("¥30", "满 150 可用", "Spend ¥150")
    assert (face.place_zh, face.period_zh, face.period_en) == ("小禾童装", "至 11月30日", "Until 30 Nov")
    assert (face.left, face.left_bp) == (100, 10_000)


def test_a_suspended_merchants_coupons_are_out_of_sight(
    full_shelf: dict[str, CampaignCard], merchants: list[int], shelf_id: int, now: datetime
) -> None:
    assert len(titles(shelf_id, now)) == 7
    with transaction():
        district.suspend_merchant(merchants[0], reason="整改", now=now)
    assert titles(shelf_id, now) == []


def test_paused_and_ended_coupons_say_so(full_shelf: dict[str, CampaignCard], shelf_id: int, now: datetime) -> None:
    with transaction():
        door.pause_campaign(full_shelf["open"].id)
        door.end_campaign(full_shelf["twice"].id, now=now)
    first, second = door.tickets.on_shelf(shelf_id, member_id=None, now=now)[:2]
    assert (first.status, second.status) == ("paused", "over") and first.why_not is not None
