"""The shelf over the console: three merchants enrol, the owner decides and orders, codes are put up and counted apart."""

import io
import zipfile
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from shangquan.checkout.tests.story import Mall
from shangquan.codes import door as codes
from shangquan.console.tests.conftest import SignIn
from shangquan.console.tests.test_coupons import make, page
from shangquan.coupons import door as coupons
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, StoreDraft
from shangquan.identity.contracts import Role
from shangquan.kernel.transactions import transaction

SHELF = {"title": "周末亲子季", "title_en": "Family weekend", "deadline": "2026-11-25T22:00"}


def opened(owner: Client) -> int:
    answer = owner.post("/console/shelves/new/", SHELF)
    assert answer.status_code == 302, answer.content.decode()
    shelf_id = int(answer["Location"].strip("/").split("/")[-1])
    owner.post(f"/console/shelves/{shelf_id}/open/")
    return shelf_id


def publish(browser: Client, title: str) -> int:
    made = make(browser, title_zh=title)
    browser.post(f"/console/coupons/{made}/publish/")
    return made


@pytest.mark.feature("F3")
def test_three_merchants_enrol_five_coupons_and_the_owner_shows_four_in_its_order(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    with transaction():
        [books] = district.load_merchants(
            [MerchantDraft(name="闲页书店", stores=(StoreDraft(name="闲页书店", unit="1F-101"),))], now=now
        )
    owner = sign_in(Role.OWNER_OPERATIONS)
    shelf = opened(owner)
    for merchant, titles in (
        (mall.kids, ("童装甲", "童装乙")),
        (mall.toys, ("玩具甲", "玩具乙")),
        (books, ("书店甲",)),
    ):
        partner = sign_in(Role.MERCHANT_OPERATIONS, merchant)
        for title in titles:
            partner.post(f"/console/shelves/{shelf}/enrol/", {"campaign": publish(partner, title)})
    entries = {one.campaign_title: one.id for one in coupons.shelves.entries(shelf)}
    assert len(entries) == 5
    for title, entry in entries.items():
        answer = {"answer": "refuse", "note": "和书店甲重复"} if title == "玩具乙" else {"answer": "accept"}
        owner.post(f"/console/shelves/{shelf}/entries/{entry}/", answer)
    owner.post(f"/console/shelves/{shelf}/entries/{entries['书店甲']}/shift/", {"way": "up"})
    shown = coupons.tickets.on_shelf(shelf, member_id=None, now=now)
    assert [ticket.title_zh for ticket in shown] == ["童装甲", "童装乙", "书店甲", "玩具甲"]
    assert "和书店甲重复" in page(owner, f"/console/shelves/{shelf}/")

    late = sign_in(Role.MERCHANT_OPERATIONS, mall.toys)
    last = publish(late, "玩具丙")
    with time_machine.travel(now + timedelta(days=4), tick=False):
        late = sign_in(Role.MERCHANT_OPERATIONS, mall.toys)
        answer = late.post(f"/console/shelves/{shelf}/enrol/", {"campaign": last}, follow=True)
    assert "报名已于" in answer.content.decode()
    assert len(coupons.shelves.entries(shelf)) == 5


@pytest.mark.feature("F5")
def test_three_codes_are_exported_open_one_shelf_and_are_counted_apart(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    shelf = opened(owner)
    for source, place in (("shelf", "1F 正门立牌"), ("shake", "2F 摇一摇"), ("share", "电梯海报")):
        owner.post(f"/console/shelves/{shelf}/codes/new/", {"source": source, "place": place})
    scenes = codes.scenes(subject_kind="shelf", subject_id=shelf)
    assert {scene.subject_id for scene in scenes} == {shelf}
    assert len({scene.url for scene in scenes}) == 3
    with transaction():
        for times, scene in enumerate(scenes, 1):
            for n in range(times * 7):
                codes.record_scan(scene.id, what="scan", key=f"{scene.id}-{n}", now=now)
    shown = page(owner, f"/console/shelves/{shelf}/")
    for number in (7, 14, 21):
        assert f'<td class="right num">{number}</td>' in shown
    one = scenes[0]
    assert owner.get(f"/console/shelves/{shelf}/codes/{one.id}.png").content.startswith(b"\x89PNG")
    assert b"<svg" in owner.get(f"/console/shelves/{shelf}/codes/{one.id}.svg").content
    archive = zipfile.ZipFile(io.BytesIO(owner.get(f"/console/shelves/{shelf}/codes/all.zip").content))
    assert len(archive.namelist()) == 3
    assert "1F 正门立牌" in page(owner, f"/console/shelves/{shelf}/codes/sheet/")


def test_a_merchant_enrols_its_own_only_and_decides_nothing(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    shelf = opened(owner)
    kids, toys = (sign_in(Role.MERCHANT_OPERATIONS, one) for one in (mall.kids, mall.toys))
    made = publish(kids, "童装甲")
    assert (
        "没有这个券" in toys.post(f"/console/shelves/{shelf}/enrol/", {"campaign": made}, follow=True).content.decode()
    )
    kids.post(f"/console/shelves/{shelf}/enrol/", {"campaign": made})
    [entry] = coupons.shelves.entries(shelf)
    assert kids.post(f"/console/shelves/{shelf}/entries/{entry.id}/", {"answer": "accept"}).status_code == 403
    assert kids.get("/console/shelves/new/").status_code == 403
    assert "童装甲" not in page(toys, f"/console/shelves/{shelf}/")


def test_a_shelf_in_preparation_is_the_owners_alone(mall: Mall, sign_in: SignIn) -> None:
    answer = sign_in(Role.OWNER_OPERATIONS).post("/console/shelves/new/", SHELF)
    partner = sign_in(Role.MERCHANT_OPERATIONS, mall.kids)
    assert partner.get(answer["Location"]).status_code == 404
    assert "周末亲子季" not in page(partner, "/console/shelves/")
    assert sign_in(Role.OWNER_OPERATIONS).post("/console/shelves/new/", {"title": "货架"}).status_code == 422
