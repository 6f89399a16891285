"""Members, merchants, goods, staff, devices, audit over HTTP: owner, merchant, foreign merchant, missing right."""

import csv
import io
from datetime import datetime
from typing import Any, Literal

import pytest

from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import PASSWORD, SignIn
from shangquan.district import door as district
from shangquan.identity import door as identity
from shangquan.identity.contracts import Role
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members

NEW = {"name": "云吞铺", "name_en": "Wonton", "category": "", "story": "", "unit": "B1-012"}


@pytest.fixture
def people(mall: Mall, now: datetime) -> list[int]:
    """Four members with phones; the first three bought, claimed, subscribed at the children's shop."""
    kinds: tuple[Literal["bought", "claimed", "subscribed"], ...] = ("bought", "claimed", "subscribed")
    with transaction():
        cards = [
            members.open_card(phone=f"1380000000{n}", name=f"顾客{n}号", channel="pos", now=now) for n in range(1, 5)
        ]
        for card, what in zip(cards, kinds, strict=False):
            members.note_dealing(card.id, mall.kids, what, now=now)
    return [card.id for card in cards]


@pytest.mark.feature("D13")
def test_a_merchant_sees_exactly_its_own_customers_masked(mall: Mall, people: list[int], sign_in: SignIn) -> None:
    owner, shop = sign_in(Role.OWNER_ADMIN), sign_in(Role.MERCHANT_ADMIN, mall.kids)

    def listed(page: str) -> set[int]:
        return {n for n in people if f"/console/members/{n}/" in page}

    all_of_them, own = owner.get("/console/members/").content.decode(), shop.get("/console/members/").content.decode()
    assert listed(all_of_them) == set(people) and f"/console/members/{mall.member}/" in all_of_them
    assert listed(own) == set(people[:3]) and f"/console/members/{mall.member}/" not in own
    for page in (all_of_them, own):
        assert "138****0001" in page and "13800000001" not in page
    assert listed(shop.get("/console/members/?q=13800000004").content.decode()) == set()
    assert shop.get(f"/console/members/{people[0]}/").status_code == 200
    assert shop.get(f"/console/members/{people[3]}/").status_code == 404
    assert shop.post(f"/console/members/{people[0]}/phone/", {"reason": "想看看"}).status_code == 403
    assert shop.post("/console/members/export/").status_code == 403


def test_a_whole_phone_is_shown_once_for_a_reason_that_is_kept(mall: Mall, people: list[int], sign_in: SignIn) -> None:
    desk = sign_in(Role.OWNER_SERVICE)
    address = f"/console/members/{people[0]}/phone/"
    assert desk.post(address, {"reason": ""}).status_code == 400
    shown = desk.post(address, {"reason": "顾客来电找回积分"})
    assert "13800000001" in shown.content.decode()
    assert "13800000001" not in desk.get(f"/console/members/{people[0]}/").content.decode()
    line = AuditLine.rows().get(action="members.read_phone", refused="")
    assert line.after == {"kind": "phone", "reason": "顾客来电找回积分"} and line.actor_name == "王琪"


def test_the_members_list_costs_the_same_for_more_members(
    mall: Mall, people: list[int], sign_in: SignIn, now: datetime, django_assert_max_num_queries: Any
) -> None:
    owner = sign_in(Role.OWNER_ADMIN)

    def cost(path: str) -> int:
        with django_assert_max_num_queries(40) as found:
            assert owner.get(path).status_code == 200
        return len(found)

    few = cost("/console/members/")
    with transaction():
        for n in range(60):
            members.open_card(phone=f"139000001{n:02}", name=f"新客{n}", channel="wifi", now=now)
    assert cost("/console/members/") == few
    page = owner.get("/console/members/").content.decode()
    assert "139****0159" in page and 'rel="next"' in page
    after = page.split("after=")[1].split('"')[0].split("&")[0]
    second = owner.get(f"/console/members/?after={after}").content.decode()
    assert f"/console/members/{people[0]}/" in second and f"/console/members/{people[0]}/" not in page


