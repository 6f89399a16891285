"""The real pages in the sandbox's phone, driven by taps: recognised, card and coupon with one tap, paid on the page."""

from typing import Any

import pytest

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillState
from shangquan.checkout.tests.story import Mall
from shangquan.coupons.contracts import Caps
from shangquan.coupons.tests.story import published, terms
from shangquan.memberapp.shell import path
from shangquan.members import door as members
from superapp_sandbox.testing import Phone, SandboxServer, wait_until

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def desk(live_server: Any, connected: Mall, sandbox: SandboxServer, settings: Any) -> tuple[Mall, str, str]:
    """Our server and the sandbox as a person meets them: (mall, our address, the phones' address)."""
    port, phones = live_server.url.rsplit(":", 1)[1], sandbox.url.rsplit(":", 1)[1]
    base, desk = f"http://127.0.0.1:{port}", f"http://phone.localhost:{phones}"
    settings.BASE_URL, settings.WECHAT_OPEN_URL = base, desk
    settings.FRAME_ANCESTORS = f"'self' http://*.localhost:{phones}"
    settings.WECHAT_JSSDK_URL = f"{desk}/open/js/jweixin-1.6.0.js"
    sandbox.set_account(oauth_domain=f"127.0.0.1:{port}")
    return connected, base, desk


@pytest.mark.browser
@pytest.mark.feature("C8", "D1", "H3", "H9")
@pytest.mark.django_db(transaction=True)
def test_a_person_taps_through_claiming_and_paying(desk: tuple[Mall, str, str], phone: Phone) -> None:
    from playwright.sync_api import sync_playwright

    mall, base, phones = desk
    published(mall.now, terms(), caps=Caps(total=10))
    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = chrome.new_page(viewport={"width": 1200, "height": 900}, locale="zh-CN")
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)

        def visit(address: str) -> Any:
            page.get_by_test_id("place-browser").click()
            if page.get_by_test_id("address").count() == 0:
                page.get_by_test_id("browser-close").click()
                page.get_by_test_id("place-browser").click()
            page.get_by_test_id("address").fill(base + address)
            page.get_by_test_id("address-go").click()
            return page.frame_locator("[data-testid=browser-frame]")

        page.goto(phones)
        inside = visit(path("all_coupons"))
        inside.get_by_role("button", name="领取").first.click()
        inside.get_by_role("link", name="去使用").wait_for()
        card = members.by_openid(phone.openid())
        assert card is not None

        inside = visit(path("pay_store", mall.kids_store))
        inside.get_by_label("金额").fill("198")
        inside.get_by_role("button", name="下一步").click()
        inside.get_by_text("本单已省 ¥30.00").wait_for()
        inside.get_by_role("button", name="微信支付 ¥168.00").click()
        wait_until(phone.pending, 15)
        phone.password()
        bill = wait_until(lambda: checkout.bills_of_member(card.id), 15)[0]
        assert (bill.state, bill.payable_fen) == (BillState.PAID, 16_800)
        page.get_by_role("button", name="完成").click()  # the phone's own result, then our page
        inside.get_by_text("已付款").first.wait_for(timeout=15_000)
        chrome.close()
    assert not said, said
