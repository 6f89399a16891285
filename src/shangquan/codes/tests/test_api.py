"""The three rooms over HTTP, with a till's token and with none."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from shangquan.codes import door
from shangquan.codes.contracts import SceneCard
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.identity import door as identity
from shangquan.kernel import clock
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members

pytestmark = pytest.mark.usefixtures("district_id")
RIGHTS = {"members.read", "members.enrol", "codes.export", "merchants.read", "products.read"}


@pytest.fixture
def shop(now: datetime) -> int:
    with transaction():
        return district.apply_merchant(
            MerchantDraft(name="山岚茶事", stores=[StoreDraft("栖梧里店", "2F-207")]), now=now, own=True
        )


@pytest.fixture
def till(shop: int, now: datetime) -> dict[str, str]:
    """The headers of a till of the shop."""
    with transaction():
        made = identity.make_device_token(name="一号收银台", rights=RIGHTS, merchant_id=shop, store_id=None, now=now)
    return {"Authorization": f"Bearer {made.token}"}


def post(client: Client, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    answer = client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def get(client: Client, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    answer = client.get(f"/api/v1{path}", headers=headers or {})
    return answer.status_code, answer.json()


def test_a_till_reads_verifies_and_is_told_of_a_replay(client: Client, till: dict[str, str], now: datetime) -> None:
    with transaction():
        card = members.open_card(openid="oLin-000001", channel="pos", now=now)
    digits = door.member_code(card.id, now=clock.now()).digits
    status, found = post(client, "/codes/resolve", {"text": digits}, till)
    assert (status, found["kind"], found["subject_id"]) == (200, "member_code", card.id)
    assert post(client, "/codes/member-codes/verify", {"digits": digits}, till) == (200, {"member_id": card.id})
    status, refused = post(client, "/codes/member-codes/verify", {"digits": digits}, till)
    assert (status, refused["code"]) == (409, "Q-4091") and refused["data"]["used_by"] == "一号收银台"
    status, refused = post(client, "/codes/member-codes/verify", {"digits": "8" * 18}, till)
    assert (status, refused["code"]) == (404, "Q-4041")


def test_scene_codes_are_made_counted_and_drawn(client: Client, till: dict[str, str]) -> None:
    body = {"source": "poster", "subject_kind": "store", "subject_id": 3, "place": "门口"}
    status, made = post(client, "/codes/scenes", body, till)
    assert status == 201 and post(client, "/codes/scenes", body, till) == (201, made)
    assert client.get(f"/c/{made['scene']}/").status_code in (200, 302)
    status, listed = get(client, "/codes/scenes", till)
    assert [each["counts"] for each in listed] == [{"scan": 1}]
    picture = client.get(f"/api/v1/codes/scenes/{made['id']}/qr.svg", headers=till)
    assert picture["Content-Type"] == "image/svg+xml" and b"style" not in picture.content
    assert client.get(f"/api/v1/codes/scenes/{made['id']}/qr.png", headers=till).content.startswith(b"\x89PNG")


def test_a_card_is_opened_and_found_at_the_till(client: Client, till: dict[str, str]) -> None:
    status, card = post(client, "/members", {"phone": "13800138000", "name": "林小雨"}, till)
    assert status == 200 and card["phone_masked"] == "138****8000" and "13800138000" not in json.dumps(card)
    assert post(client, "/members", {"phone": "138 0013 8000"}, till) == (200, card)
    assert post(client, "/members/find", {"kind": "phone", "value": "13800138000"}, till)[1]["member"] == card
    assert post(client, "/members/find", {"kind": "face", "value": "face-token-1"}, till) == (200, {"member": None})
    assert post(client, "/members/find", {"kind": "phone", "value": "12"}, till)[1]["code"] == "M-4001"


def test_the_owner_exports_members_as_a_stream_and_a_partner_does_not(
    client: Client, till: dict[str, str], now: datetime
) -> None:
    with transaction():
        cards = [members.open_card(phone=f"1380013800{n}", channel="pos", now=now) for n in range(3)]
        rights = {"members.export", "members.read_phone"}
        made = identity.make_device_token(name="总部", rights=rights, merchant_id=None, store_id=None, now=now)
    assert get(client, "/members/export", till)[0] == 403
    headquarters = {"Authorization": f"Bearer {made.token}"}
    answer = client.get("/api/v1/members/export?form=jsonl", headers=headquarters)
    lines = [json.loads(text) for text in answer.getvalue().decode().splitlines()]
    assert [(line["id"], line["phone"]) for line in lines] == [
        (card.id, f"1380013800{n}") for n, card in enumerate(cards)
    ]
    table = client.get("/api/v1/members/export", headers=headquarters).getvalue().decode()
    assert table.startswith("\ufeffid,card_no,name,phone") and table.count("\n") == 4
    assert AuditLine.rows().filter(action="members.export", refused="").count() == 2


def test_whole_phones_and_reviews_are_the_owners(client: Client, till: dict[str, str], shop: int) -> None:
    for path, body in (("/members/1/phone", {}), (f"/district/merchants/{shop}/suspend", {"reason": "x"})):
        status, refused = post(client, path, body, till)
        assert (status, refused["code"]) == (403, "K-4032")
    assert AuditLine.rows().filter(refused="K-4032").count() == 2


def test_anyone_reads_the_directory_and_sees_no_terms(client: Client, shop: int, now: datetime) -> None:
    with transaction():
        district.save_product(shop, ProductDraft(name="白茶", price_fen=16800), now=clock.now())
    status, entries = get(client, "/district/directory?has=new")
    assert status == 200 and [each["merchant"]["name"] for each in entries] == ["山岚茶事"]
    assert [store["unit"] for store in entries[0]["stores"]] == ["2F-207"] and "commission_bp" not in entries[0][
        "merchant"
    ]
    assert get(client, f"/district/merchants/{shop}/products")[1][0]["price_fen"] == 16800
    assert get(client, "/district/directory?limit=5000")[0] == 400


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    for path in ("/members", "/codes/scenes", "/district/merchants", "/members/export"):
        assert get(client, path)[0] == 401
    assert post(client, "/codes/resolve", {"text": "1"}, {})[0] in (401, 403)


def test_an_application_by_the_public_waits(client: Client) -> None:
    body = {
        "name": "墨砚书店",
        "contact_name": "周",
        "contact_phone": "13700137000",
        "stores": [{"name": "店", "unit": "3F-301"}],
    }
    status, made = post(client, "/district/applications", body, {})
    assert status == 201 and district.merchant(made["id"]).status.value == "applied"
    assert get(client, "/district/directory")[1] == []


def test_a_scene_card_is_what_the_door_says(client: Client, till: dict[str, str], now: datetime) -> None:
    made = post(client, "/codes/scenes", {"source": "wifi", "subject_kind": "shelf", "subject_id": 1}, till)[1]
    assert SceneCard(**made) == door.scene(made["scene"])
