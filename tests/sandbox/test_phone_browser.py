"""The phone and the bench in a real browser, against a real sandbox process and a tiny product."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from superapp_sandbox.testing import Phone, SandboxServer, wait_until

from .product_stub import Product

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STATIC = Path(__file__).parents[2] / "src/superapp_sandbox/phone/static"
LATE_MS = 10_000


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed="phone") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset(seed="phone")
    return server


@pytest.fixture
def product(sandbox: SandboxServer) -> Iterator[Product]:
    with Product(sandbox) as product:
        yield product


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


class Watched:
    """A page that remembers what its console complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(LATE_MS)
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture
def hand(browser: Browser, sandbox: SandboxServer) -> Iterator[Page]:
    """One phone alone on a narrow touch screen. No script error and no broken policy is let pass."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    watched = Watched(context)
    watched.page.goto(f"{sandbox.url}/phone/u1")
    yield watched.page
    context.close()
    assert watched.complaints == []


@pytest.fixture
def desk(browser: Browser, sandbox: SandboxServer) -> Iterator[Page]:
    """The bench with a phone beside it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    watched = Watched(context)
    watched.page.goto(f"{sandbox.url}/")
    yield watched.page
    context.close()
    assert watched.complaints == []


@pytest.fixture
def phone(sandbox: SandboxServer) -> Phone:
    return sandbox.phone("u1")


def type_password(page: Page, digits: str) -> None:
    for digit in digits:
        page.get_by_test_id(f"key-{digit}").click()


def active_faults(sandbox: SandboxServer) -> dict[str, object]:
    return {fault["name"]: fault["value"] for fault in sandbox.get("/_bench/api/faults") if fault["times"]}


def shop_page(product: Product, parameters: dict[str, str], call: str) -> str:
    """A page of the product that pays as soon as the host says it is ready, and writes down what came back."""
    config = product.page_config(f"{product.url}/shop") | {"debug": False, "jsApiList": ["chooseWXPay", "getLocation"]}
    return f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>确认付款</title>
