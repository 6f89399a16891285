"""People who sign in to the console, and the evening they see."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from shangquan.checkout.tests.story import FakeChannel, Mall, build
from shangquan.identity import door as identity
from shangquan.identity.contracts import Role
from shangquan.kernel.transactions import transaction
from shangquan.payments import ports as payment_ports
from shangquan.payments.contracts import Channel

PASSWORD = "osmanthus-lane-7"
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def light_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at a hundredth of its cost: these tests make many accounts."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)


@pytest.fixture(autouse=True)
def frozen(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def mall(district_id: int, now: datetime) -> Mall:
    return build(now)


@pytest.fixture
def sign_in(district_id: int, now: datetime) -> SignIn:
    """`sign_in(Role.OWNER_ADMIN)`: a browser in which such a person has signed in."""
    count = iter(range(1000))

    def enter(role: Role, merchant_id: int | None = None, store_id: int | None = None) -> Client:
        username = f"staff{next(count)}"
        with transaction():
            made = identity.make_account(username=username, name="王琪", password=PASSWORD, now=now)
            identity.grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=now)
        browser = Client()
        answer = browser.post("/sign-in/", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return browser

    return enter


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    """WeChat Pay, played."""
    fake = FakeChannel()
    monkeypatch.setattr(payment_ports, "_channels", dict(payment_ports._channels) | {Channel.WECHAT_CODE: fake})
    return fake
