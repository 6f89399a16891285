"""Faults that no other test here switches on, each seen on the wire."""

import json
import threading
import time

import pytest
from cryptography.exceptions import InvalidTag

from superapp_sandbox.testing import Phone, Refused, SandboxServer
from tests.sandbox.merchant import Merchant
from tests.sandbox.receiver import Receiver


def pay(merchant: Merchant, phone: Phone, number: str, url: str) -> None:
    phone.scan(merchant.order("native", number, notify_url=url).json()["code_url"])
    assert phone.password()["result"] == "paid"


def test_a_late_callback(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    sandbox.faults(notify_delay_s=0.8)
    started = time.monotonic()
    pay(merchant, phone, "LATE000001", receiver.url)
    assert merchant.query("LATE000001").json()["trade_state"] == "SUCCESS"
    assert receiver.wait(1)[0].at - started >= 0.8


def test_a_wrong_key(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    sandbox.faults(notify_wrong_key=True)
    pay(merchant, phone, "WRONGKEY01", receiver.url)
    told = receiver.wait(1)[0]
    merchant.verify(told.headers, told.body)
    with pytest.raises(InvalidTag):
        merchant.open_resource(json.loads(told.body)["resource"])


def test_a_wrong_clock(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    code = merchant.order("native", "SKEWED0001", notify_url=receiver.url).json()["code_url"]
    sandbox.faults(clock_skew_s=-400)
    phone.scan(code)
    phone.password()
    stamp = int(receiver.wait(1)[0].headers["Wechatpay-Timestamp"])
    assert 395 <= time.time() - stamp <= 410


def test_a_slow_answer(sandbox: SandboxServer, merchant: Merchant) -> None:
    sandbox.faults(pay_answer_timeout_s=0.5)
    started = time.monotonic()
    assert merchant.order("native", "SLOW000001").status_code == 200
    assert time.monotonic() - started >= 0.5


def test_a_query_that_lags_behind(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    pay(merchant, phone, "LAGGING001", receiver.url)
    sandbox.faults(order_query_stays_processing=True)
    assert [merchant.query("LAGGING001").json()["trade_state"] for _ in range(2)] == ["NOTPAY", "SUCCESS"]


def test_a_weak_network_loses_the_race_against_a_reversal(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone
) -> None:
    """The till gives up while the password is on its way: nothing is paid."""
    phone.settings(weak_network=True)
    merchant.micropay("WEAK000001", phone.paycode())
    said: list[str] = []

    def type_password() -> None:
        try:
            said.append(phone.password()["result"])
        except Refused as refused:
            said.append(refused.code)

    typing = threading.Thread(target=type_password)
    sandbox.time(scale=5)  # three seconds on the way become 0.6
    typing.start()
    time.sleep(0.2)
    assert merchant.v2("/secapi/pay/reverse", out_trade_no="WEAK000001")["recall"] == "N"
    typing.join(5)
    assert said == ["NOTHING_PENDING"]
    assert phone.balance_fen == 1_000_000
    assert merchant.v2("/pay/orderquery", out_trade_no="WEAK000001")["trade_state"] == "REVOKED"


def test_the_phones_browser_is_remembered_by_host(sandbox: SandboxServer, phone: Phone) -> None:
    answer = sandbox.client.get(f"/_phone/open/{phone.id}", params={"url": "http://mall.test/x"})
    assert (answer.status_code, answer.headers["location"]) == (302, "http://mall.test/x")
    assert f"sandbox_user={phone.id}" in answer.headers["set-cookie"]
    sandbox.client.cookies.clear()
    assert sandbox.client.get("/_phone/open/u999", params={"url": "http://mall.test/x"}).status_code == 404
    assert sandbox.client.get(f"/_phone/open/{phone.id}", params={"url": "javascript:1"}).status_code == 400