<h1>小禾童装</h1><p id="out">waiting</p><p id="config">waiting</p>
<script src="{product.sandbox.url}/open/js/jweixin-1.6.0.js"></script>
<script>
const out = (text) => (document.getElementById("out").textContent = text);
wx.config({json.dumps(config)});
wx.error((problem) => (document.getElementById("config").textContent = problem.errMsg));
wx.ready(() => {{
  document.getElementById("config").textContent = "ready";
  const parameters = {json.dumps(parameters)};
  {call}
}});
</script></html>"""


CHOOSE = """wx.chooseWXPay({...parameters, success: (r) => out(r.errMsg), cancel: (r) => out(r.errMsg),
  fail: (r) => out(r.errMsg)});"""
BRIDGE = """WeixinJSBridge.invoke("getBrandWCPayRequest", parameters, (r) => out(r.err_msg));"""


def test_a_scanned_picture_of_the_accounts_code_follows_it(
    hand: Page, product: Product, sandbox: SandboxServer, tmp_path: Path
) -> None:
    product.replies["qrscene_shelf-03"] = '欢迎，<a href="http://127.0.0.1/coupon">领券</a>'
    made = product.cgi(
        "/cgi-bin/qrcode/create",
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "shelf-03"}}, "expire_seconds": 600},
    )
    picture = tmp_path / "shelf.png"
    picture.write_bytes(sandbox.client.get("/cgi-bin/showqrcode", params={"ticket": made["ticket"]}).content)

    hand.get_by_test_id("tab-find").click()
    hand.get_by_test_id("find-scan").click()
    hand.get_by_test_id("scan-file").set_input_files(picture)

    expect(hand.get_by_test_id("messages")).to_contain_text("欢迎，领券")
    expect(hand.get_by_test_id("message-link")).to_have_attribute("href", "http://127.0.0.1/coupon")
    assert [said["Event"] for said in product.heard] == ["subscribe"]


def test_a_picture_without_a_code_says_so(hand: Page, sandbox: SandboxServer) -> None:
    hand.get_by_test_id("plus").click()
    hand.get_by_test_id("plus-scan").click()
    blank = sandbox.client.get("/_phone/avatar/u1.svg").content
    hand.get_by_test_id("scan-file").set_input_files({"name": "a.svg", "mimeType": "image/svg+xml", "buffer": blank})
    expect(hand.get_by_test_id("scan-status")).to_contain_text("没有认出二维码")


def test_saying_something_gets_the_accounts_reply(hand: Page, product: Product, phone: Phone) -> None:
    product.replies["停车"] = "今天前 2 小时免费"
    phone.follow()
    hand.get_by_test_id(f"chat-{product.account['appid']}").click()
    hand.get_by_test_id("say-text").fill("停车")
    hand.get_by_test_id("say-text").press("Enter")
    expect(hand.get_by_test_id("messages")).to_contain_text("今天前 2 小时免费")
    expect(hand.get_by_test_id("say-text")).to_have_value("")


def test_the_menu_opens_entries_and_pages(hand: Page, product: Product, phone: Phone) -> None:
    product.replies["PARK"] = "点这里缴费"
    product.pages["/map"] = "<!doctype html><title>楼层图</title><h1>一层</h1>"
    entries = [
        {"type": "click", "name": "停车缴费", "key": "PARK"},
        {"type": "view", "name": "楼层图", "url": f"{product.url}/map"},
    ]
    buttons = [{"name": "服务", "sub_button": entries}, {"type": "click", "name": "优惠", "key": "NEAR"}]
    product.cgi("/cgi-bin/menu/create", {"button": buttons})
    phone.follow()
    hand.get_by_test_id(f"chat-{product.account['appid']}").click()
    hand.get_by_test_id("menu-0").click()
    expect(hand.get_by_test_id("menu-0")).to_have_attribute("aria-expanded", "true")
    hand.get_by_test_id("menu-0-0").click()
    expect(hand.get_by_test_id("messages")).to_contain_text("点这里缴费")
    hand.get_by_test_id("menu-0").click()
    hand.get_by_test_id("menu-0-1").click()
    expect(hand.frame_locator("iframe").get_by_role("heading")).to_have_text("一层")
    hand.get_by_test_id("browser-close").click()
    expect(hand.get_by_test_id("screen-chat")).to_be_visible()


def test_the_pay_code_can_be_read_by_a_scanner(hand: Page) -> None:
    hand.get_by_test_id("plus").click()
    hand.get_by_test_id("plus-paycode").click()
    digits = hand.get_by_test_id("paycode-digits")
    expect(digits).to_have_text(re.compile(r"^1[0-5](\d| ){16,}$"))
    code = digits.get_attribute("data-code") or ""
    assert len(code) == 18
    read = hand.evaluate(
        """async () => {
          const { readPicture } = await import("/_phone/static/qr.js");
          return readPicture(document.querySelector("[data-testid=paycode-qr]").src);
        }"""
    )
    assert read == code
    assert hand.get_by_test_id("paycode-bars").evaluate("(image) => image.naturalWidth") > 100
    hand.get_by_test_id("paycode-refresh").click()
    expect(digits).not_to_have_attribute("data-code", code)


def test_a_cashier_takes_the_code_and_the_person_gives_the_password(hand: Page, product: Product, phone: Phone) -> None:
    code = phone.paycode()
    number = {"out_trade_no": "SQ20261122004417"}
    asked = product.v2(
        "/pay/micropay", body="小禾童装", total_fee="15800", spbill_create_ip="127.0.0.1", auth_code=code, **number
    )
    assert asked["err_code"] == "USERPAYING"
    expect(hand.get_by_test_id("pay-amount")).to_have_text("¥158.00")
    type_password(hand, "111111")
    expect(hand.get_by_test_id("pay-hint")).to_have_text("密码不对，还可以试 4 次")
    assert product.v2("/pay/orderquery", **number)["trade_state"] == "USERPAYING"
    type_password(hand, "123456")
    expect(hand.get_by_test_id("result-amount")).to_have_text("¥158.00")
    assert product.v2("/pay/orderquery", **number)["trade_state"] == "SUCCESS"
    hand.get_by_test_id("result-done").click()
    hand.get_by_test_id("tab-me").click()
    hand.get_by_test_id("me-wallet").click()
    expect(hand.get_by_test_id("balance")).to_have_text("¥9,842.00")
    expect(hand.get_by_test_id("bill")).to_have_count(1)


def test_a_used_code_makes_room_for_the_next(hand: Page, product: Product, phone: Phone) -> None:
    hand.get_by_test_id("plus").click()
    hand.get_by_test_id("plus-paycode").click()
    digits = hand.get_by_test_id("paycode-digits")
    expect(digits).to_have_attribute("data-code", re.compile(r"^\d{18}$"))
    used = digits.get_attribute("data-code") or ""
    product.v2(
        "/pay/micropay", body="茶", total_fee="900", spbill_create_ip="127.0.0.1", auth_code=used,
        out_trade_no="SQ20261122004427",
    )  # fmt: skip
    type_password(hand, "123456")
    hand.get_by_test_id("result-done").click()
    expect(digits).not_to_have_attribute("data-code", used)
    expect(digits).to_have_attribute("data-code", re.compile(r"^\d{18}$"))


def test_the_other_wallet_shows_its_own_code(hand: Page) -> None:
    hand.get_by_test_id("plus").click()
    hand.get_by_test_id("plus-paycode").click()
    digits = hand.get_by_test_id("paycode-digits")
    expect(digits).to_have_text(re.compile(r"^1[0-5]"))
    hand.get_by_test_id("paycode-alipay").click()
    expect(digits).to_have_text(re.compile(r"^(2[5-9]|30)"))
    expect(hand.get_by_test_id("paycode-alipay")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("button", "answer"), [("transfer-take", "ok"), ("half-close", "cancel")])
def test_a_page_hands_over_money_that_a_merchant_sends(
    hand: Page, product: Product, phone: Phone, sandbox: SandboxServer, button: str, answer: str
) -> None:
    bill = {
        "appid": product.account["appid"], "out_bill_no": f"T{answer}1", "transfer_scene_id": "1000",
        "openid": phone.openid(), "transfer_amount": 888, "transfer_remark": "寻宝奖金",
        "transfer_scene_report_infos": [
            {"info_type": "活动名称", "info_content": "周末寻宝"}, {"info_type": "奖励说明", "info_content": "一等奖"},
        ],
    }  # fmt: skip
    made = product.v3("POST", "/v3/fund-app/mch-transfer/transfer-bills", bill)
    asked = {"mchId": product.pay["mchid"], "appId": product.account["appid"], "package": made["package_info"]}
    call = 'WeixinJSBridge.invoke("requestMerchantTransfer", parameters, (r) => out(r.err_msg));'
    product.pages["/shop"] = shop_page(product, asked, call)
    hand.goto(f"{sandbox.url}/phone/u1?open={product.url}/shop")
    expect(hand.get_by_test_id("transfer-amount")).to_have_text("¥8.88")
    hand.get_by_test_id(button).click()
    out = hand.frame_locator("iframe").locator("#out")
    expect(out).to_have_text(f"requestMerchantTransfer:{answer}")


def test_closing_the_sheet_ends_the_scanned_payment(hand: Page, product: Product, phone: Phone) -> None:
    number = {"out_trade_no": "SQ20261122004418"}
    product.v2(
        "/pay/micropay", body="茶", total_fee="900", spbill_create_ip="127.0.0.1", auth_code=phone.paycode(), **number
    )
    hand.get_by_test_id("pay-cancel").click()
    expect(hand.get_by_test_id("pay-sheet")).to_have_count(0)
    assert product.v2("/pay/orderquery", **number)["trade_state"] == "PAYERROR"
    assert phone.balance_fen == 1_000_000


@pytest.mark.parametrize(
    ("call", "paid"), [(CHOOSE, "chooseWXPay:ok"), (BRIDGE, "get_brand_wcpay_request:ok")], ids=["wx", "bridge"]
)
def test_a_page_in_the_phone_pays(
    hand: Page, product: Product, phone: Phone, sandbox: SandboxServer, call: str, paid: str
) -> None:
    parameters = product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004419")
    product.pages["/shop"] = shop_page(product, parameters, call)
    hand.get_by_test_id("plus").click()
    hand.get_by_test_id("plus-browser").click()
    hand.get_by_test_id("address").fill(f"{product.url}/shop")
    hand.get_by_test_id("address-go").click()
    expect(hand.get_by_test_id("browser-title")).to_have_text("确认付款")
    expect(hand.get_by_test_id("pay-merchant")).to_have_text("沙盒商户")
    hand.keyboard.type("123456")
    expect(hand.get_by_test_id("result-amount")).to_have_text("¥158.00")
    hand.get_by_test_id("result-done").click()
    frame = hand.frame_locator("iframe")
    expect(frame.locator("#out")).to_have_text(paid)
    expect(frame.locator("#config")).to_have_text("ready")
    hand.wait_for_timeout(300)
    assert [notice["event_type"] for notice in product.notices] == ["TRANSACTION.SUCCESS"]


def test_a_page_that_closes_while_paying_leaves_the_notice(
    hand: Page, product: Product, phone: Phone, sandbox: SandboxServer
) -> None:
    sandbox.faults(page_closes=True)
    parameters = product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004428")
    product.pages["/shop"] = shop_page(product, parameters, CHOOSE)
    hand.goto(f"{sandbox.url}/phone/u1?open={product.url}/shop")
    expect(hand.get_by_test_id("pay-sheet")).to_be_visible()
    type_password(hand, "123456")
    hand.get_by_test_id("result-done").click()
    expect(hand.locator("iframe")).to_have_count(0)
    wait_until(lambda: product.notices)
    assert product.notices[0]["event_type"] == "TRANSACTION.SUCCESS"


def test_the_page_hears_that_the_payment_was_cancelled(hand: Page, product: Product, phone: Phone) -> None:
    parameters = product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004420")
    product.pages["/shop"] = shop_page(product, parameters, CHOOSE)
    hand.goto(f"{product.sandbox.url}/phone/u1?open={product.url}/shop")
    hand.get_by_test_id("pay-cancel").click()
    expect(hand.frame_locator("iframe").locator("#out")).to_have_text("chooseWXPay:cancel")


def test_a_page_alone_in_a_browser_waits_for_the_password_by_json(
    browser: Browser, product: Product, phone: Phone, sandbox: SandboxServer
) -> None:
    parameters = product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004421")
    product.pages["/shop"] = shop_page(product, parameters, CHOOSE)
    with browser.new_context() as context:
        context.add_cookies([{"name": "sandbox_user", "value": "u1", "url": sandbox.url}])
        page = context.new_page()
        page.goto(f"{product.url}/shop")
        expect(page.locator("#config")).to_have_text("ready")
        expect(page.locator("#out")).to_have_text("waiting")
        page.wait_for_timeout(500)
        assert phone.password()["result"] == "paid"
        expect(page.locator("#out")).to_have_text("chooseWXPay:ok")


def test_a_wrong_page_signature_is_refused_as_the_real_host_does(
    browser: Browser, product: Product, sandbox: SandboxServer
) -> None:
    page_text = shop_page(product, {}, CHOOSE)
    product.pages["/shop"] = re.sub(r'"signature": "\w{4}', '"signature": "0000', page_text)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{sandbox.url}/phone/u1?open={product.url}/shop")
        frame = page.frame_locator("iframe")
        expect(frame.locator("#out")).to_have_text(
            "chooseWXPay:fail, the permission value is offline verifying", timeout=LATE_MS
        )


def test_a_message_that_arrives_shows_a_banner_that_opens_the_chat(hand: Page, product: Product, phone: Phone) -> None:
    phone.follow()
    expect(hand.get_by_test_id(f"chat-{product.account['appid']}")).to_be_visible()
    hand.get_by_test_id("tab-me").click()
    product.cgi(
        "/cgi-bin/message/custom/send",
        {"touser": phone.openid(), "msgtype": "text", "text": {"content": "你的券明天到期"}},
    )
    expect(hand.get_by_test_id("notice")).to_contain_text("你的券明天到期")
    hand.get_by_test_id("notice").click()
    expect(hand.get_by_test_id("messages")).to_contain_text("你的券明天到期")


def test_the_bench_explains_a_call_and_finds_it_again(desk: Page, product: Product, phone: Phone) -> None:
    product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004422")
    row = desk.locator("[data-testid=call][data-path='/v3/pay/transactions/jsapi']")
    row.click()
    expect(desk.get_by_test_id("detail-title")).to_have_text("POST /v3/pay/transactions/jsapi")
    expect(desk.get_by_test_id("steps").locator("li[data-ok=true]").first).to_be_visible()
    expect(desk.get_by_test_id("calls")).to_contain_text("订单 SQ20261122004422")
    desk.get_by_test_id("tab-curl").click()
    expect(desk.get_by_test_id("curl")).to_contain_text("curl -X POST")
    desk.get_by_test_id("calls-search").fill("getticket")
    expect(row).to_have_count(0)
    desk.get_by_test_id("calls-search").fill("transactions/jsapi")
    expect(row).to_have_count(1)


def test_a_paused_list_counts_what_it_holds_back(desk: Page, product: Product, phone: Phone) -> None:
    desk.get_by_test_id("calls-pause").click()
    phone.follow()
    expect(desk.get_by_test_id("calls-new")).to_contain_text("条新记录")
    expect(desk.get_by_test_id("call")).to_have_count(1)  # the check of the server address, before the pause
    desk.get_by_test_id("calls-new").click()
    expect(desk.get_by_test_id("call")).to_have_count(3)


def test_a_fault_switch_is_the_json_switch(desk: Page, sandbox: SandboxServer) -> None:
    desk.get_by_test_id("fault-notify_repeat").check(force=True)
    expect(desk.get_by_test_id("fault-notify_repeat")).to_be_checked()
    # The box is ticked at once, the sandbox hears of it a moment later.
    wait_until(lambda: active_faults(sandbox) == {"notify_repeat": 10})
    sandbox.faults(notify_repeat=None)
    expect(desk.get_by_test_id("fault-notify_repeat")).not_to_be_checked()


def test_two_phones_stand_side_by_side(desk: Page, product: Product, sandbox: SandboxServer) -> None:
    desk.get_by_test_id("two-phones").click()
    phones = desk.get_by_test_id("phone")
    expect(phones).to_have_count(2)
    sandbox.phone("u2").follow()
    second = desk.locator(".dev[data-user=u2]")
    expect(second.get_by_test_id(f"chat-{product.account['appid']}")).to_be_visible()
    expect(desk.locator(".dev[data-user=u1]").get_by_test_id("screen-home")).to_contain_text("还没有聊天")


def test_two_phones_at_their_own_hosts_hold_two_logins(
    browser: Browser, product: Product, sandbox: SandboxServer
) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(LATE_MS)
        page.goto(f"http://phone.localhost:{port}/?phones=u1,u2")
        for user in ("u1", "u2", "u1"):
            box = page.locator(f".dev[data-user={user}]")
            page.get_by_test_id(f"user-{user}").click()
            page.get_by_test_id("place-browser").click()
            if box.get_by_test_id("address").count():
                box.get_by_test_id("address").fill(f"{product.url}/who")
                box.get_by_test_id("address-go").click()
            openid = sandbox.phone(user).openid()
            expect(box.frame_locator("iframe").get_by_role("heading")).to_have_text(openid)


def test_in_one_phone_the_page_knows_the_visitor_without_typing(
    hand: Page, product: Product, phone: Phone, sandbox: SandboxServer
) -> None:
    hand.goto(f"{sandbox.url}/phone/u1?open={product.url}/who")
    expect(hand.frame_locator("iframe").get_by_role("heading")).to_have_text(phone.openid())


def test_an_ordinary_browser_is_logged_in_by_a_scan(
    browser: Browser, hand: Page, product: Product, phone: Phone, sandbox: SandboxServer
) -> None:
    with browser.new_context() as context:
        guest = context.new_page()
        guest.set_default_timeout(LATE_MS)
        guest.goto(f"{product.url}/who")
        expect(guest.locator("#say")).to_have_text("等待扫码…")
        hand.goto(f"{sandbox.url}/phone/u1?place=scan")
        picture = guest.locator("#code").screenshot()
        hand.get_by_test_id("scan-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture})
        expect(guest.locator("#say")).to_contain_text("已扫码")
        hand.frame_locator("iframe").locator("#login-yes").click()
        expect(guest.get_by_role("heading")).to_have_text(phone.openid())
        expect(hand.frame_locator("iframe").get_by_role("heading")).to_have_text("登录成功")


def test_a_locked_password_is_unlocked_in_the_settings(
    hand: Page, product: Product, phone: Phone, sandbox: SandboxServer
) -> None:
    product.v2(
        "/pay/micropay", body="茶", total_fee="900", spbill_create_ip="127.0.0.1", auth_code=phone.paycode(),
        out_trade_no="SQ20261122004426",
    )  # fmt: skip
    expect(hand.get_by_test_id("pay-sheet")).to_be_visible()
    for _ in range(4):
        assert phone.password("000000")["result"] == "wrong"
    type_password(hand, "000000")
    expect(hand.get_by_test_id("pay-hint")).to_contain_text("锁")
    hand.get_by_test_id("pay-cancel").click()
    hand.get_by_test_id("tab-me").click()
    hand.get_by_test_id("me-settings").click()
    expect(hand.get_by_test_id("locked")).to_contain_text("已锁住")
    hand.get_by_test_id("set-password").click()
    expect(hand.get_by_test_id("locked")).to_have_text("")
    assert phone.state()["user"]["locked"] is False


def test_a_code_shown_in_a_page_is_read_from_the_menu(hand: Page, product: Product, sandbox: SandboxServer) -> None:
    code = segno.make("just some words", error="m").svg_inline(scale=6)
    product.pages["/poster"] = (
        f"<!doctype html><title>海报</title>{code}<script src='{sandbox.url}/open/js/jweixin-1.6.0.js'></script>"
    )
    hand.goto(f"{sandbox.url}/phone/u1?open={product.url}/poster")
    expect(hand.get_by_test_id("browser-title")).to_have_text("海报")
    hand.get_by_test_id("browser-more").click()
    hand.get_by_test_id("more-codes").click()
    expect(hand.get_by_test_id("scan-text")).to_have_text("just some words")


def test_a_page_scans_and_asks_where_it_is(hand: Page, product: Product, phone: Phone, sandbox: SandboxServer) -> None:
    phone.settings(lat=30.25, lng=120.15)
    call = """wx.getLocation({success: (place) => wx.scanQRCode({needResult: 1,
      success: (r) => out(`${place.latitude},${place.longitude} ${r.resultStr}`)})});"""
    text = shop_page(product, {}, call).replace('"getLocation"]', '"getLocation", "scanQRCode"]')
    product.pages["/shop"] = text
    hand.goto(f"{sandbox.url}/phone/u1?open={product.url}/shop")
    hand.get_by_test_id("scan-text-input").fill("TABLE-12")
    hand.get_by_test_id("scan-go").click()
    expect(hand.frame_locator("iframe").locator("#out")).to_have_text("30.25,120.15 TABLE-12")


def test_a_scenario_sets_its_faults(desk: Page, sandbox: SandboxServer) -> None:
    sandbox.faults(balance_low=True)
    desk.get_by_test_id("scenarios").click()
    desk.get_by_test_id("play-late").click()
    expect(desk.get_by_test_id("fault-notify_delay_s")).to_be_checked()
    assert active_faults(sandbox) == {"pay_answer_timeout_s": 10, "notify_delay_s": 15}


def test_the_bench_names_the_mistake_behind_a_wrong_signature(
    desk: Page, product: Product, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = product.signed
    monkeypatch.setattr(product, "signed", lambda text: right(text[:-1]))
    with pytest.raises(AssertionError, match="SIGN_ERROR"):
        product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004423")
    desk.locator("[data-testid=call][data-ok=false]").click()
    steps = desk.get_by_test_id("steps")
    expect(steps).to_contain_text("找到原因：末尾少一个换行")
    expect(steps.locator("mark").first).to_have_text("\\n")


CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const ground = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const colour = parse(style.backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !el.checkVisibility() || el.closest("[inert], .sr, svg, noscript")) continue;
    const back = ground(el);
    if (!back) continue;
    const [one, two] = [light(parse(getComputedStyle(el).color)), light(back)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${walk.currentNode.textContent.trim().slice(0, 20)}`);
  }
  return weak;
}"""


