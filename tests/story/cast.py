"""Who plays the story, and what they can do: look at a page, scan, tap, wait for what the house does by itself."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from shangquan.kernel.jobs import drain
from shangquan.ledger import door as ledger
from superapp_sandbox.testing import Phone, SandboxServer

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0.49"
PASSWORD = "qiwuli-2026-11"
CONSOLE, TILL, PHONE = (1440, 900), (1180, 820), (390, 844)
LATE_MS = 20_000
BARCODES = {"coat": "6901234500011", "shirt": "6901234500028", "socks": "6901234500035", "robot": "6901234500042"}


class Calendar:
    """The house's clock: the true one, that can be moved on to tomorrow when the books are closed."""

    def __init__(self, true: Callable[[], datetime]) -> None:
        self._true = true
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._true() + self.ahead


class Screen:
    """One person's browser. Errors of its console are kept, and fail the story at its end."""

    def __init__(self, browser: Browser, base: str, size: tuple[int, int], who: str, heard: list[str], **more: Any):
        self.base, self.who, self._heard = base, who, heard
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", **more
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(LATE_MS)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: heard.append(f"{who}: {error}"))

    def _hear(self, line: ConsoleMessage) -> None:
        refused = "the server responded with a status of 4" in line.text  # a refusal that the story asks for
        if line.type == "error" and not refused:
            self._heard.append(f"{self.who} at {self.page.url}: {line.text}")

    def open(self, address: str) -> Page:
        self.page.goto(address if address.startswith("http") else self.base + address)
        return self.page

    def sees(self, *texts: str) -> None:
        for text in texts:
            self.page.get_by_text(text).first.wait_for()

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def tap(self, label: str) -> None:
        """The button or link of that name, as a person reads it."""
        named = re.compile(re.escape(label))
        page = self.page
        page.get_by_role("button", name=named).or_(page.get_by_role("link", name=named)).first.click()

    def agrees(self, label: str) -> None:
        """The button, and yes to the question that it asks."""
        self.tap(label)
        self.page.locator("dialog[open] .button-danger-fill").click()

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.locator(f"[name={name}]").fill(value)

    def picture(self, name: str) -> None:
        """Kept only where a person wants to look at it."""
        folder = os.environ.get("STORY_PICTURES")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def leave(self) -> None:
        """The end of this person's part; what stood there last is told where a test fails."""
        if not self.page.is_closed():
            self.picture(f"last-{self.who}")
            sys.stdout.write(f"{self.who} last saw {self.page.url}: {self.text()[:600]}\n")
        self.context.close()

    def sign_in(self, username: str, there: str) -> None:
        self.open(f"/sign-in/?next={there}")
        self.fill(username=username, password=PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: address.startswith(self.base + there))


class TillScreen(Screen):
    """A till: a keyboard and a scanner, which types fast and ends in Enter."""

    def scan(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def ring(self, barcode: str, name: str) -> None:
        self.scan(barcode)
        self.sees(f"刚扫到：{name}")

    def begin(self, username: str) -> None:
        self.sign_in(username, "/till/")
        self.page.get_by_role("heading", name="开班").wait_for()
        self.page.keyboard.press("Enter")
        self.sees("扫第一件商品")

    def ask_for_code(self) -> None:
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", name="请扫顾客的付款码").wait_for()

    def next_customer(self) -> None:
        self.page.keyboard.press("Enter")
        self.sees("扫第一件商品")

    def due(self) -> str:
        return "".join(self.page.locator(".till-sum .due b").inner_text().split())


class PhoneScreen(Screen):
    """A phone: WeChat's own parts are the sandbox's, the pages of the district open in its browser."""

    def __init__(self, browser: Browser, port: int, phone: Phone, heard: list[str]) -> None:
        more = {"user_agent": WECHAT, "is_mobile": True, "has_touch": True}
        super().__init__(browser, f"http://{phone.id}.localhost:{port}", PHONE, phone.name, heard, **more)
        self.wechat = phone

    def open(self, address: str) -> Page:
        """Our own addresses are visited under the phone's name, so that two phones keep their cookies apart."""
        return super().open(re.sub(r"^http://([\w.]*localhost|127\.0\.0\.1):\d+", self.base, address))

    def ticket(self, title: str) -> Any:
        return self.page.locator("article.ticket").filter(has_text=title).first

    def member_code(self) -> str:
        self.open("/m/card/")
        return re.sub(r"\D", "", self.page.locator("p.digits").first.inner_text())


@dataclass
class Cast:
    """Everybody of the story, and the ids that only the books know."""

    base: str
    sandbox: SandboxServer
    calendar: Calendar
    screen: Callable[[str], Screen]
    till: Callable[[str], TillScreen]
    phone: Callable[[str], PhoneScreen]
    kids: int
    toys: int
    kids_store: int
    toys_store: int
    heard: list[str] = field(default_factory=list)

    def react(self) -> None:
        """What the worker does between two moments of the story; afterwards the books must be proved."""
        drain()
        assert ledger.prove().holds

    def tomorrow(self) -> None:
        self.calendar.ahead = timedelta(days=1)
