from datetime import datetime

import pytest

from shangquan.checkout import ports
from shangquan.checkout.tests.story import Books, FakeChannel, Mall, build
from shangquan.payments import ports as payment_ports
from shangquan.payments.contracts import Channel


@pytest.fixture
def mall(district_id: int, now: datetime) -> Mall:
    return build(now)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    """WeChat Pay, played."""
    fake = FakeChannel()
    plugged = dict(payment_ports._channels) | {Channel.WECHAT_CODE: fake, Channel.WECHAT_NATIVE: fake}
    monkeypatch.setattr(payment_ports, "_channels", plugged)
    return fake


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Books:
    kept = Books()
    monkeypatch.setattr(ports, "_postings", [kept])
    return kept
