"""Applying, reviewing, suspending; and four hundred partners at once."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shangquan.district import access, door, queries
from shangquan.district.contracts import (
    BAD_UNIT,
    ILLEGAL_STEP,
    NAME_TAKEN,
    UNIT_TAKEN,
    MerchantDraft,
    MerchantStatus,
    ProductDraft,
    StoreDraft,
)
from shangquan.district.models import Merchant, Store
from shangquan.identity import door as identity
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.models import AuditLine, OutboxEvent
from shangquan.kernel.transactions import transaction
from shangquan.tenancy.actions.open_district import open_district

pytestmark = pytest.mark.usefixtures("district_id")


def refusal(work: Any) -> Refused:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value


def apply(now: datetime, name: str = "山岚茶事", unit: str = "2F-207", **more: Any) -> int:
    draft = MerchantDraft(name=name, stores=[StoreDraft(name=f"{name}·栖梧里店", unit=unit)], **more)
    with transaction():
        return door.apply_merchant(draft, now=now)


def trading(now: datetime, name: str = "山岚茶事", unit: str = "2F-207") -> int:
    merchant_id = apply(now, name, unit)
    with transaction():
        door.review_merchant(merchant_id, accepted=True, commission_bp=800, joins_tiers=True, now=now)
    return merchant_id


def four_hundred_twenty() -> list[MerchantDraft]:
    return [
        MerchantDraft(
            name=f"商户{n:03d}",
            commission_bp=500,
            stores=[StoreDraft(name="一店", unit=f"1F-{n:03d}"), StoreDraft(name="二店", unit=f"2F-{n:03d}")],
        )
        for n in range(420)
    ]


@pytest.mark.feature("A2")
def test_420_partners_with_two_stores_load_at_once_one_is_approved_and_one_suspended(
    district_id: int, now: datetime
) -> None:
    began = perf_counter()
    with CaptureQueriesContext(connection) as made, transaction():
        loaded = door.load_merchants(four_hundred_twenty(), now=now)
    assert perf_counter() - began < 5 and len(made) < 25
    assert len(loaded) == len(door.active_merchant_ids()) == 420 and Store.rows().count() == 840
    assert len(door.directory(now=now, limit=500)) == 420

    applied = apply(now, unit="3F-301")
    assert not door.is_open_for_business(applied) and applied not in door.active_merchant_ids()
    with transaction():
        door.review_merchant(applied, accepted=True, commission_bp=800, joins_tiers=True, now=now)
    assert door.merchant(applied).is_active and door.merchant(applied).commission_bp == 800

    closed = loaded[7]
    with transaction():
        product = door.save_product(
            closed, ProductDraft(name="白茶", price_fen=16800, barcode="6901234567892"), now=now
        )
        account = identity.make_account(username="dianyuan", name="小周", password="long-enough-1", now=now)
        identity.grant_role(account_id=account, role="merchant_admin", merchant_id=closed, now=now)
    assert door.find_product("6901234567892") and door.products(closed)
    assert identity.actor_for(account, district_id).kind == "staff"

    with transaction():
        door.suspend_merchant(closed, reason="卫生检查不合格", now=now)

    assert not door.is_open_for_business(closed) and closed not in door.active_merchant_ids()
    assert closed not in {entry.merchant.id for entry in door.directory(now=now, limit=500)}
    assert door.find_product("6901234567892") is None and door.products(closed) == []
    assert door.stores(merchant_id=closed, trading_only=True) == []
    assert identity.actor_for(account, district_id) == scope.GUEST

    assert door.merchant(closed).status is MerchantStatus.SUSPENDED  # its history stays readable by the owner
    assert len(door.stores(merchant_id=closed)) == 2 and door.product(product).name == "白茶"
    assert queries.console_page(status="suspended")[0].merchant.id == closed
    assert OutboxEvent.rows().filter(name="merchant_suspended", payload__merchant_id=closed).count() == 1

    with transaction():
        door.resume_merchant(closed, now=now)
    assert door.products(closed) and identity.actor_for(account, district_id).kind == "staff"


@pytest.mark.parametrize("rows", [3, 40])
def test_lists_take_the_same_number_of_queries_for_few_and_for_many(now: datetime, rows: int) -> None:
    with transaction():
        door.load_merchants(four_hundred_twenty()[:rows], now=now)
    with CaptureQueriesContext(connection) as made:
        assert len(door.directory(now=now)) == rows and len(queries.console_page()) == rows
        assert len(door.stores()) == 2 * rows and len(door.merchants()) == rows
    assert len(made) == 5


def test_pages_by_keyset_show_everyone_once(now: datetime) -> None:
    with transaction():
        door.load_merchants(four_hundred_twenty()[:25], now=now)
    seen: list[int] = []
    after = None
    while page := queries.console_page(after=after, limit=10):
        seen += [line.merchant.id for line in page]
        after = (page[-1].merchant.name, page[-1].merchant.id)
    assert len(seen) == len(set(seen)) == 25


def test_an_application_waits_and_cannot_grant_itself_terms(now: datetime) -> None:
    merchant = door.merchant(apply(now, commission_bp=10, joins_tiers=True))
    assert (merchant.status, merchant.commission_bp, merchant.joins_tiers) == (MerchantStatus.APPLIED, 0, False)


def test_the_owner_sells_alone_without_any_partner(now: datetime) -> None:
    assert door.merchants() == [] and door.directory(now=now) == [] and queries.console_page() == []
    with transaction():
        own = door.apply_merchant(MerchantDraft(name="栖梧里自营"), now=now, own=True)
        door.save_product(own, ProductDraft(name="帆布袋", price_fen=4900), now=now)
    assert door.merchant(own).is_own and door.is_open_for_business(own) and door.is_open_for_business(None)
    assert [product.name for product in door.products(own)] == ["帆布袋"]
    assert [entry.merchant.id for entry in door.directory(now=now)] == [own]


def test_a_refused_application_says_why_and_frees_its_name(now: datetime) -> None:
    first = apply(now)
    assert refusal(lambda: apply_again(now)).reason is NAME_TAKEN
    with transaction():
        door.review_merchant(first, accepted=False, reason="资料不全", now=now)
    assert Merchant.rows().get(id=first).status_reason == "资料不全"
    with transaction():
        assert apply_again(now, unit="2F-208") != first


def apply_again(now: datetime, unit: str = "2F-299") -> int:
    return door.apply_merchant(MerchantDraft(name="山岚茶事", stores=[StoreDraft(name="店", unit=unit)]), now=now)


@pytest.mark.parametrize("step", ["suspend", "resume"])
def test_a_step_that_is_not_possible_is_refused_and_changes_nothing(now: datetime, step: str) -> None:
    merchant_id = apply(now)
    steps = {
        "suspend": lambda: door.suspend_merchant(merchant_id, reason="x", now=now),
        "resume": lambda: door.resume_merchant(merchant_id, now=now),
    }
    refused = refusal(steps[step])
    assert refused.reason is ILLEGAL_STEP and "待审核" in refused.zh
    assert door.merchant(merchant_id).status is MerchantStatus.APPLIED


def test_a_unit_is_held_by_one_open_store(now: datetime) -> None:
    merchant_id = trading(now)
    [store] = door.stores(merchant_id=merchant_id)
    assert (store.unit, store.is_trading) == ("2F-207", True)
    draft = StoreDraft(name="二店", unit=" 2f-207 ")
    assert refusal(lambda: door.add_store(merchant_id, draft, now=now)).reason is UNIT_TAKEN
    with transaction():
        door.close_store(store.id, now=now)
        second = door.add_store(merchant_id, draft, now=now)
    assert door.store(second).unit == "2F-207" and not door.store(store.id).is_trading


@pytest.mark.parametrize("unit", ["", "207", "二楼207", "2F_207", "2F-207-1-1"])
def test_a_badly_written_unit_is_refused(now: datetime, unit: str) -> None:
    merchant_id = trading(now)
    assert refusal(lambda: door.add_store(merchant_id, StoreDraft("店", unit), now=now)).reason is BAD_UNIT


def test_a_unit_finds_its_floor(now: datetime) -> None:
    with transaction():
        building = door.add_building(code="A", name="A 座")
        floor = door.add_floor(building, code="2F", name="二层", sort=2)
    [store] = door.stores(merchant_id=trading(now))
    assert (store.floor_id, store.floor, store.building) == (floor, "2F", "A 座")
    assert [entry.merchant.name for entry in door.directory(now=now, floor_id=floor)] == ["山岚茶事"]


def test_hours_may_run_past_midnight(now: datetime) -> None:
    [store] = door.stores(merchant_id=trading(now))
    night = replace(store, open_from=time(18), open_to=time(2))
    for hour, opened in ((17, False), (18, True), (23, True), (1, True), (2, False)):
        assert night.is_open_at(now.replace(hour=hour)) is opened


def test_the_directory_is_classified_and_an_offer_today_finds_exactly_those_who_have_one(now: datetime) -> None:
    tea, shoes, books = trading(now), trading(now, "云履", "1F-101"), trading(now, "墨砚书店", "3F-301")
    with transaction():
        door.save_product(shoes, ProductDraft(name="跑鞋", price_fen=59900), now=now - timedelta(days=30))
        door.save_product(books, ProductDraft(name="新书", price_fen=4900), now=now - timedelta(days=3))
        stopped = trading_in(now)
        door.suspend_merchant(stopped, reason="x", now=now)
    offers = {tea, stopped}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(door._filters, "offer", lambda at: offers)
        found = door.directory(now=now, has="offer")
    assert [entry.merchant.id for entry in found] == [tea]
    assert [entry.merchant.id for entry in door.directory(now=now, has="new")] == [books]
    assert [entry.merchant.name for entry in door.directory(now=now, text="跑鞋")] == ["云履"]
    assert [entry.merchant.id for entry in door.directory(now=now, text="2f-207")] == [tea]
    assert [store.unit for store in door.directory(now=now, text="山岚")[0].stores] == ["2F-207"]
    assert refusal(lambda: door.directory(now=now, has="nothing")).reason.code == "K-4001"


def trading_in(now: datetime) -> int:
    merchant_id = door.apply_merchant(MerchantDraft(name="停业店", stores=[StoreDraft("店", "4F-401")]), now=now)
    door.review_merchant(merchant_id, accepted=True, now=now)
    return merchant_id


def test_a_merchants_staff_see_and_change_their_own_rows_only(now: datetime) -> None:
    tea, shoes = trading(now), trading(now, "云履", "1F-101")
    with transaction():
        door.save_product(tea, ProductDraft(name="白茶", price_fen=16800), now=now)
        foreign = door.save_product(shoes, ProductDraft(name="跑鞋", price_fen=59900), now=now)
    rights = frozenset({"merchants.read", "merchants.edit", "products.edit"})
    staff = scope.Actor(kind="staff", id=5, name="周", role="merchant_admin", merchant_id=tea, rights=rights)
    with scope.scope(scope.district_id(), actor=staff):
        assert [line.merchant.id for line in queries.console_page()] == [tea]
        assert [product.name for product in queries.console_products()] == ["白茶"]
        assert queries.console_products(merchant_id=shoes) == []
        assert list(access.merchant_rows().values_list("id", flat=True)) == [tea]
        for attempt in (
            lambda: door.change_merchant(shoes, now=now, story="偷改"),
            lambda: door.save_product(shoes, ProductDraft(name="假", price_fen=1), now=now),
            lambda: door.save_product(tea, ProductDraft(name="假", price_fen=1), product_id=foreign, now=now),
            lambda: door.change_merchant(tea, now=now, commission_bp=0),
            lambda: door.suspend_merchant(tea, reason="x", now=now),
        ):
            assert refusal(attempt).reason is FORBIDDEN
        with transaction():
            door.change_merchant(tea, now=now, story="一叶一山")
    assert door.merchant(tea).story == "一叶一山" and door.product(foreign).name == "跑鞋"


def test_another_district_sees_nothing(now: datetime) -> None:
    merchant_id = trading(now)
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other):
        assert door.merchants() == door.stores() == door.products() == []
        assert not door.is_open_for_business(merchant_id)


def test_changes_leave_an_audit_line_without_the_contacts_phone(now: datetime) -> None:
    apply(now, contact_name="周岚", contact_phone="13700137000")
    lines = [f"{line.action}{line.before}{line.after}" for line in AuditLine.rows()]
    assert any(line.startswith("district.apply") for line in lines)
    assert not any("13700137000" in line for line in lines)
    with connection.cursor() as cursor:
        cursor.execute("select m::text from district_merchant m")
        assert all("13700137000" not in text for (text,) in cursor.fetchall())
