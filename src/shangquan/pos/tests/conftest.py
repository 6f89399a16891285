"""The store of the Sunday evening with its till, its cashier signed in, and a payment channel that answers as told."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from shangquan.checkout.tests.story import FakeChannel, Mall, build
from shangquan.district import door as district
from shangquan.district.contracts import ProductDraft
from shangquan.identity import door as identity
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.payments import ports as payment_ports
from shangquan.payments.contracts import Channel
from shangquan.pos import door
from shangquan.pos.tests.counter import BARCODES, Counter


@pytest.fixture(autouse=True)
def light_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)


@pytest.fixture
def at_six(now: datetime) -> Iterator[datetime]:
    """The house's clock stands at the Sunday evening."""
    with clock.at(now):
        yield now


@pytest.fixture
def mall(district_id: int, at_six: datetime) -> Mall:
    return build(at_six)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    fake = FakeChannel()
    plugged = dict(payment_ports._channels) | {Channel.WECHAT_CODE: fake, Channel.WECHAT_NATIVE: fake}
    monkeypatch.setattr(payment_ports, "_channels", plugged)
    return fake


@pytest.fixture
def counter(mall: Mall, channel: FakeChannel, at_six: datetime) -> Counter:
    """Till 1 of the kids' store, with 周小满 (cashier) and 周岚 (store manager)."""
    with transaction():
        (mug, bag) = district.load_products(
            mall.kids,
            [
                ProductDraft(name="小熊马克杯", price_fen=4_500, barcode=BARCODES["mug"], spec="燕麦色"),
                ProductDraft(name="环保袋", price_fen=200, barcode=BARCODES["bag"]),
            ],
            now=at_six,
        )
        till = door.add_till(store_id=mall.kids_store, name="收银台 1")
        door.set_quick_keys(store_id=mall.kids_store, product_ids=[bag])
        staff = {}
        for username, name, role in (("zhou", "周小满", "cashier"), ("zhoulan", "周岚", "store_manager")):
            staff[username] = identity.make_account(username=username, name=name, password="qiwuli-2026-11", now=at_six)
            identity.grant_role(
                account_id=staff[username], role=role, merchant_id=mall.kids, store_id=mall.kids_store, now=at_six
            )
    return Counter(mall, till.id, staff["zhou"], staff["zhoulan"], mug, bag, channel)


@pytest.fixture
def cashier(counter: Counter, district_id: int) -> Iterator[scope.Actor]:
    """Everything inside is done by the cashier."""
    who = identity.actor_for(counter.clerk, district_id)
    with scope.scope(district_id, actor=who):
        yield who


@pytest.fixture
def browser_of(counter: Counter) -> Any:
    """Signs a person of the counter in and answers the browser."""

    def made(username: str = "zhou") -> Client:
        client = Client()
        answer = client.post("/sign-in/", {"username": username, "password": "qiwuli-2026-11", "next": "/till/"})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return made
