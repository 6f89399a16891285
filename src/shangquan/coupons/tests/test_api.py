"""The room over HTTP: a partner's coupon end to end, a member's hands, the till."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest
from django.test import Client

from shangquan.coupons.tests.places import shop
from shangquan.identity import ports
from shangquan.identity.actions.device_tokens import make_device_token
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.contracts import Role
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction

PASSWORD = "osmanthus-lane-7"
ROOM = "/api/v1/coupons"


@pytest.fixture(autouse=True)
def members_by_header(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A visitor of the tests' own: the header names the member, as a session would."""

    def visitor(request: HttpRequest, district_id: int) -> scope.Actor | None:
        member = request.headers.get("X-Member")
        return scope.Actor(kind="member", id=int(member), name="林**") if member else None

    monkeypatch.setattr(ports, "_visitors", [visitor])
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    yield


class Caller:
    """A client that speaks JSON, and tells the key of each write."""

    def __init__(self, client: Client | None = None, **headers: str) -> None:
        self.client, self.headers = client or Client(), headers

    def get(self, path: str) -> Any:
        return self._answer(self.client.get(ROOM + path, headers=self.headers))

    def send(self, path: str, body: Any = None, *, key: str = "request-1", method: str = "post") -> Any:
        call = getattr(self.client, method)
        headers = self.headers | {"Idempotency-Key": key}
        return self._answer(call(ROOM + path, body or {}, content_type="application/json", headers=headers))

    def _answer(self, response: Any) -> Any:
        return response.json() if response.status_code < 300 and response.content else _refused(response)


def _refused(response: Any) -> Any:
    return None if response.status_code == 204 else (response.status_code, response.json()["code"])


def staff(name: str, role: Role, now: datetime, merchant_id: int | None = None) -> Caller:
    with transaction():
        made = make_account(username=name, name=name, password=PASSWORD, now=now)
        grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=None, now=now)
    client = Client()
    body = {"username": name, "password": PASSWORD}
    assert client.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code == 200
    return Caller(client)


def till(now: datetime, merchant_id: int, store_id: int) -> Caller:
    with transaction():
        made = make_device_token(
            name="till", rights={"coupons.redeem", "coupons.read"}, merchant_id=merchant_id, store_id=store_id, now=now
        )
    return Caller(Authorization=f"Bearer {made.token}")


def member(member_id: int) -> Caller:
    return Caller(**{"X-Member": str(member_id)})


@pytest.fixture
def today(district_id: int) -> datetime:
    return clock.now()


def coupon(merchant_id: int | None, today: datetime, **more: Any) -> dict[str, Any]:
    terms: dict[str, Any] = {"kind": "cash", "title_zh": "满减券", "title_en": "¥30 off", "amount_fen": 3000}
    if merchant_id is not None:
        terms |= {
            "issuer_id": merchant_id,
            "scope": {"merchants_in": [merchant_id]},
            "payers": [{"payer": "redeemer", "bp": 10_000}],
        }
    body = {"terms": terms, "validity": {"ends_at": (today + timedelta(days=8)).isoformat()}, "caps": {"total": 100}}
    return body | more


