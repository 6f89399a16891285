"""The till against the wallet's own sandbox, over real HTTP: what a customer's phone does and what the clerk sees."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shangquan.checkout.contracts import Choice
from shangquan.codes import door as codes
from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponKind, CouponState
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.payments import door as payments
from shangquan.pos.actions import pay, ring
from shangquan.pos.tests.counter import Counter
from superapp_sandbox.testing import Phone, SandboxServer, wait_until
from superapp_sandbox.testing import sandbox as sandbox
from superapp_sandbox.testing import sandbox_process as sandbox_process

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def at_six() -> datetime:
    """The sandbox reads the true clock, so the story happens now."""
    return clock.now()


@pytest.fixture
def channel() -> None:
    """No channel is played here: the real one is plugged in."""


@pytest.fixture
def connected(district_id: int, sandbox: SandboxServer, settings: Any, tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "wechat.json"
    path.write_text(json.dumps(sandbox.credentials()))
    settings.WECHAT_KEYS = path
    settings.WECHATPAY_URL = settings.WECHAT_API_URL = settings.WECHAT_OPEN_URL = settings.WECHAT_MP_URL = sandbox.url
    settings.BASE_URL = "http://127.0.0.1:9"  # nobody listens there: what is known is asked for
    with transaction():
        connectors.bind(kind=Kind.PAY, outside_id="1900000109", now=clock.now())
    yield


@pytest.fixture
def lin(sandbox: SandboxServer) -> Phone:
    return sandbox.phone("小林")


def intents(counter: Counter) -> list[str]:
    return [card.state.value for card in payments.intents_of("bill", str(counter.bill().id))]


def look(counter: Counter, later: timedelta = timedelta()) -> str:
    pay.look(till_id=counter.till, now=clock.now() + later, eager=True)
    return counter.desk().phase


@pytest.mark.feature("I1", "I2", "F9", "J17")
def test_the_five_steps_with_a_coupon_and_a_pay_code(counter: Counter, cashier: scope.Actor, lin: Phone) -> None:
    """Choose, show the coupon, pay by pay code, see the record: ¥70 are charged of ¥100, the piece is used by the bill."""
    lin.settings(password_free_below_fen=100_000)
    piece = counter.give(CouponKind.CASH, title_zh="满 100 减 30", amount_fen=3_000, min_spend_fen=10_000)
    counter.open()
    counter.scan("100.00")
    counter.scan(piece.code)
    with transaction():
        ring.choose(till_id=counter.till, choice=Choice(forced=(piece.id,), use_points=False), now=counter.now)
    assert counter.bill().payable_fen == 7_000
    before = lin.balance_fen
    paid = pay.pay_by_code(till_id=counter.till, auth_code=lin.paycode(), expected_fen=7_000, now=clock.now())
    assert paid.is_paid and before - lin.balance_fen == 7_000
    used = coupons.piece(piece.id)
    assert (used.state, used.used_bill_id) == (CouponState.USED, paid.id)
    there = counter.desk()
    assert there.phase == "paid" and there.receipt is not None


@pytest.mark.feature("H2")
def test_a_password_is_waited_for(counter: Counter, cashier: scope.Actor, lin: Phone) -> None:
    counter.open()
    counter.goods(counter.mug)
    pay.pay_by_code(till_id=counter.till, auth_code=lin.paycode(), now=clock.now())
    assert counter.desk().phase in ("waiting", "unknown")
    assert look(counter) == "waiting"
    lin.password()
    assert look(counter) == "paid" and intents(counter) == ["paid"]


@pytest.mark.feature("H2", "F9")
def test_an_unknown_result_is_asked_for_and_a_silent_one_undone(
    counter: Counter, cashier: scope.Actor, lin: Phone, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, the channel stays silent, the payment is reversed; the coupon is usable at once."""
    lin.settings(password_free_below_fen=100_000)
    piece = counter.give(CouponKind.CASH, title_zh="满 40 减 5", amount_fen=500, min_spend_fen=4_000)
    counter.open()
    counter.scan(codes.member_code(counter.mall.member, now=clock.now()).digits)
    counter.goods(counter.mug)
    before = lin.balance_fen
    monkeypatch.setattr("shangquan.connectors.wechatpay.v2.READ_SECONDS", 0.5)
    sandbox.faults(pay_answer_timeout_s=1.0)
    pay.pay_by_code(till_id=counter.till, auth_code=lin.paycode(), now=clock.now())
    assert counter.desk().phase == "unknown"
    wait_until(lambda: lin.balance_fen < before)  # it was charged, and nobody here knows
    assert coupons.piece(piece.id).state is CouponState.HELD
    sandbox.faults(order_query_stays_processing=True)
    assert look(counter, timedelta(seconds=31)) == "selling"
    assert intents(counter) == ["reversed"] and lin.balance_fen == before
    assert coupons.piece(piece.id).state is CouponState.UNUSED
    assert counter.desk().failed is not None


@pytest.mark.feature("H1")
def test_a_code_for_one_order_takes_one_payment(counter: Counter, cashier: scope.Actor, lin: Phone) -> None:
    counter.open()
    counter.goods(counter.mug)
    pay.show_code(till_id=counter.till, expected_fen=4_500, now=clock.now())
    there = counter.desk()
    assert there.phase == "waiting" and there.intent is not None
    lin.scan(payments.start(there.intent.id, clock.now())["code_url"])
    lin.password()
    assert look(counter) == "paid" and intents(counter) == ["paid"]
