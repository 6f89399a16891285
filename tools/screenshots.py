"""Takes docs/screenshots from a running `make run` by living the story: `python -m tools.screenshots`.

Needs Debian's Chromium. A phone claims on the shelf, pays at the till of 小禾童装, and the owner looks at the day.
"""

import re
import sys
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

PRODUCT, SANDBOX = "http://127.0.0.1:8000", "http://127.0.0.1:8100"
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WECHAT = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 MicroMessenger/8.0.50"
GOODS = ("6901234567892", "6901234567120", "6901234567458", "6901234567458")


def phone(name: str) -> str:
    """The sandbox's id of a person."""
    users = httpx.get(f"{SANDBOX}/_phone/api/users").json()
    return str(next(user["id"] for user in users if user["name"] == name))


def thumb(user: str, what: str, **body: Any) -> Any:
    return httpx.post(f"{SANDBOX}/_phone/api/users/{user}/{what}", json=body, timeout=30).raise_for_status().json()


def shot(page: Page, name: str) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=str(FOLDER / f"{name}.png"))


def staff(browser: Browser, username: str, to: str, width: int, height: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{PRODUCT}/sign-in/?next={to}")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", "qiwuli-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{PRODUCT}{to}**")
    return page


def in_wechat(browser: Browser, user: str, address: str) -> Page:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, locale="zh-CN", user_agent=WECHAT
    )
    context.add_cookies([{"name": "sandbox_user", "value": user, "url": SANDBOX}])
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{PRODUCT}{address}")
    return page


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lin = phone("林晓")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        mobile = in_wechat(browser, lin, "/m/join/")
        if mobile.get_by_role("button", name="同意并开卡").count():
            mobile.get_by_role("button", name="同意并开卡").click()
        mobile.goto(f"{PRODUCT}/m/shelf/1/")
        mobile.get_by_role("button", name="领取").first.click()
        mobile.wait_for_timeout(1500)
        mobile.goto(f"{PRODUCT}/m/shelf/1/")
        shot(mobile, "h5-shelf")
        mobile.goto(f"{PRODUCT}/m/card/")
        shot(mobile, "h5-card")
        found = re.search(r"\b88(?:[ \u2009]?\d){16}\b", mobile.locator("body").inner_text())
        assert found is not None, "the card page shows no code"

        till = staff(browser, "till-a", "/till/", 1180, 820)
        if till.get_by_role("heading", name="开班").count():
            till.keyboard.press("Enter")
            till.wait_for_timeout(2000)
        for barcode in GOODS:
            scan(till, barcode)
        scan(till, re.sub(r"\D", "", found.group()))
        till.wait_for_timeout(2000)
        shot(till, "till")
        till.keyboard.press("Enter")
        till.wait_for_timeout(1500)
        scan(till, thumb(lin, "paycode")["code"])
        till.wait_for_timeout(2500)
        thumb(lin, "password", password="123456")
        till.get_by_text("收款成功").first.wait_for()
        shot(till, "till-paid")

        mobile.wait_for_timeout(5000)
        mobile.goto(f"{PRODUCT}/m/bills/")
        mobile.locator("a[href*='/m/bills/B']").first.click()
        mobile.wait_for_load_state()
        shot(mobile, "h5-bill")
        mobile.goto(f"{PRODUCT}/m/")
        shot(mobile, "h5-home")

        console = staff(browser, "owner", "/console/", 1440, 900)
        shot(console, "console-home")
        console.goto(f"{PRODUCT}/console/settlement/")
        shot(console, "console-settlement")

        bench = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        bench.goto(f"{SANDBOX}/")
        bench.wait_for_timeout(2500)
        shot(bench, "sandbox")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
