"""The whole house for one story: the product on a port of its own, the sandbox as a process, Chromium before both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Browser, sync_playwright

from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.identity import door as identity
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule
from shangquan.pos import door as pos
from superapp_sandbox.testing import SandboxServer
from superapp_sandbox.testing import sandbox as sandbox
from superapp_sandbox.testing import sandbox_process as sandbox_process

from .cast import BARCODES, CONSOLE, PASSWORD, TILL, Calendar, Cast, PhoneScreen, Screen, TillScreen

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STAFF = (
    ("owner", "王琪", "owner_admin", ""),
    ("xiaohe", "周岚", "merchant_admin", "kids"),
    ("aju", "陆橙", "merchant_admin", "toys"),
    ("till-a", "周小满", "cashier", "kids"),
    ("till-b", "江可", "cashier", "toys"),
    ("manager-a", "沈青", "store_manager", "kids"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """The server answers in threads of its own, so the clock is moved for the whole process."""
    made = Calendar(clock.now)
    monkeypatch.setattr(clock, "now", made.now)
    return made


@pytest.fixture
def platform(sandbox: SandboxServer, live_server: Any, settings: Any, tmp_path: Path) -> SandboxServer:
    """All base addresses lead to the sandbox, and its callbacks to the product's port."""
    keys = tmp_path / "wechat.json"
    keys.write_text(json.dumps(sandbox.credentials()))
    settings.WECHAT_KEYS = keys
    for name in ("SANDBOX_URL", "WECHATPAY_URL", "WECHAT_API_URL", "WECHAT_OPEN_URL", "WECHAT_MP_URL"):
        setattr(settings, name, sandbox.url)
    settings.WECHAT_JSSDK_URL = f"{sandbox.url}/open/js/jweixin-1.6.0.js"
    settings.BASE_URL = live_server.url
    return sandbox


def _shops(now: Any) -> dict[str, int]:
    """小禾童装 with 5 % commission and 阿橘玩具 with 10 %, a store, a till and goods each."""
    drafts = [
        MerchantDraft(name="小禾童装", commission_bp=500, stores=(StoreDraft(name="小禾童装", unit="2F-207"),)),
        MerchantDraft(name="阿橘玩具", commission_bp=1000, stores=(StoreDraft(name="阿橘玩具", unit="3F-312"),)),
    ]
    kids, toys = district.load_merchants(drafts, now=now)
    goods = {
        kids: [
            ProductDraft(name="儿童抓绒外套", price_fen=12_900, barcode=BARCODES["coat"]),
            ProductDraft(name="纯棉打底衫", price_fen=3_900, barcode=BARCODES["shirt"]),
            ProductDraft(name="儿童中筒袜", price_fen=1_500, barcode=BARCODES["socks"]),
        ],
        toys: [ProductDraft(name="木头机器人", price_fen=15_900, barcode=BARCODES["robot"])],
    }
    stores = {card.merchant_id: card.id for card in district.stores()}
    for merchant, drafts_of in goods.items():
        district.load_products(merchant, drafts_of, now=now)
        pos.add_till(store_id=stores[merchant], name="收银台 1")
    return {"kids": kids, "toys": toys, "kids_store": stores[kids], "toys_store": stores[toys]}


def _staff(shops: dict[str, int], now: Any) -> None:
    for username, name, role, side in STAFF:
        account = identity.make_account(username=username, name=name, password=PASSWORD, now=now)
        store = shops[f"{side}_store"] if role in ("cashier", "store_manager") else None
        identity.grant_role(
            account_id=account, role=role, merchant_id=shops[side] if side else None, store_id=store, now=now
        )


@pytest.fixture
def cast(
    platform: SandboxServer,
    calendar: Calendar,
    chromium: Browser,
    live_server: Any,
    district_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cast]:
    """Two shops, their people and the rules for points; nothing is on any shelf yet. No console may have complained."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    now = clock.now()
    with transaction():
        shops = _shops(now)
        _staff(shops, now)
        set_earn_rule(fen_per_point=100, starts_at=now, now=now)
        set_spend_rule(points_per_yuan=100, step=1_000, max_share_bp=1_000, starts_at=now, now=now)
    heard: list[str] = []
    made: list[Screen] = []
    port = int(live_server.url.rpartition(":")[2])

    def keep(screen: Any) -> Any:
        made.append(screen)
        return screen

    yield Cast(
        base=live_server.url,
        sandbox=platform,
        calendar=calendar,
        screen=lambda who: keep(Screen(chromium, live_server.url, CONSOLE, who, heard)),
        till=lambda who: keep(TillScreen(chromium, live_server.url, TILL, who, heard)),
        phone=lambda who: keep(PhoneScreen(chromium, port, platform.phone(who), heard)),
        heard=heard,
        **shops,
    )
    for screen in made:
        screen.leave()