def test_text_stands_out_and_nothing_is_wider_than_a_small_phone(hand: Page, product: Product, phone: Phone) -> None:
    phone.follow()
    product.v2(
        "/pay/micropay", body="茶", total_fee="900", spbill_create_ip="127.0.0.1", auth_code=phone.paycode(),
        out_trade_no="SQ20261122004424",
    )  # fmt: skip
    hand.set_viewport_size({"width": 320, "height": 568})
    expect(hand.get_by_test_id("pay-sheet")).to_be_visible()
    hand.wait_for_timeout(300)
    assert hand.evaluate(CONTRAST) == []
    hand.get_by_test_id("pay-cancel").click()
    for place in ("home", "chat", "account", "scan", "paycode", "wallet", "settings"):
        hand.evaluate(
            "([place, appid]) => document.querySelector('sx-phone').go(place, { appid })",
            [place, product.account["appid"]],
        )
        hand.wait_for_timeout(300)
        assert hand.evaluate(CONTRAST) == [], place
        wide = "() => [...document.querySelectorAll('.screen:last-child, .screen:last-child .scroll, .ph')]"
        assert hand.evaluate(f"{wide}.filter((el) => el.scrollWidth > el.clientWidth).length") == 0, place


def test_the_bench_is_readable(desk: Page, product: Product, phone: Phone) -> None:
    product.jsapi_parameters(phone.openid(), 15800, "SQ20261122004425")
    desk.locator("[data-testid=call][data-path='/v3/pay/transactions/jsapi']").click()
    desk.get_by_test_id("fault-notify_repeat").check(force=True)
    expect(desk.get_by_test_id("steps")).to_be_visible()
    assert desk.evaluate(CONTRAST) == []


