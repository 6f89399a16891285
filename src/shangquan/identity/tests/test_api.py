"""A3 and the API: device tokens, the owner's endpoints, staff and audit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from ninja import NinjaAPI, Router

from shangquan.config.api import api
from shangquan.identity import door, ports
from shangquan.identity.actions.device_tokens import NewDevice, make_device_token, revoke_device_token
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.actions.suspend_staff import suspend_staff
from shangquan.identity.api import Right, Token, right
from shangquan.identity.contracts import OWNER_ONLY, PARTNER_RIGHTS, RIGHTS, UNKNOWN_RIGHT, WRONG_PLACE, Role
from shangquan.identity.models import DeviceToken
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction

PASSWORD = "osmanthus-lane-7"


def operations(root: NinjaAPI) -> Iterator[tuple[str, str, Any]]:
    """(method, address, operation) of everything the API answers."""
    for prefix, router in root._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, f"/api/v1{prefix}{path}".replace("//", "/"), operation


def rights_of(operation: Any) -> set[str]:
    return {auth.card.name for auth in operation.auth_callbacks if isinstance(auth, Right)}


def owners_operations(root: NinjaAPI) -> list[tuple[str, str, str]]:
    """What only the owner may call: found by the rights that the operations themselves declare."""
    return [
        (method, address, name)
        for method, address, operation in operations(root)
        for name in sorted(rights_of(operation) & OWNER_ONLY)
    ]


OWNERS = owners_operations(api)


def token(
    now: datetime, rights: frozenset[str] | set[str], merchant_id: int | None = 11, store_id: int | None = None
) -> NewDevice:
    with transaction():
        return make_device_token(name="till", rights=rights, merchant_id=merchant_id, store_id=store_id, now=now)


def bearer(made: NewDevice | str) -> dict[str, str]:
    return {"Authorization": f"Bearer {made if isinstance(made, str) else made.token}"}


def staff(username: str, role: Role, now: datetime, merchant_id: int | None = None, store_id: int | None = None) -> int:
    with transaction():
        made = make_account(username=username, name=username, password=PASSWORD, now=now)
        grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=now)
    return made


def signed_in(username: str) -> Client:
    client = Client()
    body = {"username": username, "password": PASSWORD}
    assert client.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code == 200
    return client


@pytest.mark.feature("A3", "C6")
@pytest.mark.parametrize(("method", "address", "name"), OWNERS, ids=[f"{method} {path}" for method, path, _ in OWNERS])
def test_a_partners_token_is_refused_at_every_endpoint_of_the_owner_and_leaves_an_audit_line(
    district_id: int, now: datetime, method: str, address: str, name: str
) -> None:
    partner = token(now, PARTNER_RIGHTS)
    where = address.replace("{", "<").split("<")[0] if "{" not in address else _filled(address)
    answer = Client().generic(method, where, "{}", content_type="application/json", headers=bearer(partner))
    assert (answer.status_code, answer.json()["code"]) == (403, "K-4032")
    line = AuditLine.rows().filter(refused="K-4032").latest("id")
    assert (line.actor_kind, line.actor_id, line.merchant_id) == ("device", partner.card.id, 11)
    assert line.action == f"{method} {where}"[:60] and line.after == {"right": name}


def _filled(address: str) -> str:
    import re

    return re.sub(r"\{[^}]+\}", "1", address)


@pytest.mark.feature("A3")
def test_the_walk_finds_an_owners_endpoint_of_any_later_room() -> None:
    later = NinjaAPI(urls_namespace="later")
    router = Router(tags=["points"])

    @router.post("/rules/{rule_id}", auth=right("points.manage"))
    def post_rule(request: HttpRequest, rule_id: int) -> None: ...

    @router.get("/coupons", auth=right("coupons.read"))
    def get_coupons(request: HttpRequest) -> None: ...

    later.add_router("/points", router)
    assert owners_operations(later) == [("POST", "/api/v1/points/rules/{rule_id}", "points.manage")]


@pytest.mark.feature("A3")
def test_every_endpoint_of_points_and_push_that_changes_something_declares_its_right() -> None:
    """Without a declared right an endpoint would escape the walk above."""
    loose = [
        f"{method} {address}"
        for method, address, operation in operations(api)
        if {"points", "push", "messaging"} & set(operation.tags or ())
        and method != "GET"
        and not rights_of(operation)
        and not any(isinstance(auth, Token) and auth.kinds == ("member",) for auth in operation.auth_callbacks)
    ]
    assert loose == []


def test_every_endpoint_says_who_may_call_it() -> None:
    loose = [
        f"{method} {address}"
        for method, address, operation in operations(api)
        if not any(isinstance(auth, Token) for auth in operation.auth_callbacks)
    ]
    assert loose == []


@pytest.mark.feature("A3")
def test_a_partners_device_gets_no_right_of_the_owner_not_even_from_the_system(district_id: int, now: datetime) -> None:
    for name in sorted(OWNER_ONLY):
        with pytest.raises(Refused) as caught:
            token(now, {name})
        assert caught.value.reason is FORBIDDEN
    with pytest.raises(Refused) as caught:
        token(now, {"moon.walk"})
    assert caught.value.reason is UNKNOWN_RIGHT
    assert not DeviceToken.rows().exists()


@pytest.mark.feature("A3")
def test_a_partner_sees_its_own_staff_devices_and_audit_only(district_id: int, now: datetime) -> None:
    staff("boss11", Role.MERCHANT_ADMIN, now, 11)
    staff("boss12", Role.MERCHANT_ADMIN, now, 12)
    staff("owner", Role.OWNER_ADMIN, now)
    token(now, {"till.use"}, 12, 5)
    partner = signed_in("boss11")
    made = partner.post(
        "/api/v1/identity/staff",
        {"username": "new", "name": "周岚", "password": PASSWORD, "role": "cashier", "merchant_id": 11, "store_id": 1},
        content_type="application/json",
    )
    assert made.status_code == 201
    outside = partner.post(
        "/api/v1/identity/staff",
        {"username": "new", "role": "cashier", "merchant_id": 12, "store_id": 5},
        content_type="application/json",
    )
    assert (outside.status_code, outside.json()["code"]) == (403, "K-4032")
    listed = partner.get("/api/v1/identity/staff").json()
    assert [(row["username"], row["grants"][0]["store_id"]) for row in listed] == [("boss11", None), ("new", 1)]
    assert partner.get("/api/v1/identity/devices").json() == []
    lines = partner.get("/api/v1/identity/audit").json()["lines"]
    assert lines and {line["merchant_id"] for line in lines} == {11}
    assert len(signed_in("owner").get("/api/v1/identity/audit").json()["lines"]) > len(lines)


def test_a_device_token_is_kept_as_a_hash_shown_once_and_revoked_at_once(district_id: int, now: datetime) -> None:
    made = token(now, {"till.use", "coupons.redeem"}, 11, 1)
    assert made.token not in str(list(DeviceToken.rows().values())) + str(list(AuditLine.rows().values()))
    me = Client().get("/api/v1/identity/me", headers=bearer(made)).json()
    assert (me["kind"], me["merchant_id"], me["store_id"]) == ("device", 11, 1)
    assert me["rights"] == ["coupons.redeem", "till.use"]
    assert DeviceToken.rows().get().last_used_at is not None
    with transaction():
        revoke_device_token(device_id=made.card.id, now=now)
    answer = Client().get("/api/v1/identity/me", headers=bearer(made))
    assert (answer.status_code, answer.json()["code"]) == (401, "K-4011")


def test_a_suspended_merchants_token_is_worth_nothing(district_id: int, now: datetime) -> None:
    made = token(now, {"till.use"}, 11, 1)
    with transaction():
        suspend_staff(merchant_id=11, now=now)
    assert Client().get("/api/v1/identity/me", headers=bearer(made)).status_code == 401


@pytest.mark.parametrize("header", ["Bearer sq_wrong", "Bearer ", "Basic abc", "nonsense"])
def test_a_wrong_bearer_is_a_guest_whatever_the_cookies_say(district_id: int, now: datetime, header: str) -> None:
    staff("owner", Role.OWNER_ADMIN, now)
    client = signed_in("owner")
    assert client.get("/api/v1/identity/me").status_code == 200
    assert client.get("/api/v1/identity/me", headers={"Authorization": header}).status_code == 401


def test_staff_make_devices_within_their_walls_and_rights(district_id: int, now: datetime) -> None:
    manager = staff("manager", Role.STORE_MANAGER, now, 11, 1)
    with scope.scope(district_id, actor=door.actor_for(manager, district_id)):
        made = token(now, {"till.use"}, 11, 1)
        for rights, merchant_id, store_id in (
            ({"till.use"}, 11, 2),
            ({"till.use"}, 11, None),
            ({"till.use"}, None, None),
            ({"coupons.publish"}, 11, 1),
        ):
            with pytest.raises(Refused) as caught:
                token(now, rights, merchant_id, store_id)
            assert caught.value.reason is FORBIDDEN
    assert [row.id for row in DeviceToken.rows()] == [made.card.id]


def test_a_store_of_someone_else_is_given_to_nobody(
    district_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_stores", [{1: 11, 5: 12}.get])
    with pytest.raises(Refused) as caught:
        staff("spy", Role.CASHIER, now, 11, 5)
    assert caught.value.reason is WRONG_PLACE
    with pytest.raises(Refused) as caught:
        token(now, {"till.use"}, 11, 5)
    assert caught.value.reason is WRONG_PLACE
    assert staff("honest", Role.CASHIER, now, 11, 1)


def test_a_browsers_call_must_prove_its_origin_and_a_tokens_need_not(district_id: int, now: datetime) -> None:
    owner = staff("owner", Role.OWNER_ADMIN, now)
    strict = Client(enforce_csrf_checks=True)
    body = {"username": "owner", "password": PASSWORD}
    assert strict.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code == 200
    device = {"name": "till", "rights": ["till.use"], "merchant_id": 11, "store_id": 1}
    answer = strict.post("/api/v1/identity/devices", device, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "K-4031")
    strict.get("/account/")
    proof = {"X-CSRFToken": strict.cookies["csrftoken"].value}
    assert (
        strict.post("/api/v1/identity/devices", device, content_type="application/json", headers=proof).status_code
        == 201
    )
    with scope.scope(district_id, actor=door.actor_for(owner, district_id)):
        made = token(now, {"devices.manage", "till.use"}, None)
    machine = Client(enforce_csrf_checks=True)
    assert (
        machine.post(
            "/api/v1/identity/devices", device, content_type="application/json", headers=bearer(made)
        ).status_code
        == 201
    )


def test_a_strangers_form_cannot_sign_a_browser_in(district_id: int, now: datetime) -> None:
    staff("owner", Role.OWNER_ADMIN, now)
    sent = '{"username": "owner", "password": "osmanthus-lane-7"}'
    answer = Client().post("/api/v1/identity/sign-in", sent, content_type="text/plain")
    assert answer.status_code == 400 and Client().get("/api/v1/identity/me").status_code == 401


def test_the_audit_is_paged_by_key_and_filtered(district_id: int, now: datetime) -> None:
    owner = staff("owner", Role.OWNER_ADMIN, now)
    for number in range(7):
        staff(f"staff{number}", Role.OWNER_SERVICE, now)
    client = signed_in("owner")
    seen: list[int] = []
    before: int | None = None
    while True:
        query = {"action": "identity.grant", "limit": 3} | ({"before": before} if before else {})
        page = client.get("/api/v1/identity/audit", query).json()
        seen += [line["id"] for line in page["lines"]]
        before = page["before"]
        if before is None:
            break
    assert len(seen) == 8 and seen == sorted(seen, reverse=True)
    mine = client.get("/api/v1/identity/audit", {"actor_id": owner}).json()["lines"]
    assert [line["action"] for line in mine] == ["identity.sign_in"]
    about = client.get(
        "/api/v1/identity/audit", {"subject": "account", "subject_id": str(owner), "action": "identity."}
    )
    assert {line["action"] for line in about.json()["lines"]} == {
        "identity.make_account", "identity.grant", "identity.sign_in",
    }  # fmt: skip


def test_a_right_whose_module_is_off_says_so(district_id: int, now: datetime) -> None:
    from shangquan.tenancy.actions.switch_module import switch_module
    from shangquan.tenancy.contracts import MODULE_OFF

    with transaction():
        switch_module(name="settlement", on=False)
    boss = staff("boss", Role.MERCHANT_ADMIN, now, 11)
    with (
        scope.scope(district_id, actor=door.actor_for(boss, district_id)),
        pytest.raises(Refused) as caught,
    ):
        right("settlement.read")(RequestFactory().get("/"))
    assert caught.value.reason is MODULE_OFF


def test_a_visitor_is_a_member_on_member_pages_and_staff_on_staff_pages(
    district_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = scope.Actor(kind="member", id=7, name="林**")
    monkeypatch.setattr(ports, "_visitors", [])
    ports.register_visitor(lambda request, district: member if request.session.get("member") == 7 else None)
    staff("owner", Role.OWNER_ADMIN, now)
    client = signed_in("owner")
    session = client.session
    session["member"] = 7
    session.save()

    def actor(path: str) -> str:
        request = RequestFactory().get(path)
        request.session = client.session  # type: ignore[assignment]
        return door.actor_of_request(request, district_id).kind

    assert [actor(path) for path in ("/console/", "/till/", "/m/", "/")] == ["staff", "staff", "member", "member"]
    client.post("/sign-out/")
    assert [actor(path) for path in ("/console/", "/m/")] == ["member", "member"]


def test_roles_and_rights_are_told_to_those_who_work_here(district_id: int, now: datetime) -> None:
    made = token(now, {"till.use"}, 11, 1)
    told = Client().get("/api/v1/identity/rights", headers=bearer(made)).json()
    assert {row["name"] for row in told} == set(RIGHTS)
    assert len(Client().get("/api/v1/identity/roles", headers=bearer(made)).json()) == len(Role)
    assert Client().get("/api/v1/identity/roles").status_code == 401
