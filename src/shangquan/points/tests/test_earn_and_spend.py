from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Reason, Refused
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.points import door
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule
from shangquan.points.contracts import POINTS_NOT_ENOUGH, RULE_IN_THE_PAST, Line
from shangquan.points.models import Earning
from shangquan.points.rules import points_by_line

MEMBER, SHOP = 7, 3


def line(line_id: int, fen: int, *, multiplier: int = 10_000, merchant: int = SHOP) -> Line:
    return Line(line_id, None, None, merchant, 1, 1, fen, points_multiplier_bp=multiplier)


def earn(bill_id: int, lines: list[Line], now: datetime) -> int:
    with transaction():
        return door.earn(
            member_id=MEMBER, bill_id=bill_id, lines=lines, paid_fen={row.line_id: row.list_fen for row in lines},
            paid_at=now, now=now,
        )  # fmt: skip


def take_back(bill_id: int, points: int, refund_id: int) -> None:
    with transaction():
        door.take_back(bill_id=bill_id, points=points, refund_id=refund_id)


def refused(work: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value.reason


@pytest.fixture
def rules(district_id: int, now: datetime) -> None:
    with transaction():
        set_earn_rule(fen_per_point=100, starts_at=now, now=now)
        set_spend_rule(points_per_yuan=100, starts_at=now, now=now)


@pytest.mark.feature("G2")
def test_one_point_a_yuan_double_on_x_and_a_refund_takes_back_even_what_is_spent(rules: None, now: datetime) -> None:
    x = line(2, 30_00, multiplier=20_000)
    assert earn(1, [line(1, 50_00), x], now) == 110
    assert door.earned_by_line(1) == {1: 50, 2: 60}
    with transaction():
        door.hold(member_id=MEMBER, points=100, bill_id=2)
        door.capture(bill_id=2)
    take_back(1, 60, refund_id=9)
    assert door.balance(MEMBER) == type(door.balance(MEMBER))(available=0, held=0, owed=50)
    earn(3, [line(1, 80_00)], now)
    assert (door.balance(MEMBER).available, door.balance(MEMBER).owed) == (30, 0), "what was owed is paid first"
    assert ledger.prove().holds


@pytest.mark.feature("G1")
def test_the_value_of_points_is_the_owners_and_never_changes_backwards(
    rules: None, district_id: int, now: datetime
) -> None:
    partner = scope.Actor(
        kind="staff", id=3, role="merchant_admin", merchant_id=SHOP, rights=frozenset({"coupons.edit"})
    )
    later = now + timedelta(hours=1)
    with scope.scope(district_id, actor=partner):
        assert refused(lambda: set_earn_rule(fen_per_point=1, starts_at=later, now=now)) is FORBIDDEN
        assert refused(lambda: set_spend_rule(points_per_yuan=1, starts_at=later, now=now)) is FORBIDDEN
    assert (
        refused(lambda: set_earn_rule(fen_per_point=50, starts_at=now - timedelta(seconds=1), now=now))
        is RULE_IN_THE_PAST
    )
    with transaction():
        set_earn_rule(fen_per_point=50, starts_at=later, now=now)
    assert earn(1, [line(1, 10_00)], now) == 10
    assert earn(2, [line(1, 10_00)], later) == 20
    assert Earning.rows().get(bill_id=1).rule_ids != Earning.rows().get(bill_id=2).rule_ids


def test_a_rule_of_one_merchant_counts_there_alone(rules: None, now: datetime) -> None:
    with transaction():
        set_earn_rule(fen_per_point=200, merchant_id=5, starts_at=now, now=now)
    assert earn(1, [line(1, 10_00), line(2, 10_00, merchant=5)], now) == 15


def test_earning_and_taking_back_are_repeatable(rules: None, now: datetime) -> None:
    assert [earn(1, [line(1, 20_00)], now) for _ in range(3)] == [20, 20, 20]
    for _ in range(3):
        take_back(1, 5, refund_id=1)
    assert door.balance(MEMBER).available == 15


def test_points_on_a_bill_are_held_then_spent_or_free_again(rules: None, now: datetime) -> None:
    earn(1, [line(1, 100_00)], now)
    with transaction():
        door.hold(member_id=MEMBER, points=70, bill_id=2)
    assert (door.balance(MEMBER).available, door.balance(MEMBER).held) == (30, 70)
    assert refused(lambda: door.hold(member_id=MEMBER, points=31, bill_id=3)) is POINTS_NOT_ENOUGH
    with transaction():
        door.release(bill_id=2)
    assert door.balance(MEMBER).available == 100


@pytest.mark.feature("F9")
def test_a_bill_whose_payment_failed_holds_again_and_other_points(rules: None, now: datetime) -> None:
    earn(1, [line(1, 100_00)], now)
    for points in (70, 40, 90):
        with transaction():
            door.hold(member_id=MEMBER, points=points, bill_id=2)
            door.hold(member_id=MEMBER, points=points, bill_id=2)
        assert (door.balance(MEMBER).available, door.balance(MEMBER).held) == (100 - points, points)
        with transaction():
            door.release(bill_id=2)
            door.release(bill_id=2)
        assert (door.balance(MEMBER).available, door.balance(MEMBER).held) == (100, 0)
    with transaction():
        door.hold(member_id=MEMBER, points=60, bill_id=2)
        door.capture(bill_id=2)
        door.capture(bill_id=2)
    assert (door.balance(MEMBER).available, door.balance(MEMBER).held) == (40, 0)
    assert ledger.prove().holds


@pytest.mark.feature("G13")
def test_the_sum_of_lines_equals_the_balance_and_the_owner_sees_the_liability(rules: None, now: datetime) -> None:
    earn(1, [line(1, 300_00)], now)
    with transaction():
        door.hold(member_id=MEMBER, points=120, bill_id=1)
        door.capture(bill_id=1)
        door.give_back(member_id=MEMBER, points=20, bill_id=1, refund_id=4)
    rows = door.lines(MEMBER)
    assert [row.points for row in rows] == [20, -120, 300] and [row.balance for row in rows] == [200, 180, 300]
    assert sum(row.points for row in rows) == door.balance(MEMBER).available == 200
    assert [row.points for row in door.lines(MEMBER, before=rows[0].id)] == [-120, 300]
    assert door.lines(MEMBER, before=rows[0].id)[0].balance == 180
    owed = door.liability(now)
    assert (owed.held, owed.worth_fen, owed.issued, owed.spent) == (200, 2_00, 300, 100)


@given(
    lines=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from([0, 5_000, 10_000, 20_000])), min_size=1, max_size=8
    ),
    rate=st.integers(1, 500),
)
def test_the_bill_earns_the_floor_of_its_worth_and_lines_share_it_whole(
    lines: list[tuple[int, int]], rate: int
) -> None:
    rows = [line(i, fen, multiplier=bp) for i, (fen, bp) in enumerate(lines)]
    parts = points_by_line(rows, {row.line_id: row.list_fen for row in rows}, {SHOP: rate})
    exact = sum(fen * bp for fen, bp in lines)
    assert sum(parts.values()) == exact // (rate * 10_000)
    assert all(part >= 0 for part in parts.values())