def test_time_and_users_are_set_from_the_bench(desk: Page, sandbox: SandboxServer) -> None:
    desk.get_by_test_id("time-scale").select_option("60")
    desk.get_by_test_id("user-add").click()
    desk.get_by_test_id("user-name").fill("林晓")
    desk.get_by_test_id("user-save").click()
    expect(desk.locator(".dev[data-user=u5]")).to_be_visible()
    assert [user["name"] for user in sandbox.get("/_phone/api/users")][-1] == "林晓"
    wait_until(lambda: sandbox.get("/_bench/api/time")["scale"] == 60)
    sandbox.time(scale=1)


def test_english_is_one_click_away(desk: Page) -> None:
    desk.get_by_test_id("lang").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Superapp sandbox")
    expect(desk.get_by_test_id("env")).to_have_text("Local · offline · no real money")


def test_every_control_has_a_name_and_a_size_for_a_thumb(hand: Page, product: Product, phone: Phone) -> None:
    phone.follow()
    hand.get_by_test_id(f"chat-{product.account['appid']}").click()
    expect(hand.get_by_test_id("say-send")).to_be_visible()
    nameless = hand.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input:not([type=file])")]
          .filter((el) => el.checkVisibility() && !(el.getAttribute("aria-label") || el.textContent.trim() || el.labels?.length))
          .map((el) => el.outerHTML)"""
    )
    assert nameless == []
    small = hand.evaluate(
        """() => [...document.querySelectorAll("[data-testid=screen-chat] button")]
          .map((el) => el.getBoundingClientRect()).filter((box) => Math.min(box.width, box.height) < 44).length"""
    )
    assert small == 0


def test_an_unknown_phone_is_told(hand: Page, sandbox: SandboxServer) -> None:
    assert sandbox.client.get("/phone/nobody").status_code == 404
    assert "没有这台手机" in sandbox.client.get("/phone/nobody").text


def test_codes_that_cannot_be_drawn_are_refused(sandbox: SandboxServer) -> None:
    for path in ("/_phone/draw/qr.svg", "/_phone/draw/code128.svg?text=中文", "/_phone/draw/pdf417.svg?text=1"):
        assert sandbox.client.get(path).status_code in (400, 404), path
    drawn = sandbox.client.get("/_phone/draw/qr.svg?text=hello").text
    assert segno.make("hello", error="m", micro=False).symbol_size(border=4)[0] * 4 == int(
        re.findall(r'width="(\d+)"', drawn)[0]
    )


def test_a_first_visit_is_light(browser: Browser, sandbox: SandboxServer) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{sandbox.url}/")
        expect(page.get_by_test_id("screen-home")).to_be_visible()
        page.wait_for_timeout(500)
        assert 10 < len(asked) <= 20
        sizes = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.transferSize)")
        assert 10_000 < sum(sizes) <= 400_000


def test_what_happens_while_the_page_loads_is_not_lost(
    browser: Browser, product: Product, sandbox: SandboxServer
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        # The stream opens late: what happens before must still arrive.
        page.route("**/_phone/api/events*", lambda route: (sandbox.phone("u1").follow(), route.continue_()))
        page.goto(f"{sandbox.url}/phone/u1")
        expect(page.get_by_test_id(f"chat-{product.account['appid']}")).to_be_visible(timeout=LATE_MS)


def test_the_pages_keep_their_weight_and_their_policy(sandbox: SandboxServer) -> None:
    def weight(pattern: str) -> int:
        return sum(len(gzip.compress(file.read_bytes())) for file in STATIC.glob(pattern))

    assert weight("*.js") <= 60_000
    assert weight("*.css") <= 20_000
    policy = sandbox.client.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for name in ("/", "/phone/u1"):
        page = sandbox.client.get(name).text
        assert "style=" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
