"""The till in a real browser, by keyboard and scanner alone."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shangquan.codes import door as codes
from shangquan.coupons.contracts import CouponKind
from shangquan.kernel import clock
from shangquan.payments.contracts import Outcome
from shangquan.pos.models import TillSale
from shangquan.pos.tests.counter import BARCODES, PAY_CODE, Counter

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def at_six() -> datetime:
    """The server of this test lives in threads of its own and reads the true clock, so the story happens today."""
    return clock.now()


@pytest.fixture
def screen(live_server: Any, counter: Counter) -> Iterator[Any]:
    """A signed-in browser at the till; the console must stay silent."""
    with sync_api.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = chromium.new_context(viewport={"width": 1180, "height": 820}, locale="zh-CN")
        opened = context.new_page()
        said: list[str] = []
        opened.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(f"{live_server.url}/sign-in/?next=/till/")
        opened.keyboard.type("zhou")
        opened.keyboard.press("Tab")
        opened.keyboard.type("qiwuli-2026-11")
        opened.keyboard.press("Enter")
        opened.get_by_role("heading", name="开班").wait_for()
        yield opened
        picture(opened, "last")
        chromium.close()
        assert [line for line in said if "ERR_INTERNET_DISCONNECTED" not in line] == []


def picture(page: Any, name: str) -> None:
    """Kept only where a person wants to look at it."""
    folder = os.environ.get("TILL_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def scan(page: Any, text: str) -> None:
    """As a scanner does it: fast keystrokes that end in Enter, wherever the focus is."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.feature("I1", "J17")
def test_a_sale_by_keyboard_alone(screen: Any, counter: Counter) -> None:
    page, mall, now = screen, counter.mall, clock.now()
    mall.give(CouponKind.CASH, title_zh="满 150 减 30", amount_fen=3_000, min_spend_fen=15_000)
    mall.give(CouponKind.CASH, title_zh="满 200 减 45", amount_fen=4_500, min_spend_fen=20_000)
    picture(page, "closed")
    page.keyboard.press("Enter")
    page.get_by_text("扫第一件商品").first.wait_for()
    picture(page, "empty")
    scan(page, BARCODES["mug"])
    page.get_by_text("刚扫到：小熊马克杯").wait_for()
    for name, found in (("抓绒", "儿童抓绒外套"), ("打底衫", "纯棉打底衫")):
        scan(page, name)
        page.get_by_text(f"刚扫到：{found}").wait_for()
    scan(page, "2x")
    page.get_by_text("数量改为 2").wait_for()
    scan(page, codes.member_code(mall.member, now=now).digits)
    page.get_by_text("会员码已识别").wait_for()
    page.get_by_text("满 150 减 30").wait_for()
    picture(page, "selling")
    page.set_viewport_size({"width": 1440, "height": 900})
    picture(page, "selling-wide")
    page.set_viewport_size({"width": 1180, "height": 820})
    page.keyboard.press("F2")
    page.get_by_role("heading", name="改价").wait_for()
    picture(page, "price")
    page.keyboard.type("35")
    page.keyboard.press("Enter")
    page.get_by_text("价格已改").wait_for()
    page.keyboard.press("F6")
    page.get_by_role("heading", name="换组合").wait_for()
    picture(page, "others")
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="换组合").wait_for(state="detached")
    page.keyboard.press("F4")
    page.get_by_text("已挂单").wait_for()
    page.keyboard.press("F7")
    page.get_by_role("heading", name="取单").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="取单").wait_for(state="detached")
    page.get_by_text("纯棉打底衫").wait_for()
    counter.channel.says = Outcome.WAITING
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="请扫顾客的付款码").wait_for()
    picture(page, "code")
    scan(page, PAY_CODE)
    page.get_by_text("等顾客输密码").wait_for()
    picture(page, "waiting")
    counter.channel.says = Outcome.PAID
    page.get_by_text("收款成功").first.wait_for()
    picture(page, "paid")
    assert counter.channel.asked.count("charge") == 1
    page.keyboard.press("Enter")
    page.get_by_text("扫第一件商品").first.wait_for()
    scan(page, BARCODES["bag"])
    page.get_by_text("刚扫到：环保袋").wait_for()
    page.keyboard.press("F9")
    page.get_by_role("heading", name="收现金").wait_for()
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    page.get_by_text("找零").first.wait_for()
    picture(page, "cash")
    scan(page, "6900000000000")
    page.get_by_text("没找到「6900000000000」").wait_for()
    picture(page, "unknown")


@pytest.mark.feature("I6")
def test_without_a_network_cash_is_taken_and_the_ticket_goes_up_once(screen: Any, counter: Counter) -> None:
    page = screen
    page.keyboard.press("Enter")
    page.get_by_text("扫第一件商品").first.wait_for()
    kept = "async () => !!(await (await caches.open('till-1')).match('/till/offline/goods.json'))"
    for _ in range(60):
        if page.context.service_workers and page.context.service_workers[0].evaluate(kept):
            break
        page.wait_for_timeout(500)
    page.reload()
    page.get_by_text("扫第一件商品").first.wait_for()
    page.wait_for_timeout(1_500)
    page.context.set_offline(True)
    page.reload()
    page.locator("body[data-ready]").wait_for()
    scan(page, BARCODES["mug"])
    page.get_by_text("刚扫到：小熊马克杯").wait_for()
    scan(page, PAY_CODE)
    page.get_by_text("断网时不能用券、积分和付款码").wait_for()
    picture(page, "offline")
    page.keyboard.press("F9")
    page.get_by_text("离线单 1 已存在本机").wait_for()
    assert TillSale.rows().count() == 0
    page.context.set_offline(False)
    page.get_by_text("离线单已补记").wait_for()
    (sale,) = TillSale.rows().all()
    assert (sale.amount_fen, sale.channel) == (4_500, "cash")
    page.reload()
    page.get_by_text("扫第一件商品").first.wait_for()
    page.wait_for_timeout(1_000)
    assert TillSale.rows().count() == 1
