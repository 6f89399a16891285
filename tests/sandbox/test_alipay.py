"""The other wallet at the till, with a client written from the protocol."""

import base64
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from superapp_sandbox.testing import Phone, Refused, SandboxServer, wait_until
from tests.sandbox.receiver import Receiver


class Seller:
    def __init__(self, sandbox: SandboxServer) -> None:
        found = sandbox.credentials()["alipay"]
        self.app_id, self.seller_id, self.url = found["app_id"], found["seller_id"], found["gateway_url"]
        self.key: Any = serialization.load_pem_private_key(found["app_private_key_pem"].encode(), None)
        self.theirs: Any = serialization.load_pem_public_key(found["alipay_public_key_pem"].encode())

    def fields(self, method: str, biz: dict[str, Any], **more: str) -> dict[str, str]:
        made = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(biz, ensure_ascii=False),
            **more,
        }
        text = "&".join(f"{k}={made[k]}" for k in sorted(made))
        made["sign"] = base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        return made

    def call(self, method: str, biz: dict[str, Any], *, all_in_query: bool = False, **more: str) -> dict[str, Any]:
        """The signature is over the raw text of the response object."""
        sent = self.fields(method, biz, **more)
        if all_in_query:
            answer = httpx.get(self.url, params=sent, trust_env=False)
        else:
            form = {"biz_content": sent.pop("biz_content")}
            answer = httpx.post(self.url, params=sent, data=form, trust_env=False)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        whole = answer.json()
        name = method.replace(".", "_") + "_response"
        raw = answer.text[len(f'{{"{name}":') : answer.text.rindex(',"sign":"')]
        self.theirs.verify(base64.b64decode(whole["sign"]), raw.encode(), padding.PKCS1v15(), hashes.SHA256())
        made: dict[str, Any] = whole[name]
        return made

    def pay(self, number: str, code: str, amount: str = "1.00") -> dict[str, Any]:
        biz = {
            "out_trade_no": number,
            "total_amount": amount,
            "subject": "拿铁咖啡",
            "auth_code": code,
            "scene": "bar_code",
        }
        return self.call("alipay.trade.pay", biz)

    def query(self, number: str) -> dict[str, Any]:
        return self.call("alipay.trade.query", {"out_trade_no": number})


@pytest.fixture
def seller(sandbox: SandboxServer) -> Seller:
    return Seller(sandbox)