def test_a_tier_is_changed_and_members_are_taken_out(mall: Mall, people: list[int], sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_ADMIN)
    owner.post(f"/console/members/{people[0]}/tier/", {"tier": "gold"})
    owner.post(f"/console/members/{people[0]}/tier/", {"tier": "no-such"})
    assert members.member(people[0]).tier == "gold"
    answer = owner.post("/console/members/export/", {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {int(row["id"]) for row in rows} == {mall.member, *people}


def test_an_application_is_reviewed_suspended_and_resumed(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_ADMIN)
    refused = owner.post("/console/merchants/new/", {**NEW, "name": "小禾童装"})
    assert refused.status_code == 400 and "D-4091" in refused.content.decode()
    here = owner.post("/console/merchants/new/", NEW)["Location"]
    made = int(here.rstrip("/").rpartition("/")[2])
    assert "待审核" in owner.get(here).content.decode()
    assert owner.post(f"{here}terms/", {"commission": "5.5", "joins_points": "on"}).status_code == 302
    card = district.merchant(made)
    assert (card.status, card.commission_bp, card.joins_points, card.joins_tiers) == ("active", 550, True, False)
    assert owner.post(f"{here}suspend/", {"reason": ""}).status_code == 400
    assert owner.post(f"{here}suspend/", {"reason": "证照过期"}).status_code == 302
    assert district.merchant(made).status == "suspended"
    owner.post(f"{here}resume/")
    assert district.merchant(made).is_active


def test_a_merchant_keeps_its_own_card_stores_and_goods_and_no_others(mall: Mall, sign_in: SignIn) -> None:
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    own, other = f"/console/merchants/{mall.kids}/", f"/console/merchants/{mall.toys}/"
    assert shop.get("/console/merchants/")["Location"] == own
    assert shop.get(other).status_code == 403
    assert AuditLine.rows().filter(refused="K-4032").count() == 1
    assert shop.post(f"{own}card/", {"name": "小禾童装", "story": "棉的"}).status_code == 302
    assert district.merchant(mall.kids).story == "棉的"
    assert shop.post(f"{own}terms/", {"commission": "0"}).status_code == 403
    store = {"name": "小禾二店", "unit": "3F-312", "open_from": "10:00", "open_to": "22:00", "tables": "0"}
    assert "D-4093" in shop.post(f"{own}stores/new/", store).content.decode()
    assert shop.post(f"{own}stores/new/", {**store, "unit": "3F-313"}).status_code == 302
    assert shop.post(f"{own}stores/{mall.toys_store}/", store).status_code == 403
    second = next(card for card in district.stores(merchant_id=mall.kids) if card.unit == "3F-313")
    assert "关店" in shop.get(f"{own}stores/{second.id}/").content.decode()
    assert shop.post(f"{own}stores/{mall.toys_store}/close/").status_code == 403
    shop.post(f"{own}stores/{second.id}/close/")
    assert not district.store(second.id).is_trading and district.store(mall.toys_store).is_trading
    goods = {"name": "雨靴", "price": "89.90", "points_times": "2", "is_active": "on", "barcode": "6901234567890"}
    assert "D-4001" in shop.post(f"{own}products/new/", goods).content.decode()
    assert shop.post(f"{own}products/new/", {**goods, "barcode": ""}).status_code == 302
    (boots,) = district.product_page(text="雨靴")
    assert (boots.price_fen, boots.points_multiplier_bp, boots.merchant_id) == (8_990, 20_000, mall.kids)
    assert shop.post(f"{other}products/new/", {**goods, "barcode": ""}).status_code == 403
    toys = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    assert "雨靴" in shop.get("/console/products/").content.decode()
    assert "雨靴" not in toys.get("/console/products/").content.decode()


def test_staff_are_made_with_a_role_and_lose_it_at_once(mall: Mall, sign_in: SignIn) -> None:
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    new = {
        "username": "lin.cashier", "name": "林收银", "password": "weak", "role": "cashier",
        "merchant_id": mall.kids, "store_id": mall.kids_store,
    }  # fmt: skip
    weak = shop.post("/console/staff/new/", new)
    assert weak.status_code == 400 and "A-4001" in weak.content.decode() and "lin.cashier" in weak.content.decode()
    assert shop.post("/console/staff/new/", {**new, "password": PASSWORD, "role": "owner_admin"}).status_code == 400
    here = shop.post("/console/staff/new/", {**new, "password": PASSWORD})["Location"]
    account = int(here.rstrip("/").rpartition("/")[2])
    (grant,) = identity.staff_cards([account])[account].grants
    assert (grant.role.role, grant.store_id) == ("cashier", mall.kids_store)
    toys = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    assert toys.get(here).status_code == 404 and "林收银" not in toys.get("/console/staff/").content.decode()
    assert toys.post(f"{here}grants/{grant.id}/revoke/").status_code == 404
    shop.post(f"{here}grants/{grant.id}/revoke/")
    assert account not in identity.staff_cards([account]) or not identity.staff_cards([account])[account].grants


def test_a_device_token_is_shown_once(mall: Mall, sign_in: SignIn) -> None:
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    asked = {"name": "一号收银台", "merchant_id": mall.kids, "store_id": mall.kids_store, "rights": ["till.use"]}
    assert shop.post("/console/devices/new/", {**asked, "rights": ["tenancy.switch"]}).status_code == 400
    page = shop.post("/console/devices/new/", asked).content.decode()
    assert "sq_" in page and "sq_" not in shop.get("/console/devices/").content.decode()
    (card,) = identity.devices(merchant_id=mall.kids)
    toys = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    toys.post(f"/console/devices/{card.id}/revoke/")
    assert identity.devices(merchant_id=mall.kids)[0].revoked_at is None
    shop.post(f"/console/devices/{card.id}/revoke/")
    assert identity.devices(merchant_id=mall.kids)[0].revoked_at is not None


def test_the_audit_shows_each_side_its_own_and_the_refusals(mall: Mall, sign_in: SignIn) -> None:
    owner, shop = sign_in(Role.OWNER_ADMIN), sign_in(Role.MERCHANT_ADMIN, mall.kids)
    owner.post("/console/merchants/new/", NEW)
    shop.post(f"/console/merchants/{mall.kids}/terms/", {"commission": "0"})
    assert "district.apply" in owner.get("/console/audit/").content.decode()
    own = shop.get("/console/audit/").content.decode()
    assert "district.apply" not in own and "K-4032" in own
    refused = owner.get("/console/audit/?view=refused").content.decode()
    assert "K-4032" in refused and "district.apply" not in refused
    assert sign_in(Role.CASHIER, mall.kids, mall.kids_store).get("/console/audit/").status_code == 403
