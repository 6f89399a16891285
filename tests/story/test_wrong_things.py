"""The same house with everything that goes wrong on a busy evening: nothing is taken twice, nothing is lost."""

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from shangquan.checkout import door as checkout
from shangquan.connectors.wechatpay.notices import SOURCE as NOTICES
from shangquan.coupons import door as coupons
from shangquan.kernel.models import InboxItem
from shangquan.payments import door as payments
from shangquan.settlement import door as settlement
from superapp_sandbox.testing import wait_until

from . import stations
from .cast import Cast, PhoneScreen, TillScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OUR_SALE = [("commission", -840), ("sale", 16_800)]  # 198.00 − 30.00; 5 % of 168.00


def test_a_busy_evening_takes_nothing_twice_and_loses_nothing(cast: Cast) -> None:
    shelf, kids_off, toys_off = stations.ready_shelf(cast)
    lin, chen = cast.phone("小林"), cast.phone("小陈")
    stations.joined(cast)
    _claims_many_times(cast, lin, shelf, kids_off)
    chen.open(f"/m/shelf/{shelf}/")
    stations.claims(chen, stations.KIDS_OFF)
    stations.claims(lin, stations.TOYS_OFF)
    till = cast.till("till-a")
    till.begin("till-a")
    stations.sells_198(till, lin)
    assert till.due() == "¥168.00"
    _coupons_that_do_not_fit(till, lin, chen, kids_off, toys_off)
    _wrong_password_then_stopped(cast, till, lin)
    _callback_lost(cast, till, lin)
    assert coupons.campaign(kids_off).claimed == 2
    assert stations.lines(cast.kids) == OUR_SALE
    _callback_ten_times(cast, till, chen)
    assert stations.lines(cast.kids) == sorted(OUR_SALE * 2)
    assert settlement.payable(cast.kids) == 2 * (16_800 - 840)
    _expired(cast, till, chen)
    assert stations.lines(cast.kids) == sorted(OUR_SALE * 2)
    assert cast.heard == []


def _claims_many_times(cast: Cast, lin: PhoneScreen, shelf: int, campaign: int) -> None:
    """Five taps at the same moment, each a request of its own; then one more, much later."""
    lin.open(f"/m/shelf/{shelf}/")
    stations.claims(lin, stations.TOYS_OFF_SECOND)  # the tap that opens the card
    token = lin.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    jar = {one["name"]: one["value"] for one in lin.context.cookies()}
    port = cast.base.rpartition(":")[2]
    headers = {"Host": lin.base.removeprefix("http://"), "User-Agent": "MicroMessenger/8.0.49"}

    def tap(turn: int) -> int:
        form = {"csrfmiddlewaretoken": token, "key": f"tap-{turn:04d}", "next": f"/m/shelf/{shelf}/"}
        there = f"http://127.0.0.1:{port}/m/campaigns/{campaign}/claim/"
        return httpx.post(there, data=form, cookies=jar, headers=headers, trust_env=False, timeout=30).status_code

    with ThreadPoolExecutor(5) as taps:
        answers = sorted(taps.map(tap, range(5)))
    assert answers[0] == 303 and all(400 <= answer < 500 for answer in answers[1:]), answers
    assert 400 <= tap(9) < 500
    assert coupons.campaign(campaign).claimed == 1
    cast.react()
    lin.open(f"/m/shelf/{shelf}/")


def _coupons_that_do_not_fit(
    till: TillScreen, lin: PhoneScreen, chen: PhoneScreen, kids_off: int, toys_off: int
) -> None:
    """Of another member, and of another shop: refused with the reason, and the bill stays what it was."""
    till.scan(_code_of(chen, stations.KIDS_OFF))
    till.sees("这张券是另一位会员的")
    assert till.due() == "¥168.00"
    till.scan(_code_of(lin, stations.TOYS_OFF))
    till.sees("这单用不上")
    till.picture("31-does-not-fit")
    assert till.due() == "¥168.00"


def _code_of(phone: PhoneScreen, title: str) -> str:
    """What the scanner reads from the coupon on the phone."""
    phone.open("/m/coupons/")
    phone.ticket(title).get_by_role("link", name="去使用").click()
    phone.sees("店员也可以扫这里")
    found = re.search(r"\b[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}\b", phone.page.locator("main").inner_text())
    assert found is not None
    return found.group().replace(" ", "")


def _wrong_password_then_stopped(cast: Cast, till: TillScreen, lin: PhoneScreen) -> None:
    till.ask_for_code()
    till.scan(lin.wechat.paycode())
    till.sees("等顾客输密码")
    assert lin.wechat.password("000000")["result"] == "wrong"
    till.tap("停止收款")
    till.page.get_by_role("link", name=re.compile("扫顾客付款码")).wait_for()
    till.picture("32-stopped")
    cast.react()
    assert till.due() == "¥168.00" and lin.wechat.balance_fen == 1_000_000
    assert stations.lines(cast.kids) == []


def _shows_a_code(till: TillScreen, phone: PhoneScreen) -> None:
    """The phone reads the picture on the till and pays."""
    till.tap("出示收款码")
    code = till.page.locator(".pay-code")
    code.wait_for()
    phone.wechat.scan_picture(base64.b64encode(code.screenshot()).decode())
    assert phone.wechat.password()["result"] == "paid"


def _callback_lost(cast: Cast, till: TillScreen, lin: PhoneScreen) -> None:
    cast.sandbox.faults(notify_drop=True)
    _shows_a_code(till, lin)
    till.sees("收款成功")
    assert InboxItem.rows().filter(source=NOTICES).count() == 0
    cast.react()
    assert lin.wechat.balance_fen == 1_000_000 - 16_800
    till.next_customer()


def _callback_ten_times(cast: Cast, till: TillScreen, chen: PhoneScreen) -> None:
    stations.sells_198(till, chen)
    cast.sandbox.faults(notify_repeat=9)
    cast.sandbox.time(scale=1000)
    _shows_a_code(till, chen)
    kept: Callable[[], object] = lambda: list(InboxItem.rows().filter(source=NOTICES, times_received=10))  # noqa: E731
    assert len(wait_until(kept, 20)) == 1
    till.sees("收款成功")
    cast.react()
    bill = checkout.bills_of_member(stations.member_of(chen), limit=1)[0]
    assert [one.state.value for one in payments.intents_of("bill", str(bill.id))] == ["paid"]
    assert chen.wechat.balance_fen == 1_000_000 - 16_800


def _expired(cast: Cast, till: TillScreen, chen: PhoneScreen) -> None:
    """A coupon that ended while the customer stood in the queue."""
    till.next_customer()
    stations.gives_for_ten_minutes(cast, stations.member_of(chen))
    code = _code_of(chen, stations.SHORT)
    stations.sells_198(till, None)
    cast.calendar.ahead = timedelta(hours=1)
    till.scan(code)
    till.sees("过期")
    till.picture("33-expired")
    cast.calendar.ahead = timedelta()
    till.open("/till/")
    assert till.due() == "¥198.00"
    cast.react()