def test_paid_at_once_and_only_once(seller: Seller, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    code = phone.paycode(wallet="alipay")
    assert len(code) == 18 and 25 <= int(code[:2]) <= 30
    paid = seller.pay("ALI001", code, "12.34")
    assert (paid["code"], paid["total_amount"]) == ("10000", "12.34")
    assert phone.balance_fen == 1_000_000 - 1234
    assert seller.query("ALI001")["trade_status"] == "TRADE_SUCCESS"
    assert seller.pay("ALI001", phone.paycode(wallet="alipay"), "12.34")["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
    assert seller.pay("ALI001", phone.paycode(wallet="alipay"), "12.35")["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    assert seller.pay("ALI002", code)["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    assert seller.pay("ALI003", phone.paycode())["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    assert seller.query("ALI003")["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_a_password_is_asked(seller: Seller, phone: Phone) -> None:
    assert seller.pay("ALI010", phone.paycode(wallet="alipay"))["code"] == "10003"
    assert seller.query("ALI010")["trade_status"] == "WAIT_BUYER_PAY"
    sheet = phone.pending()
    assert sheet is not None and (sheet["origin"], sheet["order"]) == ("ALIPAY", "ALI010")
    assert phone.password()["result"] == "paid"
    assert seller.query("ALI010")["trade_status"] == "TRADE_SUCCESS"


def test_cancel_closes_or_gives_back(sandbox: SandboxServer, seller: Seller, phone: Phone) -> None:
    seller.pay("ALI020", phone.paycode(wallet="alipay"))
    done = seller.call("alipay.trade.cancel", {"out_trade_no": "ALI020"})
    assert (done["action"], done["retry_flag"]) == ("close", "N")
    assert phone.pending() is None and seller.query("ALI020")["trade_status"] == "TRADE_CLOSED"
    phone.settings(password_free_below_fen=100_000)
    sandbox.faults(pay_answer_system_error_after_success=True)
    assert seller.pay("ALI021", phone.paycode(wallet="alipay"), "5")["code"] == "20000"
    assert phone.balance_fen == 1_000_000 - 500
    assert seller.call("alipay.trade.cancel", {"out_trade_no": "ALI021"})["action"] == "refund"
    assert "action" not in seller.call("alipay.trade.cancel", {"out_trade_no": "ALI021"})
    assert phone.balance_fen == 1_000_000


def test_refunds_are_cumulative(seller: Seller, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    seller.pay("ALI030", phone.paycode(wallet="alipay"), "10.00")

    def refund(number: str, amount: str) -> dict[str, Any]:
        biz = {"out_trade_no": "ALI030", "refund_amount": amount, "out_request_no": number}
        return seller.call("alipay.trade.refund", biz)

    first, again, second = refund("R1", "3.00"), refund("R1", "3.00"), refund("R2", "2.5")
    assert [(r["fund_change"], r["refund_fee"]) for r in (first, again, second)] == [
        ("Y", "3.00"),
        ("N", "3.00"),
        ("Y", "5.50"),
    ]
    assert refund("R1", "4.00")["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert refund("R3", "4.51")["sub_code"] == "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    assert phone.balance_fen == 1_000_000 - 450
    asked = {"out_trade_no": "ALI030", "out_request_no": "R2"}
    assert seller.call("alipay.trade.fastpay.refund.query", asked)["refund_status"] == "REFUND_SUCCESS"
    assert "refund_status" not in seller.call("alipay.trade.fastpay.refund.query", asked | {"out_request_no": "R9"})


def test_a_shown_code_is_told_until_success(
    sandbox: SandboxServer, seller: Seller, phone: Phone, receiver: Receiver
) -> None:
    sandbox.time(scale=2000)  # 4 min become 0.12 s
    receiver.answer = lambda _: (200, "success") if len(receiver.posts()) > 2 else (200, "ok")
    biz = {"out_trade_no": "ALI040", "total_amount": "8.80", "subject": "套餐"}
    made = seller.call("alipay.trade.precreate", biz, notify_url=receiver.url, all_in_query=True)
    assert seller.query("ALI040")["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert phone.scan(made["qr_code"])["pay_sheet"]["amount_fen"] == 880
    phone.password()
    told = receiver.wait(3)
    receiver.stay_at(3)
    assert told[0].body == told[2].body
    fields = dict(parse_qsl(told[0].body))
    text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if k not in ("sign", "sign_type"))
    signature = base64.b64decode(fields["sign"])
    seller.theirs.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        seller.theirs.verify(signature, text.replace("8.80", "8.81").encode(), padding.PKCS1v15(), hashes.SHA256())
    assert (fields["trade_status"], fields["seller_id"]) == ("TRADE_SUCCESS", seller.seller_id)
    with pytest.raises(Refused, match="ORDER_CLOSED"):
        phone.scan(made["qr_code"])
    wait_until(lambda: sandbox.get("/_bench/api/deliveries")[-1]["state"] == "accepted")


def test_refusals_of_the_gateway_are_unsigned(seller: Seller) -> None:
    good = seller.fields("alipay.trade.query", {"out_trade_no": "X"})
    for changed, sub_code in (
        ({"app_id": "1", "sign": "x"}, "isv.invalid-app-id"),
        ({"sign": ""}, "isv.missing-signature"),
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"timestamp": "2020-01-01 00:00:00"}, "isv.invalid-signature"),
        ({"method": "alipay.none"}, "isv.invalid-method"),
    ):
        answer = httpx.post(seller.url, data=good | changed, trust_env=False)
        assert answer.status_code == 200
        [(_, shown)] = answer.json().items()
        assert shown["sub_code"] == sub_code
