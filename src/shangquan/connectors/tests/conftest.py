"""A sandbox process for the whole run, and a district that is connected to it."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.payments import ports
from shangquan.payments.contracts import TOO_LATE, IntentCard, RefundCard
from superapp_sandbox.testing import Phone, SandboxServer
from superapp_sandbox.testing import sandbox as sandbox
from superapp_sandbox.testing import sandbox_process as sandbox_process


class Till:
    """The room that is paid: takes everything, unless told to be late."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.is_late = False

    def on_paid(self, intent: IntentCard, now: datetime) -> None:
        if self.is_late:
            raise Refused(TOO_LATE)
        self.heard.append(("paid", intent.number))

    def on_failed(self, intent: IntentCard, now: datetime) -> None:
        self.heard.append(("failed", intent.number))

    def on_refunded(self, refund: RefundCard, now: datetime) -> None:
        self.heard.append(("refunded", refund.number))


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Till:
    made = Till()
    monkeypatch.setattr(ports, "_settlers", {"bill": made})
    return made


@pytest.fixture
def keys(district_id: int, sandbox: SandboxServer, settings: Any, tmp_path: Path) -> Path:
    """The key file of this test, with what the sandbox's consoles hand out; all base addresses lead to the sandbox."""
    path = tmp_path / "wechat.json"
    path.write_text(json.dumps(sandbox.credentials()))
    settings.WECHAT_KEYS = path
    settings.WECHATPAY_URL = settings.WECHAT_API_URL = settings.WECHAT_OPEN_URL = settings.WECHAT_MP_URL = sandbox.url
    settings.BASE_URL = "http://127.0.0.1:9"  # nobody listens there
    return path


@pytest.fixture
def connected(keys: Path) -> Iterator[None]:
    """The district takes money through the sandbox's merchant."""
    with transaction():
        connectors.bind(kind=Kind.PAY, outside_id="1900000109", now=clock.now())
    yield


@pytest.fixture
def lin(sandbox: SandboxServer) -> Phone:
    return sandbox.phone("小林")
