"""A furnished district for every story, joined to the sandbox for those in which WeChat takes part."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import AccountKind
from superapp_sandbox.testing import Phone, SandboxServer, sandbox, sandbox_process
from tests.journeys.place import Place, open_place, prove_money

__all__ = ["sandbox", "sandbox_process"]


@pytest.fixture
def place(district_id: int) -> Iterator[Place]:
    """The district; whatever the story was, its money adds up when it is over."""
    yield open_place(district_id)
    prove_money()


@pytest.fixture
def wechat(place: Place, sandbox: SandboxServer, settings: Any, tmp_path: Path) -> SandboxServer:
    """The district takes money through the sandbox and speaks through its account. No callback reaches us."""
    path = tmp_path / "wechat.json"
    path.write_text(json.dumps(sandbox.credentials()))
    settings.WECHAT_KEYS = path
    settings.WECHATPAY_URL = settings.WECHAT_API_URL = settings.WECHAT_OPEN_URL = settings.WECHAT_MP_URL = sandbox.url
    settings.BASE_URL = "http://127.0.0.1:9"  # nobody listens there
    keys = sandbox.credentials()
    with transaction():
        connectors.bind(kind=Kind.PAY, outside_id=keys["pay"]["mchid"], now=clock.now())
        connectors.bind_official_account(
            appid=keys["account"]["appid"], name="栖梧里", kind=AccountKind.SERVICE, verified=True, now=clock.now()
        )
    messaging.set_up_templates()
    return sandbox


@pytest.fixture
def served(wechat: SandboxServer, live_server: Any, settings: Any) -> str:
    """Our server has an address that the sandbox calls: notices of payments, what fans do. Needs real commits."""
    settings.BASE_URL = live_server.url
    wechat.set_account(url=f"{live_server.url}/wx/{wechat.appid}/", mode="safe")
    settings.WECHAT_KEYS.write_text(json.dumps(wechat.credentials()))
    return str(live_server.url)


@pytest.fixture
def lin(wechat: SandboxServer) -> Phone:
    """A phone that follows the account and pays without a password."""
    phone = wechat.phone("小林")
    phone.settings(password_free_below_fen=1_000_000)
    return phone
