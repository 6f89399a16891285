"""Nobody reaches over a wall, at any address of the product: later pages and operations are walked as they come.

Guest, member, the merchant next door and the owner of another district on the same installation call everything with
the ids of 小禾童装's rows in 栖梧里.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from django.db import transaction as savepoints
from django.http import HttpResponseBase
from django.test import Client

from shangquan.kernel import scope
from shangquan.members import door as members
from tests.isolation.walk import Ids, Json, Operation, digest, operations, pages, texts
from tests.isolation.world import World, browser

NO = (401, 403, 404)
# What anyone may read of a district: its houses, its goods, and what hangs on the shelf.
PUBLIC = frozenset(
    {
        "coupons_campaign", "coupons_shelf", "coupons_shelf_entry", "district_building", "district_category",
        "district_floor", "district_merchant", "district_product", "district_store", "points_tier",
    }
)  # fmt: skip
# Refusals are audited; a scan is counted; a login code waits for its phone.
CHANGES_BY_A_LOOK = frozenset({"kernel_audit", "codes_scan_event", "memberapp_login_scene"})
SHELL = "/till/sw.js"  # the till's script for a lost network: the same for everybody
STAFF_PAGES = ("/console/", "/till/", "/account/")


@dataclass
class Walker:
    """One who tries every door. `secrets` must not show; the rows that `kept` chooses must not change."""

    client: Client
    secrets: set[str]
    kept: str
    ids: Ids
    home: str = ""  # what only the walker themselves can open: still signed in at the end of a walk
    before: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, address: str, body: Json = None, *, may_add: bool = False) -> HttpResponseBase:
        """One call; what it changed of its own is taken back, its session too, and foreign rows are as they were."""
        self.before = self.before or self.rows()
        mark, cookies = savepoints.savepoint(), deepcopy(self.client.cookies)
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(self.client, method.lower())(address, **more, headers={"idempotency-key": "walls-0001"})
        after = self.before if may_add or answer.status_code >= 400 else self.rows()
        changed = {name for name, rows in after.items() if rows != self.before[name]}
        savepoints.savepoint_rollback(mark)
        self.client.cookies = cookies
        assert answer.status_code < 500, f"{method} {address} broke: {answer.status_code}"
        assert not changed, f"{method} {address} changed {sorted(changed)}"
        shown = _text(answer)
        echoes = answer.status_code != 200  # a refusal or a way to sign in may repeat the address that was asked for
        leaked = [secret for secret in self.secrets if secret in shown and not (echoes and secret in address)]
        assert not leaked, f"{method} {address} shows {leaked[:5]}"
        return answer

    def rows(self) -> dict[str, str]:
        return digest(self.kept, but=CHANGES_BY_A_LOOK)

    def walk_api(self) -> Iterator[tuple[Operation, str, HttpResponseBase]]:
        for operation in operations():
            for address in self.ids.fill(operation.path, operation.names):
                body = self.ids.body(operation.body)
                yield operation, address, self.ask(operation.method, address, body, may_add=not operation.kinds)
        assert not self.home or self.client.get(self.home).status_code == 200

    def walk_pages(self) -> Iterator[tuple[str, str, HttpResponseBase]]:
        for page in pages():
            for address in self.ids.fill(page.route, page.names):
                for method in ("GET", "POST"):
                    yield method, address, self.ask(method, address)


def _text(answer: HttpResponseBase) -> str:
    body = answer.getvalue()  # type: ignore[attr-defined]
    return str(body.decode(errors="ignore")) + answer.headers.get("Location", "")


def _reached(answer: HttpResponseBase) -> bool:
    """An empty list tells no more than a 404."""
    return answer.status_code < 400 and _text(answer).strip() != "[]"


def _all(found: list[str]) -> None:
    assert not found, "\n".join(found)


def _private(world: World) -> set[str]:
    """What is in the first district's private tables, without what its public ones say as well."""
    everything = f"{{district_id}} = {world.first}"
    public = set().union(*(texts(everything, but=frozenset(set(digest(everything)) - {table})) for table in PUBLIC))
    return texts(everything, but=PUBLIC) - public


def _only_here(world: World) -> set[str]:
    """What the first district's rows say and the second's do not."""
    with scope.scope(world.second):
        there = texts(f"{{district_id}} = {world.second}")
    return texts(f"{{district_id}} = {world.first}") - there


@pytest.fixture
def guest(world: World) -> Walker:
    return Walker(
        browser(world), _private(world), f"{{district_id}} = {world.first}", Ids(world.first, world.mall.kids)
    )


@pytest.fixture
def member(world: World) -> Walker:
    card = members.member(world.stranger).card_no
    own = texts(f"{{member_id}} = {world.stranger}") | texts(f"{{card_no}} = '{card}'")
    return Walker(
        browser(world, member=world.stranger),
        _private(world) - own,
        f"{{member_id}} = {world.mall.member}",
        Ids(world.first, world.mall.kids),
        "/api/v1/members/me",
    )


