"""Callbacks of WeChat Pay over real HTTP: the sandbox calls our server, which stands on a port of its own."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.connectors.wechatpay import channel, client
from shangquan.kernel import clock, jobs
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import InboxItem
from shangquan.kernel.transactions import transaction
from shangquan.payments import door as payments
from shangquan.payments.contracts import (
    CHANNEL_SILENT,
    Channel,
    IntentCard,
    RefundCard,
    RefundState,
    Settlement,
    State,
)
from superapp_sandbox.testing import Phone, SandboxServer, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("connected", "served")]


@pytest.fixture
def served(keys: Path, live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url


def opened(kind: Channel, *, fen: int = 12600, bill: str = "1", payer: str = "", **more: Any) -> IntentCard:
    with transaction():
        return payments.open_intent(
            source="bill", source_id=bill, amount_fen=fen, channel=kind, description="阿宁咖啡 拿铁", now=clock.now(),
            payer_openid=payer, **more,
        )  # fmt: skip


def noticed(count: int = 1) -> list[InboxItem]:
    """The callbacks that our server has kept."""

    def look() -> list[InboxItem] | None:
        kept = list(InboxItem.rows().order_by("id"))
        return kept if sum(item.times_received for item in kept) >= count else None

    found: list[InboxItem] = wait_until(look)
    return found


def charged(lin: Phone, **more: Any) -> IntentCard:
    card = opened(Channel.WECHAT_CODE, **more)
    return payments.charge(intent_id=card.id, auth_code=lin.paycode(), now=clock.now())


def refund(card: IntentCard, fen: int, name: str) -> RefundCard:
    with transaction():
        return payments.open_refund(
            intent_id=card.id, amount_fen=fen, reason="不想要了", source="bill_refund", source_id=name, now=clock.now()
        )


def state(card: IntentCard) -> State:
    return payments.intent(card.id).state


@pytest.mark.feature("H1", "H9")
def test_an_order_code_is_scanned_and_paid_in_two_steps(till: Any, lin: Phone) -> None:
    card = opened(Channel.WECHAT_NATIVE)
    code_url = payments.start(card.id)["code_url"]
    assert code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    lin.scan(code_url)  # step one
    assert lin.password()["result"] == "paid"  # step two
    noticed()
    jobs.drain()
    paid = payments.intent(card.id)
    assert (paid.state, paid.payer_openid, till.heard) == (State.PAID, lin.openid(), [("paid", card.number)])
    assert paid.transaction_id.startswith("4200") and paid.paid_at is not None


@pytest.mark.feature("H1")
def test_one_order_code_on_two_phones_takes_one_payment(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    ning = sandbox.phone("阿宁")
    card = opened(Channel.WECHAT_NATIVE)
    code_url = payments.start(card.id)["code_url"]
    lin.scan(code_url)
    ning.scan(code_url)
    before = ning.balance_fen
    assert lin.password()["result"] == "paid"
    with pytest.raises(AssertionError):
        ning.password()
    noticed()
    jobs.drain()
    assert till.heard == [("paid", card.number)] and ning.balance_fen == before


@pytest.mark.feature("H1")
def test_money_for_a_bill_that_was_closed_meanwhile_is_back_on_the_phone(till: Any, lin: Phone) -> None:
    till.is_late = True
    card = opened(Channel.WECHAT_NATIVE)
    before = lin.balance_fen
    lin.scan(payments.start(card.id)["code_url"])
    lin.password()
    noticed()
    jobs.drain()
    assert payments.intent(card.id).settlement is Settlement.RETURNED
    assert wait_until(lambda: lin.balance_fen == before)


@pytest.mark.feature("H3")
def test_a_page_payment_is_done_by_the_notice_alone_and_ten_notices_do_it_once(
    till: Any, lin: Phone, sandbox: SandboxServer
) -> None:
    sandbox.faults(notify_repeat=9)
    sandbox.time(scale=1000)
    card = opened(Channel.WECHAT_JSAPI, payer=lin.openid())
    lin.jsapi(payments.start(card.id))
    lin.password()  # and the page is closed here: nobody asks
    assert [item.times_received for item in noticed(10)] == [10]
    jobs.drain()
    assert till.heard == [("paid", card.number)] and state(card) is State.PAID


def test_notice_and_question_meet_and_settle_once(till: Any, lin: Phone) -> None:
    card = opened(Channel.WECHAT_NATIVE)
    lin.scan(payments.start(card.id)["code_url"])
    lin.password()
    payments.poll(intent_id=card.id, now=clock.now(), eager=True)
    noticed()
    jobs.drain()
    assert till.heard == [("paid", card.number)]


@pytest.mark.parametrize("fault", ["notify_bad_signature", "sig_probe"])
def test_a_bad_signature_is_refused_and_the_good_one_after_it_kept(
    till: Any, lin: Phone, sandbox: SandboxServer, fault: str
) -> None:
    sandbox.time(scale=1000)
    sandbox.faults(**{fault: True})
    card = opened(Channel.WECHAT_NATIVE)
    lin.scan(payments.start(card.id)["code_url"])
    lin.password()
    noticed()

    def answers() -> list[int]:
        return [call["status"] for call in sandbox.calls(q="/pay/wechat/notify/", direction="out")]

    wait_until(lambda: 204 in answers())
    assert answers()[0] == 401
    jobs.drain()
    assert till.heard == [("paid", card.number)]


@pytest.mark.parametrize("fault", [{"clock_skew_s": -400}, {"notify_wrong_key": True}])
def test_a_stale_or_wrongly_sealed_notice_leaves_nothing(
    till: Any, lin: Phone, sandbox: SandboxServer, fault: dict[str, Any]
) -> None:
    card = opened(Channel.WECHAT_NATIVE)
    lin.scan(payments.start(card.id)["code_url"])
    sandbox.faults(**fault)
    lin.password()

    def answered() -> int:
        made = sandbox.calls(q="/pay/wechat/notify/", direction="out")
        return int(made[0]["status"]) if made else 0

    assert wait_until(answered) == 401
    assert not InboxItem.rows().exists()


def test_strangers_and_foreign_merchants_are_refused_and_nothing_is_kept(
    till: Any, lin: Phone, keys: Path, live_server: Any
) -> None:
    url = f"{live_server.url}/pay/wechat/notify/1900000109/"
    assert httpx.post(url, content=b"{}", trust_env=False).status_code == 401
    assert httpx.post(url.replace("109", "110"), content=b"{}", trust_env=False).status_code == 401
    assert httpx.get(url, trust_env=False).status_code == 405
    card = opened(Channel.WECHAT_NATIVE)
    lin.scan(payments.start(card.id)["code_url"])
    lin.password()
    kept = noticed()[0]
    headers = {name: value for name, value in kept.headers.items() if name.startswith("Wechatpay-")}
    changed = kept.body.replace("TRANSACTION.SUCCESS", "REFUND.SUCCESS")
    assert httpx.post(url, content=changed, headers=headers, trust_env=False).status_code == 401
    assert httpx.post(url, content=kept.body.encode(), headers=headers, trust_env=False).status_code == 204
    # The very message of our merchant, sent to the address of another one that this installation also serves.
    held = json.loads(keys.read_text())
    other = {**held["pay"], "mchid": "1900000110"}
    keys.write_text(json.dumps({**held, "pay": [held["pay"], other]}))
    with transaction():
        connectors.unbind(kind=Kind.PAY, now=clock.now())
        connectors.bind(kind=Kind.PAY, outside_id="1900000110", now=clock.now())
    foreign = httpx.post(url.replace("109", "110"), content=kept.body.encode(), headers=headers, trust_env=False)
    assert foreign.status_code == 401 and "another merchant" in foreign.text
    assert InboxItem.rows().count() == 1


def test_a_rotated_certificate_is_fetched_when_it_first_signs(
    till: Any, lin: Phone, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, keys: Path
) -> None:
    from shangquan.connectors.wechatpay import certificates

    monkeypatch.setattr(certificates, "_fetched", {})
    monkeypatch.setattr(certificates, "_last_fetch", {})
    held = json.loads(keys.read_text())
    keys.write_text(json.dumps({"pay": {**held["pay"], "public_key_id": "", "platform_certificates": []}}))
    card = opened(Channel.WECHAT_NATIVE)
    with pytest.raises(Refused) as caught:  # no key to verify the answer with: not believed
        payments.start(card.id)
    assert caught.value.reason is CHANNEL_SILENT
    client.Client(channel._merchant()).fetch_certificates()
    lin.scan(payments.start(card.id)["code_url"])
    sandbox.post("/_bench/api/platform/rotate")
    lin.password()
    noticed()
    jobs.drain()
    assert till.heard == [("paid", card.number)]


def test_refunds_in_part_reach_the_phone_and_their_notices_settle_once(
    till: Any, lin: Phone, sandbox: SandboxServer
) -> None:
    lin.settings(password_free_below_fen=100_000)
    before = lin.balance_fen
    card = charged(lin)
    backs = [refund(card, 2600, "a"), refund(card, 10000, "b")]
    for back in backs:
        payments.run_refund(refund_id=back.id, now=clock.now())
    noticed(2)
    jobs.drain()
    assert lin.balance_fen == before and payments.intent(card.id).refunded_fen == 12600
    assert sorted(till.heard[1:]) == sorted(("refunded", back.number) for back in backs)


def test_an_abnormal_refund_fails_openly(till: Any, lin: Phone, sandbox: SandboxServer) -> None:
    lin.settings(password_free_below_fen=100_000)
    card = charged(lin)
    sandbox.faults(refund_abnormal=True)
    back = refund(card, 600, "a")
    payments.run_refund(refund_id=back.id, now=clock.now())
    noticed()
    jobs.drain()
    assert payments.refund(back.id).state is RefundState.FAILED
