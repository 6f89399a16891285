"""The first page: a paid bill shows at once, against the same weekday, with what waits for whom."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine

from shangquan.checkout import door as checkout
from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.console.tests.test_coupons import make, page, published
from shangquan.identity.contracts import Role
from shangquan.kernel import clock
from shangquan.kernel.jobs import drain

WEEK = timedelta(days=7)
NAMES = set("王 王琪 中文 小禾童装 阿橘玩具 儿童抓绒外套 纯棉打底衫 儿童中筒袜 双装".split())


def words(text: str) -> str:
    return re.sub(r"<[^>]+>|\s", "", text)


@pytest.mark.feature("W1")
def test_a_paid_bill_shows_within_five_seconds(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    assert "今天还没有成交" in page(owner, "/console/")
    bill = mall.pay(mall.open(member_id=None).id)
    drain()
    with time_machine.travel(now + timedelta(seconds=5), tick=False):
        shown = words(page(owner, "/console/live/"))
        assert clock.now() - (checkout.bill(bill.id).paid_at or now) <= timedelta(seconds=5)
    assert f"销售额¥{bill.payable_fen / 100:.2f}" in shown
    assert 'data-every="10"' in page(owner, "/console/"), "and the page asks again by itself"


def test_figures_are_held_against_the_same_hours_of_the_same_weekday(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    two_hours_ago = now - timedelta(hours=2)
    for count, moment in ((1, two_hours_ago - WEEK), (2, two_hours_ago)):
        then = replace(mall, now=moment)
        for n in range(count):
            then.pay(then.open(f"{moment:%m%d}-000{n}", member_id=None).id)
    drain()
    shown = words(page(sign_in(Role.OWNER_FINANCE), "/console/"))
    assert "笔数2+100.0%比上周日同时段" in shown
    assert "到18时，比上周同日多了100.0%；16时最高，收了¥396.00。" in shown


def test_each_side_sees_its_own_and_who_may_not_see_figures_sees_none(mall: Mall, sign_in: SignIn) -> None:
    bill = mall.pay(mall.open(member_id=None).id)
    drain()
    sum_of_day = f"¥{bill.payable_fen / 100:.2f}"
    assert sum_of_day in words(page(sign_in(Role.MERCHANT_ADMIN, mall.kids), "/console/"))
    assert sum_of_day not in words(page(sign_in(Role.MERCHANT_ADMIN, mall.toys), "/console/"))
    kitchen = page(sign_in(Role.KITCHEN, mall.kids, mall.kids_store), "/console/")
    assert "销售额" not in kitchen and "要处理的事" in kitchen


def test_what_waits_is_listed_for_whoever_decides_it(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    partner = sign_in(Role.MERCHANT_OPERATIONS, mall.kids)
    made = published(mall, now)
    assert "等你发布" not in page(partner, "/console/")
    waiting = make(partner, title_zh="等发布的券")
    partner.post(f"/console/coupons/{waiting}/submit/")
    owner = sign_in(Role.OWNER_OPERATIONS)
    assert "「等发布的券」等你发布" in page(owner, "/console/")
    owner.post(f"/console/coupons/{waiting}/send-back/", {"note": "预算太高"})
    assert "「等发布的券」被退回" in page(partner, "/console/") and "预算太高" in page(partner, "/console/")
    assert made != waiting


def test_the_page_speaks_english_throughout(mall: Mall, sign_in: SignIn) -> None:
    mall.pay(mall.open(member_id=None).id)
    drain()
    browser = sign_in(Role.OWNER_ADMIN)
    browser.post("/console/language/", {"language": "en"})
    for path in ("/console/", "/console/coupons/", "/console/coupons/new/", "/console/shelves/", "/console/bills/"):
        shown = re.sub(r"<[^>]+>", " ", page(browser, path))
        left = set(re.findall(r"[一-鿿]+", shown))
        assert left <= NAMES, (path, left - NAMES)