@pytest.mark.feature("F2", "F17")
def test_a_partner_publishes_end_to_end_a_member_claims_and_the_till_redeems(today: datetime) -> None:
    wear, store = shop("小禾童装", "2F-207", today)
    toys, toys_store = shop("阿橘玩具", "3F-312", today)
    partner, rival = staff("wear", Role.MERCHANT_ADMIN, today, wear), staff("toys", Role.MERCHANT_ADMIN, today, toys)
    made = partner.send("/campaigns", coupon(wear, today))
    assert partner.send("/campaigns", coupon(wear, today))["id"] == made["id"]  # the same key
    assert partner.send("/campaigns", coupon(wear, today, about_zh="另一张")) == (409, "K-4091")
    assert rival.send(f"/campaigns/{made['id']}/publish") == (404, "C-4041")
    assert partner.send(f"/campaigns/{made['id']}/publish")["state"] == "published"
    lin = member(7)
    claim = {"campaign_id": made["id"], "source": "shake"}
    piece = lin.send("/claims", claim)
    assert lin.send("/claims", claim) == piece and len(piece["code"]) == 12
    assert lin.send("/claims", claim, key="request-2") == (409, "C-4092")
    assert lin.send("/claims", claim | {"source": "journey"}) == (400, "K-4001")
    (ticket,) = lin.get("/mine")
    assert (ticket["stub_zh"], ticket["action"], ticket["code"]) == ("¥30", "use", piece["code"])
    assert member(8).get(f"/mine/{piece['id']}") == (404, "C-4042")
    counter, other_counter = till(today, wear, store), till(today, toys, toys_store)
    check = {"code": piece["code"], "merchant_id": wear, "store_id": store, "spend_fen": 15_000}
    assert counter.get(f"/codes/{piece['code']}")["state"] == "unused"
    assert other_counter.send("/redemptions", check) == (403, "K-4032")
    there = check | {"merchant_id": toys, "store_id": toys_store}
    assert other_counter.send("/redemptions", there) == (403, "C-4032")
    done = counter.send("/redemptions", check)
    assert (done["state"], done["used_amount_fen"]) == ("used", 3000)
    assert counter.send("/redemptions", check) == done
    assert counter.send("/redemptions", check, key="request-2") == (409, "C-4094")
    figures = partner.get(f"/campaigns/{made['id']}/figures")
    assert (figures["claimed"], figures["redeemed"], figures["redeemed_bp"]) == (1, 1, 10_000)
    assert [(one["key"], one["redeemed"]) for one in figures["by_source"]] == [("shake", 1)]
    assert rival.get(f"/campaigns/{made['id']}/figures") == (404, "C-4041")
    assert lin.get("/mine/counts") == {"usable": 0, "used": 1, "expired": 0, "given": 0}


@pytest.mark.feature("F3")
def test_the_shelf_from_enrolment_to_the_members_page(today: datetime) -> None:
    wear, _ = shop("小禾童装", "2F-207", today)
    partner, owner = staff("wear", Role.MERCHANT_ADMIN, today, wear), staff("owner", Role.OWNER_OPERATIONS, today)
    shelf = {"title": "周末亲子季", "deadline": (today + timedelta(days=2)).isoformat()}
    assert partner.send("/shelves", shelf) == (403, "K-4032")
    made = owner.send("/shelves", shelf)
    address = f"/shelves/{made['id']}"
    assert member(7).get(f"{address}/tickets") == (404, "C-4043")  # still in preparation
    owner.send(f"{address}/open")
    campaign = partner.send("/campaigns", coupon(wear, today))
    partner.send(f"/campaigns/{campaign['id']}/publish")
    entry = partner.send(f"{address}/entries", {"campaign_id": campaign["id"]})
    assert entry["state"] == "pending" and member(7).get(f"{address}/tickets") == []
    assert partner.send(f"/entries/{entry['id']}/decision", {"accepted": True}) == (403, "K-4032")
    owner.send(f"/entries/{entry['id']}/decision", {"accepted": True})
    (ticket,) = Caller().get(f"{address}/tickets")  # a guest sees it too
    assert (ticket["place_zh"], ticket["action"]) == ("小禾童装", "claim")
    owner.send(f"{address}/close")
    assert member(7).get(f"{address}/tickets") == []


@pytest.mark.feature("F12")
def test_a_gift_over_http(today: datetime) -> None:
    owner = staff("owner", Role.OWNER_OPERATIONS, today)
    campaign = owner.send("/campaigns", coupon(None, today))
    owner.send(f"/campaigns/{campaign['id']}/publish")
    piece = member(7).send("/claims", {"campaign_id": campaign["id"]})
    gift = member(7).send(f"/mine/{piece['id']}/gift", {"words": "给你"})
    assert member(8).send(f"/mine/{piece['id']}/gift") == (404, "C-4042")
    taken = member(8).send("/gifts/accept", {"token": gift["token"]})
    assert taken["code"] != piece["code"]
    assert member(9).send("/gifts/accept", {"token": gift["token"]}) == (410, "C-4103")
    assert member(7).send(f"/mine/{piece['id']}/gift", method="delete") == (410, "C-4103")


def test_who_is_nobody_claims_nothing_and_wrong_words_are_refused(today: datetime) -> None:
    assert Caller().send("/claims", {"campaign_id": 1}) == (401, "K-4011")
    owner = staff("owner", Role.OWNER_OPERATIONS, today)
    for wrong in (
        {"terms": {"kind": "gold"}},
        {"validity": {"ends_at": "2030-01-01T00:00:00"}},
        {"claim_from": "2030-01-01T00:00:00"},
    ):
        assert owner.send("/campaigns", coupon(None, today, **wrong)) == (400, "K-4001")
    assert owner.send("/campaigns", coupon(None, today, validity={})) == (400, "C-4001")
