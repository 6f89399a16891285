"""A district in its evening, browsers in it, and WeChat played by the sandbox where a test asks for it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shangquan.checkout.tests.story import Mall, build
from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import signed_in
from shangquan.members import door as members
from shangquan.messaging.contracts import AccountKind
from superapp_sandbox.testing import Phone, SandboxServer
from superapp_sandbox.testing import sandbox as sandbox
from superapp_sandbox.testing import sandbox_process as sandbox_process


@pytest.fixture
def at(now: datetime) -> Iterator[datetime]:
    """The pages' clock stands at the story's evening."""
    with clock.at(now):
        yield now


@pytest.fixture
def mall(district_id: int, at: datetime) -> Mall:
    return build(at)


@pytest.fixture
def lin(mall: Mall, client: Client) -> Client:
    """The browser of the gold member."""
    return signed_in(client, mall.member, openid="oLin-000001")


@pytest.fixture
def newcomer(mall: Mall) -> Client:
    """A member who has nothing yet."""
    with transaction():
        card = members.open_card(openid="oNew-000001", channel="official_account", now=mall.now)
    return signed_in(Client(), card.id, openid="oNew-000001")


@pytest.fixture
def fan(mall: Mall) -> Client:
    """Known to WeChat, without a card."""
    return signed_in(Client(), None, openid="oFan-000001")


@pytest.fixture
def statements() -> Callable[[Callable[[], Any]], int]:
    """How many SQL statements a piece of work takes."""

    def count(work: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as seen:
            work()
        return len([one for one in seen.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    return count


@pytest.fixture
def connected(district_id: int, sandbox: SandboxServer, settings: Any, tmp_path: Path) -> Mall:
    """The district speaks with the sandbox: its account, its pay merchant. Both go by the real clock."""
    mall = build(clock.now())
    keys = tmp_path / "wechat.json"
    keys.write_text(json.dumps(sandbox.credentials()))
    settings.WECHAT_KEYS = keys
    settings.WECHATPAY_URL = settings.WECHAT_API_URL = settings.WECHAT_OPEN_URL = settings.WECHAT_MP_URL = sandbox.url
    settings.BASE_URL = "http://127.0.0.1:9"
    sandbox.set_account(oauth_domain="u1.localhost")
    with transaction():
        connectors.bind(kind=Kind.PAY, outside_id="1900000109", now=mall.now)
        connectors.bind_official_account(
            appid=sandbox.appid, name="栖梧里", kind=AccountKind.SERVICE, verified=True, now=mall.now
        )
    return mall


@pytest.fixture
def phone(sandbox: SandboxServer) -> Phone:
    return sandbox.phone("小林")