@pytest.fixture
def neighbour(world: World) -> Walker:
    """The administrator of the merchant next door."""
    own = texts(f"{{merchant_id}} = {world.mall.toys}")
    secrets = texts(f"{{merchant_id}} = {world.mall.kids}", but=PUBLIC - {"coupons_shelf_entry"})
    campaigns = texts(f"{{issuer_merchant_id}} = {world.mall.kids}") - {"小禾暖冬券"}  # hangs on the open shelf
    return Walker(
        browser(world, account=world.toys_admin),
        (secrets | campaigns) - own,
        f"{{merchant_id}} = {world.mall.kids}",
        Ids(world.first, world.mall.kids),
        "/api/v1/identity/me",
    )


@pytest.fixture
def far_owner(world: World) -> Walker:
    """The owner of the other district."""
    return Walker(
        browser(world, account=world.far_owner, far=True),
        _only_here(world),
        f"{{district_id}} = {world.first}",
        Ids(world.first),
        "/api/v1/identity/me",
    )


@pytest.fixture
def far_member(world: World) -> Walker:
    return Walker(
        browser(world, member=world.far_member, far=True),
        _only_here(world),
        f"{{district_id}} = {world.first}",
        Ids(world.first),
        "/api/v1/members/me",
    )


def test_a_guest_is_let_in_nowhere_but_where_anyone_is(guest: Walker) -> None:
    _all(
        [
            f"{op} {answer.status_code}"
            for op, _, answer in guest.walk_api()
            if op.kinds and answer.status_code not in NO
        ]
    )


def test_a_guest_sees_no_page_of_the_staff(guest: Walker) -> None:
    found = []
    for method, address, answer in guest.walk_pages():
        led = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/")
        if address.startswith(STAFF_PAGES) and address != SHELL and not led and answer.status_code not in (*NO, 405):
            found.append(f"{method} {address} {answer.status_code}")
    _all(found)


def test_a_member_reaches_nothing_of_another_member_nor_of_the_staff(member: Walker) -> None:
    found = []
    for op, address, answer in member.walk_api():
        of_staff = op.kinds and "member" not in op.kinds
        of_another = "member" in op.kinds and op.names
        if (of_staff and answer.status_code not in NO) or (of_another and _reached(answer)):
            found.append(f"{op.method} {address} {answer.status_code}")
    _all(found)


def test_a_member_sees_no_page_of_the_staff(member: Walker) -> None:
    found = []
    for method, address, answer in member.walk_pages():
        led = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/")
        if address.startswith(STAFF_PAGES) and address != SHELL and not led and answer.status_code not in (*NO, 405):
            found.append(f"{method} {address} {answer.status_code}")
    _all(found)


def test_the_merchant_next_door_reaches_no_row_of_this_one(neighbour: Walker) -> None:
    found = []
    for op, address, answer in neighbour.walk_api():
        theirs = op.kinds and any(neighbour.ids.is_merchants(name) for name in op.names)
        if theirs and _reached(answer):
            found.append(f"{op.method} {address} {answer.status_code}")
    _all(found)


def test_the_merchant_next_door_sees_no_page_of_this_one(neighbour: Walker) -> None:
    for _ in neighbour.walk_pages():
        pass  # a page of nobody's row may be shown; what it shows and changes is looked at in every answer


def test_the_owner_of_another_district_reaches_no_row_of_this_one(far_owner: Walker) -> None:
    _all(
        [
            f"{op.method} {address} {answer.status_code}"
            for op, address, answer in far_owner.walk_api()
            if op.names and _reached(answer)
        ]
    )


def test_the_owner_of_another_district_sees_no_page_of_this_one(far_owner: Walker) -> None:
    found = []
    for method, address, answer in far_owner.walk_pages():
        with_ids = any(
            f"<{name}" in address or name for page in pages() for name in page.names if address == page.route
        )
        if with_ids and answer.status_code == 200:
            found.append(f"{method} {address} {answer.status_code}")
    _all(found)


def test_a_member_of_another_district_reaches_nothing_here(far_member: Walker) -> None:
    found = [
        f"{op.method} {address} {answer.status_code}"
        for op, address, answer in far_member.walk_api()
        if op.names and _reached(answer)
    ]
    _all(found)
    for _ in far_member.walk_pages():
        pass


def test_the_walk_would_see_a_leak(guest: Walker, far_owner: Walker, neighbour: Walker, world: World) -> None:
    """The same calls by those to whom the rows belong do show them: the walk above is not blind."""
    at_home = Walker(
        browser(world, account=world.owner), far_owner.secrets, f"{{district_id}} = {world.second}", guest.ids
    )
    with pytest.raises(AssertionError, match="shows"):
        at_home.ask("GET", "/api/v1/members")
    own_house = Walker(browser(world, account=world.kids_admin), neighbour.secrets, neighbour.kept, neighbour.ids)
    with pytest.raises(AssertionError, match="shows"):
        own_house.ask("GET", "/api/v1/coupons/campaigns")
    with pytest.raises(AssertionError, match="changed"):
        own_house.secrets = set()
        campaign = neighbour.ids.of("campaign_id")[0]
        own_house.ask("POST", f"/api/v1/coupons/campaigns/{campaign}/pause")
        own_house.before, own_house.kept = {}, f"{{issuer_merchant_id}} = {world.mall.kids}"
        own_house.ask("POST", f"/api/v1/coupons/campaigns/{campaign}/pause")
    assert len(guest.secrets) > 20 and len(far_owner.secrets) > 20 and len(neighbour.secrets) > 8
