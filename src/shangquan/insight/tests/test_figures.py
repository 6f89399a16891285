from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shangquan.insight import door
from shangquan.kernel import scope
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")
DAY = date(2026, 11, 22)


def bill(at: datetime, fen: int, *, merchant: int = 1, store: int = 1) -> None:
    with transaction():
        door.count_bill(
            merchant_id=merchant, store_id=store, is_member=True, list_fen=fen + 100, paid_fen=fen, saved_fen=100, at=at
        )


def redemption(at: datetime, bill_id: int, **more: Any) -> None:
    facts = {
        "campaign_id": 9, "bill_id": bill_id, "piece_id": bill_id, "member_id": bill_id, "merchant_id": 2, "store_id": 2,
        "cost_fen": 1000, "sales_fen": 22000, "issued_at_merchant_id": None, "at": at,
    }  # fmt: skip
    with transaction():
        door.count_redemption(**{**facts, **more})


def test_hours_and_days_are_the_districts_not_utc(now: datetime) -> None:
    bill(now, 158_00)
    bill(now.replace(hour=15, minute=59), 10_00)
    bill(now.replace(hour=16), 20_00)  # midnight in Shanghai: the next day
    assert [(p.hour, p.paid_fen) for p in door.hours(DAY)] == [(18, 158_00), (23, 10_00)]
    assert [p.paid_fen for p in door.days(DAY - timedelta(days=1), DAY + timedelta(days=1))] == [0, 168_00, 20_00]


def test_a_refund_lowers_the_net_and_a_merchant_sees_its_own_rows_only(now: datetime, district_id: int) -> None:
    bill(now, 100_00)
    bill(now, 50_00, merchant=2, store=2)
    with transaction():
        door.count_refund(merchant_id=1, store_id=1, refunded_fen=30_00, at=now)
    assert door.sums(DAY, DAY).net_fen == 120_00
    with scope.scope(district_id, actor=scope.Actor(kind="staff", id=1, merchant_id=2)):
        assert door.sums(DAY, DAY, merchant_id=1).net_fen == 50_00
        assert [row.merchant_id for row in door.stores(DAY, DAY)] == [2]


@pytest.mark.feature("W6")
def test_cost_1000_and_attributed_sales_22000_read_1_to_22_with_window_and_rule(now: datetime) -> None:
    redemption(now, 1, cost_fen=1000_00, sales_fen=22_000_00)
    found = door.campaign_return(9, DAY, DAY)
    assert (found.cost_fen, found.sales_fen, found.ratio) == (1000_00, 22_000_00, "1 : 22.0")
    assert found.since == found.until == DAY and found.rule_zh and found.rule_en
    assert door.campaign_return(9, DAY - timedelta(days=9), DAY - timedelta(days=1)).ratio == "—"


def test_two_pieces_on_one_bill_cost_twice_but_its_sales_count_once(now: datetime) -> None:
    redemption(now, 1, piece_id=1)
    redemption(now, 1, piece_id=2)
    assert (found := door.campaign_return(9, DAY, DAY)).bills == 1
    assert (found.cost_fen, found.sales_fen) == (2000, 22000)


@pytest.mark.feature("D14", "W7")
def test_of_100_new_members_15_came_by_the_mini_program(now: datetime) -> None:
    with transaction():
        for i in range(100):
            door.count_new_member(channel="mini" if i < 15 else "shelf", at=now)
    shares = {row.channel: (row.count, row.share_permille) for row in door.channels(DAY, DAY)}
    assert shares == {"mini": (15, 150), "shelf": (85, 850)}


def test_a_flow_is_counted_where_the_coupon_came_from_elsewhere(now: datetime) -> None:
    redemption(now, 1, issued_at_merchant_id=1)
    redemption(now, 2, issued_at_merchant_id=1)
    redemption(now, 3, issued_at_merchant_id=2)
    rows = door.flows(DAY, DAY)
    assert [(r.from_merchant_id, r.to_merchant_id, r.pieces, r.sales_fen) for r in rows] == [(1, 2, 2, 44000)]


@pytest.mark.feature("F19")
def test_the_funnel_runs_from_issue_over_visit_to_redemption_and_basket(now: datetime) -> None:
    with transaction():
        for member in (1, 2, 3, 1):
            door.count_visit(member_id=member, store_id=2, merchant_id=2, known_by="scan", at=now)
    redemption(now, 1, sales_fen=100_00)
    redemption(now, 2, sales_fen=300_00)
    found = door.funnel(9, issued=10, claimed=4, claimers=[1, 2, 3, 4], since=DAY)
    assert [step.count for step in found.steps] == [10, 4, 3, 2] and found.basket_fen == 200_00
    assert found.steps[3].of_before == (2, 3)
