"""A4 and the walls: who may give whom what."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from shangquan.identity import door, queries, rules
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.actions.revoke_role import revoke_role
from shangquan.identity.actions.suspend_staff import resume_staff, suspend_staff
from shangquan.identity.contracts import (
    LAST_OWNER,
    OWNER_ONLY,
    PARTNER_RIGHTS,
    RIGHTS,
    ROLES,
    UNKNOWN_ROLE,
    USERNAME_TAKEN,
    WEAK_PASSWORD,
    WRONG_PLACE,
    Role,
)
from shangquan.identity.models import Account, Grant
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Reason, Refused
from shangquan.kernel.models import AuditLine, OutboxEvent
from shangquan.kernel.transactions import transaction
from shangquan.tenancy.actions.open_district import open_district
from shangquan.tenancy.actions.switch_module import switch_module

PASSWORD = "osmanthus-lane-7"
ROLES_PAGE = Path(__file__).parents[4] / "docs" / "roles.md"


def account(username: str, now: datetime) -> int:
    with transaction():
        return make_account(username=username, name=username, password=PASSWORD, now=now)


def staff(username: str, role: Role, now: datetime, merchant_id: int | None = None, store_id: int | None = None) -> int:
    made = account(username, now)
    with transaction():
        grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=now)
    return made


def acting(account_id: int, district_id: int) -> scope.Actor:
    who = door.actor_for(account_id, district_id)
    assert who.kind == "staff"
    return who


def refusal(work: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value.reason


@pytest.mark.feature("A4")
def test_a_cashier_of_one_store_may_redeem_there_and_neither_elsewhere_nor_edit_a_coupon(
    district_id: int, now: datetime
) -> None:
    cashier = acting(staff("zhou", Role.CASHIER, now, merchant_id=11, store_id=1), district_id)
    with scope.scope(district_id, actor=cashier):
        assert scope.require("coupons.redeem", merchant_id=11, store_id=1) is cashier
        assert scope.require("orders.read", merchant_id=11, store_id=1) is cashier
        assert refusal(lambda: scope.require("coupons.redeem", merchant_id=11, store_id=2)) is FORBIDDEN
        assert refusal(lambda: scope.require("coupons.redeem", merchant_id=12, store_id=1)) is FORBIDDEN
        assert refusal(lambda: scope.require("orders.read", merchant_id=11, store_id=2)) is FORBIDDEN
        assert refusal(lambda: scope.require("coupons.edit", merchant_id=11, store_id=1)) is FORBIDDEN


def test_no_role_of_a_partner_holds_a_right_of_the_owner() -> None:
    for card in ROLES.values():
        assert card.rights <= set(RIGHTS), card.role
        if not card.of_owner:
            assert card.rights <= PARTNER_RIGHTS, card.role
    assert {"push.send", "points.manage", "settlement.pay", "tenancy.switch"} <= OWNER_ONLY
    held = frozenset().union(*(card.rights for card in ROLES.values()))
    assert held == set(RIGHTS), f"rights that no role holds: {set(RIGHTS) - held}"


def test_the_page_of_roles_says_what_the_code_does() -> None:
    from tools.roles import page

    assert ROLES_PAGE.read_text() == page(), "write docs/roles.md again: python -m tools.roles"


@pytest.mark.parametrize(
    ("maker", "role", "merchant_id", "store_id", "allowed"),
    [
        (Role.MERCHANT_ADMIN, Role.CASHIER, 11, 1, True),
        (Role.MERCHANT_ADMIN, Role.MERCHANT_ADMIN, 11, None, True),
        (Role.MERCHANT_ADMIN, Role.CASHIER, 12, 3, False),
        (Role.MERCHANT_ADMIN, Role.OWNER_SERVICE, None, None, False),
        (Role.MERCHANT_ADMIN, Role.OWNER_ADMIN, None, None, False),
        (Role.STORE_MANAGER, Role.CASHIER, 11, 1, True),
        (Role.STORE_MANAGER, Role.CASHIER, 11, 2, False),
        (Role.STORE_MANAGER, Role.MERCHANT_ADMIN, 11, None, False),
        (Role.STORE_MANAGER, Role.MERCHANT_OPERATIONS, 11, 1, False),
        (Role.CASHIER, Role.KITCHEN, 11, 1, False),
        (Role.MERCHANT_OPERATIONS, Role.CASHIER, 11, 1, False),
        (Role.OWNER_FINANCE, Role.OWNER_FINANCE, None, None, False),
        (Role.OWNER_ADMIN, Role.MERCHANT_ADMIN, 12, None, True),
    ],
)
def test_staff_grant_inside_their_wall_and_never_above_themselves(
    district_id: int,
    now: datetime,
    maker: Role,
    role: Role,
    merchant_id: int | None,
    store_id: int | None,
    allowed: bool,
) -> None:
    place = {"none": (11, None), "needed": (11, 1)}[ROLES[maker].store]
    made = staff("maker", maker, now, *((None, None) if ROLES[maker].of_owner else place))
    newcomer = account("newcomer", now)

    def attempt() -> int:
        return grant_role(account_id=newcomer, role=role, merchant_id=merchant_id, store_id=store_id, now=now)

    with scope.scope(district_id, actor=acting(made, district_id)):
        if allowed:
            with transaction():
                attempt()
        else:
            assert refusal(attempt) is FORBIDDEN
    assert Grant.rows().filter(account_id=newcomer).exists() is allowed


def test_a_grant_above_ones_rank_is_not_revoked_and_one_of_another_merchant_neither(
    district_id: int, now: datetime
) -> None:
    manager = acting(staff("manager", Role.STORE_MANAGER, now, 11, 1), district_id)
    cashier = staff("cashier", Role.CASHIER, now, 11, 1)
    staff("boss", Role.MERCHANT_ADMIN, now, 11)
    staff("stranger", Role.CASHIER, now, 12, 5)
    ids = {row.role: row.id for row in Grant.rows().exclude(merchant_id=12)}
    with scope.scope(district_id, actor=manager):
        assert refusal(lambda: revoke_role(grant_id=ids["merchant_admin"], now=now)) is FORBIDDEN
        other = Grant.rows().get(merchant_id=12).id
        assert refusal(lambda: revoke_role(grant_id=other, now=now)) is FORBIDDEN
        with transaction():
            revoke_role(grant_id=ids["cashier"], now=now)
    assert door.actor_for(cashier, district_id) is scope.GUEST
    assert AuditLine.rows().get(action="identity.revoke").actor_id == manager.id
    assert OutboxEvent.rows().filter(name="staff_revoked").count() == 1


def test_the_last_administrator_stays(district_id: int, now: datetime) -> None:
    staff("first", Role.OWNER_ADMIN, now)
    staff("second", Role.OWNER_ADMIN, now)
    one, two = Grant.rows().order_by("id").values_list("id", flat=True)
    with transaction():
        revoke_role(grant_id=one, now=now)
    assert refusal(lambda: revoke_role(grant_id=two, now=now)) is LAST_OWNER
    assert Grant.rows().filter(revoked_at__isnull=True).count() == 1


@pytest.mark.parametrize(
    ("role", "merchant_id", "store_id"),
    [("cashier", 11, None), ("cashier", None, None), ("owner_admin", 11, None), ("merchant_admin", 11, 1)],
)
def test_a_role_needs_its_place(
    district_id: int, now: datetime, role: str, merchant_id: int | None, store_id: int | None
) -> None:
    made = account("lin", now)
    assert (
        refusal(lambda: grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=now))
        is WRONG_PLACE
    )
    assert refusal(lambda: grant_role(account_id=made, role="emperor", now=now)) is UNKNOWN_ROLE


def test_account_names_are_one_whatever_their_width_and_passwords_must_hold(district_id: int, now: datetime) -> None:
    account("lin.wan", now)
    assert refusal(lambda: make_account(username=" Ｌin.Wan", name="x", password=PASSWORD, now=now)) is USERNAME_TAKEN
    for weak in ("short", "1234567890", "password123"):
        assert (
            refusal(lambda weak=weak: make_account(username="new", name="x", password=weak, now=now)) is WEAK_PASSWORD
        )
    stored = Account.objects.get(username="lin.wan").password
    assert stored.startswith("argon2") and PASSWORD not in stored
    assert PASSWORD not in str(list(AuditLine.rows().values()))


@pytest.mark.feature("A2")
def test_a_suspended_merchants_staff_and_later_grants_are_worth_nothing_until_it_is_resumed(
    district_id: int, now: datetime
) -> None:
    before = staff("before", Role.MERCHANT_ADMIN, now, 11)
    neighbour = staff("neighbour", Role.MERCHANT_ADMIN, now, 12)
    with transaction():
        suspend_staff(merchant_id=11, now=now)
        suspend_staff(merchant_id=11, now=now)
    during = staff("during", Role.CASHIER, now, 11, 1)
    assert [door.actor_for(each, district_id).kind for each in (before, during, neighbour)] == [
        "guest",
        "guest",
        "staff",
    ]
    assert {card.username for card in queries.staff_page(merchant_id=11)} == {"before", "during"}
    with transaction():
        resume_staff(merchant_id=11)
    assert [door.actor_for(each, district_id).kind for each in (before, during)] == ["staff", "staff"]


def test_walls_are_not_joined_and_the_same_wall_is(district_id: int, now: datetime) -> None:
    made = staff("busy", Role.CASHIER, now, 11, 1)
    with transaction():
        grant_role(account_id=made, role=Role.STOCK_KEEPER, merchant_id=11, store_id=1, now=now)
        second = grant_role(account_id=made, role=Role.KITCHEN, merchant_id=12, store_id=5, now=now)
    here = door.actor_for(made, district_id)
    assert (here.merchant_id, here.store_id, here.role) == (11, 1, "cashier")
    assert here.may("stock.edit", store_id=1) and not here.may("orders.fulfil")
    there = door.actor_for(made, district_id, second)
    assert (there.merchant_id, there.store_id, there.role) == (12, 5, "kitchen")
    assert there.may("orders.fulfil") and not there.may("till.use")


@pytest.mark.feature("A5")
def test_rights_follow_the_modules_without_touching_grants(db: None, now: datetime) -> None:
    with transaction():
        bare = open_district(slug="bare", name="一条街", modules=("till",), now=now)
    with scope.scope(bare):
        made = staff("zhou", Role.CASHIER, now, 11, 1)
        assert door.actor_for(made, bare).may("till.use") and not door.actor_for(made, bare).may("coupons.redeem")
        with transaction():
            switch_module(name="members", on=True)
            switch_module(name="coupons", on=True)
        assert door.actor_for(made, bare).may("coupons.redeem")


def test_a_grant_counts_in_its_district_only(district_id: int, now: datetime) -> None:
    made = staff("owner", Role.OWNER_ADMIN, now)
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    assert door.actor_for(made, district_id).may("tenancy.switch")
    assert door.actor_for(made, other) is scope.GUEST


def test_a_staff_list_of_any_length_takes_two_queries(
    district_id: int, now: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(4):
        staff(f"staff{number}", Role.CASHIER, now, 11, number + 1)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        page = queries.staff_page(merchant_id=11)
    assert [card.username for card in page] == ["staff0", "staff1", "staff2", "staff3"]
    assert [card.username for card in queries.staff_page(after="staff1", limit=1)] == ["staff2"]
    assert [card.id for card in door.store_staff(3)] == [page[2].id]


def test_only_the_highest_of_one_wall_leads() -> None:
    assert rules.grants_together([], None) == ()


@pytest.mark.django_db(transaction=True)
def test_the_same_grant_from_eight_hands_at_once_is_made_once(now: datetime) -> None:
    with transaction():
        opened = open_district(slug="parallel", name="并发", now=now)
    with scope.scope(opened):
        made = account("lin", now)
    answers: list[int] = []
    start = threading.Barrier(8)

    def grant() -> None:
        try:
            with scope.scope(opened):
                start.wait()
                with transaction():
                    answers.append(grant_role(account_id=made, role=Role.CASHIER, merchant_id=1, store_id=1, now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=grant) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scope.scope(opened):
        assert len(answers) == 8 and len(set(answers)) == 1
        assert Grant.rows().count() == 1
        assert AuditLine.rows().filter(action="identity.grant").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_revoke_each_other_leave_one(now: datetime) -> None:
    with transaction():
        opened = open_district(slug="duel", name="对决", now=now)
    with scope.scope(opened):
        staff("first", Role.OWNER_ADMIN, now)
        staff("second", Role.OWNER_ADMIN, now)
        ids = list(Grant.rows().values_list("id", flat=True))
    refused: list[Reason] = []
    start = threading.Barrier(2)

    def revoke(grant_id: int) -> None:
        try:
            with scope.scope(opened):
                start.wait()
                with transaction():
                    revoke_role(grant_id=grant_id, now=now)
        except Refused as caught:
            refused.append(caught.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=revoke, args=(grant_id,)) for grant_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scope.scope(opened):
        assert refused == [LAST_OWNER]
        assert Grant.rows().filter(revoked_at__isnull=True).count() == 1
