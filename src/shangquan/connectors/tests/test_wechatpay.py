"""WeChat Pay over real HTTP: our client against the sandbox's process. No callback reaches us here."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.connectors.wechatpay import v2
from shangquan.kernel import clock, jobs, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import InboxItem
from shangquan.kernel.transactions import transaction
from shangquan.payments import door as payments
from shangquan.payments import ports
from shangquan.payments.contracts import (
    CHANNEL_REFUSED,
    Channel,
    DifferenceKind,
    IntentCard,
    RefundCard,
    RefundState,
    State,
)
from superapp_sandbox.testing import Phone, SandboxServer, wait_until

pytestmark = pytest.mark.usefixtures("connected")


def opened(kind: Channel, *, fen: int = 12600, bill: str = "1", payer: str = "", **more: Any) -> IntentCard:
    with transaction():
        return payments.open_intent(
            source="bill", source_id=bill, amount_fen=fen, channel=kind, description="阿宁咖啡 拿铁", now=clock.now(),
            payer_openid=payer, **more,
        )  # fmt: skip


def state(card: IntentCard) -> State:
    return payments.intent(card.id).state


@pytest.mark.feature("H3")
def test_a_lost_notice_is_made_good_by_asking(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    sandbox.faults(notify_drop=True)
    card = opened(Channel.WECHAT_JSAPI, payer=lin.openid())
    lin.jsapi(payments.start(card.id))
    lin.password()
    assert payments.poll(intent_id=card.id, now=clock.now(), eager=True).state is State.PAID
    assert till.heard == [("paid", card.number)] and not InboxItem.rows().exists()


# -- the scanned payment code ----------------------------------------------------------------------------------------


def charged(lin: Phone, **more: Any) -> IntentCard:
    card = opened(Channel.WECHAT_CODE, **more)
    return payments.charge(intent_id=card.id, auth_code=lin.paycode(), now=clock.now())


@pytest.mark.feature("H2")
def test_a_scanned_code_below_the_password_limit_is_paid_at_once(till: Any, lin: Phone) -> None:
    lin.settings(password_free_below_fen=100_000)
    card = charged(lin)
    assert (card.state, card.payer_openid) == (State.PAID, lin.openid())
    assert till.heard == [("paid", card.number)]


@pytest.mark.feature("H2")
def test_a_password_is_asked_for_and_a_wrong_one_keeps_waiting(till: Any, lin: Phone) -> None:
    card = charged(lin)
    assert card.state is State.WAITING and card.code == "USERPAYING"
    assert lin.password("000000")["result"] == "wrong"
    assert payments.poll(intent_id=card.id, now=clock.now(), eager=True).state is State.WAITING
    lin.password()
    assert payments.poll(intent_id=card.id, now=clock.now(), eager=True).state is State.PAID
    assert till.heard == [("paid", card.number)]


@pytest.mark.feature("H2")
def test_no_password_within_thirty_seconds_is_reversed(till: Any, lin: Phone) -> None:
    card = charged(lin)
    before = lin.balance_fen
    later = clock.now() + timedelta(seconds=31)
    assert payments.poll(intent_id=card.id, now=later).state is State.REVERSED
    with pytest.raises(AssertionError):
        lin.password()
    assert till.heard == [("failed", card.number)] and lin.balance_fen == before


@pytest.mark.feature("H2")
def test_a_time_out_is_unknown_and_then_reversed_and_the_money_is_back(
    till: Any, lin: Phone, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin.settings(password_free_below_fen=100_000)
    before = lin.balance_fen
    monkeypatch.setattr(v2, "READ_SECONDS", 0.5)
    sandbox.faults(pay_answer_timeout_s=1.0)
    card = charged(lin)
    assert card.state is State.UNKNOWN
    wait_until(lambda: lin.balance_fen == before - 12600)  # it was charged, and nobody here knows
    sandbox.faults(order_query_stays_processing=True)
    later = clock.now() + timedelta(seconds=31)
    assert payments.poll(intent_id=card.id, now=later).state is State.REVERSED
    assert lin.balance_fen == before and till.heard == [("failed", card.number)]
    assert len(sandbox.calls(q="/pay/micropay")) == 1


@pytest.mark.feature("H2")
def test_an_unknown_answer_after_success_is_found_by_asking(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    lin.settings(password_free_below_fen=100_000)
    sandbox.faults(pay_answer_system_error_after_success=True)
    card = charged(lin)
    assert card.state is State.UNKNOWN
    assert payments.poll(intent_id=card.id, now=clock.now(), eager=True).state is State.PAID
    assert till.heard == [("paid", card.number)]


def test_a_reversal_is_repeated_while_the_platform_says_recall(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    card = charged(lin)
    sandbox.faults(reverse_recall={"value": True, "times": 2})
    later = clock.now() + timedelta(seconds=31)
    assert payments.poll(intent_id=card.id, now=later).state is State.REVERSED
    assert len(sandbox.calls(q="/secapi/pay/reverse")) == 3


def test_a_charge_that_never_arrived_ends_reversed(
    till: Any, lin: Phone, settings: Any, sandbox: SandboxServer
) -> None:
    settings.WECHATPAY_URL = "http://127.0.0.1:9"
    card = charged(lin)
    assert card.state is State.UNKNOWN
    settings.WECHATPAY_URL = sandbox.url
    assert payments.poll(intent_id=card.id, now=clock.now(), eager=True).state is State.UNKNOWN
    assert payments.poll(intent_id=card.id, now=clock.now() + timedelta(seconds=31)).state is State.REVERSED


def test_too_little_money_fails_and_a_second_try_is_another_payment(
    till: Any, lin: Phone, sandbox: SandboxServer
) -> None:
    sandbox.faults(balance_low=True)
    card = charged(lin)
    assert (card.state, card.code) == (State.FAILED, "NOTENOUGH")
    lin.settings(password_free_below_fen=100_000)
    again = charged(lin)
    assert again.state is State.PAID and again.number != card.number
    assert till.heard == [("failed", card.number), ("paid", again.number)]


def test_a_used_code_is_refused(till: Any, lin: Phone) -> None:
    lin.settings(password_free_below_fen=100_000)
    one, two = opened(Channel.WECHAT_CODE), opened(Channel.WECHAT_CODE, bill="2")
    code = lin.paycode()
    assert payments.charge(intent_id=one.id, auth_code=code, now=clock.now()).state is State.PAID
    second = payments.charge(intent_id=two.id, auth_code=code, now=clock.now())
    assert (second.state, second.code) == (State.FAILED, "AUTH_CODE_INVALID")


# -- ends, refunds, bills --------------------------------------------------------------------------------------------


def test_a_cancelled_order_can_not_be_paid_any_more(till: Any, lin: Phone) -> None:
    card = opened(Channel.WECHAT_NATIVE)
    code_url = payments.start(card.id)["code_url"]
    lin.scan(code_url)
    assert payments.cancel(intent_id=card.id, now=clock.now()).state is State.CLOSED
    with pytest.raises(AssertionError):
        lin.password()


def test_a_cancel_of_a_paid_order_answers_paid(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    sandbox.faults(notify_drop=True, order_query_stays_processing=True)
    card = opened(Channel.WECHAT_NATIVE)
    lin.scan(payments.start(card.id)["code_url"])
    lin.password()
    assert payments.cancel(intent_id=card.id, now=clock.now()).state is State.PAID
    assert till.heard == [("paid", card.number)]


def refund(card: IntentCard, fen: int, name: str) -> RefundCard:
    with transaction():
        return payments.open_refund(
            intent_id=card.id, amount_fen=fen, reason="不想要了", source="bill_refund", source_id=name, now=clock.now()
        )


def test_a_refund_whose_answer_was_lost_is_asked_about_and_made_once(
    till: Any, lin: Phone, sandbox: SandboxServer
) -> None:
    lin.settings(password_free_below_fen=100_000)
    card = charged(lin)
    before = lin.balance_fen
    back = refund(card, 600, "a")
    sandbox.faults(next_http_status=500, notify_drop={"value": True, "times": 9})
    assert payments.run_refund(refund_id=back.id, now=clock.now()).state is RefundState.SENT
    payments.run_refund(refund_id=back.id, now=clock.now())  # not known there: sent again
    wait_until(lambda: payments.run_refund(refund_id=back.id, now=clock.now()).state is RefundState.DONE)
    assert lin.balance_fen == before + 600
    posted = [c for c in sandbox.calls(q="/v3/refund/domestic/refunds") if c["method"] == "POST"]
    assert len(posted) == 2


def test_the_platform_says_no_in_its_own_words(till: Any, settings: Any) -> None:
    path = Path(settings.WECHAT_KEYS)
    keys = json.loads(path.read_text())
    path.write_text(json.dumps({"pay": {**keys["pay"], "appids": ["wx0000000000000000"]}}))
    card = opened(Channel.WECHAT_NATIVE)
    with pytest.raises(Refused) as caught:
        payments.start(card.id)
    assert caught.value.reason is CHANNEL_REFUSED and "APPID_MCHID_NOT_MATCH" in caught.value.zh
    assert state(card) is State.FAILED


def test_an_answer_with_a_probe_signature_is_not_believed_and_the_order_is_sent_again(
    till: Any, sandbox: SandboxServer
) -> None:
    sandbox.faults(answer_sig_probe=True)
    card = opened(Channel.WECHAT_NATIVE)
    assert payments.start(card.id)["code_url"]
    assert len(sandbox.calls(q="/v3/pay/transactions/native")) == 2


@pytest.mark.feature("H14")
def test_the_real_bill_shows_each_kind_of_difference(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    lin.settings(password_free_below_fen=100_000)
    cards = [charged(lin, bill=str(n), fen=1000 + n) for n in range(3)]
    reversed_one = opened(Channel.WECHAT_CODE, bill="9")
    sandbox.faults(pay_answer_system_error_after_success=True, order_query_stays_processing=True)
    payments.charge(intent_id=reversed_one.id, auth_code=lin.paycode(), now=clock.now())
    payments.poll(intent_id=reversed_one.id, now=clock.now() + timedelta(seconds=31))
    assert state(reversed_one) is State.REVERSED
    day = clock.now().astimezone(ports.bill("wechatpay")[1].zone).date()
    sandbox.time(advance_s=36 * 3600)
    # The sandbox's clock is ahead of ours now; signatures are stamped by the wire's clock, which is not moved.
    payments.reconcile_later("wechatpay", day.isoformat())
    jobs.drain()
    assert payments.differences(day=day) == []
    sandbox.faults(bill_amount=1, bill_extra=True)
    payments.reconcile_later("wechatpay", day.isoformat())
    jobs.drain()
    found = {(d.kind, d.own_fen, d.bill_fen) for d in payments.differences(day=day)}
    assert found == {(DifferenceKind.AMOUNT, 1000, 1001), (DifferenceKind.EXTRA, None, 100)}
    sandbox.faults(bill_missing=True)
    payments.reconcile_later("wechatpay", day.isoformat())
    jobs.drain()
    assert [(d.kind, d.number, d.own_fen) for d in payments.differences(day=day)] == [
        (DifferenceKind.MISSING, cards[0].number, 1000)
    ]


def test_a_district_without_a_merchant_cannot_start_and_an_account_serves_one_district(district_id: int) -> None:
    from shangquan.tenancy.actions.open_district import open_district

    with transaction():
        other = open_district(slug="other", name="另一条街", now=clock.now())
    with scope.scope(other):
        with pytest.raises(Refused) as caught, transaction():
            connectors.bind(kind=Kind.PAY, outside_id="1900000109", now=clock.now())
        assert caught.value.reason.code == "W-4091" and connectors.accounts() == []
    with pytest.raises(Refused) as unknown, transaction():
        connectors.bind(kind=Kind.PAY, outside_id="1", now=clock.now())
    assert unknown.value.reason.code == "W-4041"
    assert [card.outside_id for card in connectors.accounts()] == ["1900000109"]
