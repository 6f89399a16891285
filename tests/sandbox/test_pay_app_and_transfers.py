"""The owner's own app pays; a merchant sends money that a person takes."""

import base64
import json
import time
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from superapp_sandbox.testing import Phone, Refused, SandboxServer, wait_until
from tests.sandbox.merchant import Merchant
from tests.sandbox.receiver import Receiver

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"


def app_parameters(merchant: Merchant, prepay_id: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex
    return {
        "appid": merchant.appid,
        "partnerid": merchant.mchid,
        "prepayid": prepay_id,
        "package": "Sign=WXPay",
        "noncestr": nonce,
        "timestamp": stamp,
        "sign": merchant.signature(f"{merchant.appid}\n{stamp}\n{nonce}\n{prepay_id}\n"),
    }


def test_an_app_pays(merchant: Merchant, phone: Phone) -> None:
    prepay_id = merchant.order("app", "APPPAY0001", 500).json()["prepay_id"]
    assert merchant.order("app", "APPPAY0001", 400).json()["code"] == "OUT_TRADE_NO_USED"
    parameters = app_parameters(merchant, prepay_id)
    for changed in (
        {"noncestr": "x"},
        {"timestamp": "1"},
        {"prepayid": "wx0"},
        {"package": "other"},
        {"partnerid": "1"},
    ):
        with pytest.raises(Refused):
            phone.app_pay(parameters | changed)
    assert phone.app_pay(parameters)["pay_sheet"]["amount_fen"] == 500
    phone.password()
    assert merchant.query("APPPAY0001").json()["trade_type"] == "APP"


def transfer(merchant: Merchant, phone: Phone, number: str, amount: int, **more: Any) -> Any:
    body = {
        "appid": merchant.appid,
        "out_bill_no": number,
        "transfer_scene_id": "1000",
        "openid": phone.openid(),
        "transfer_amount": amount,
        "transfer_remark": "抽奖奖金",
        "transfer_scene_report_infos": [{"info_type": "活动名称", "info_content": "周末抽奖"}],
    } | more
    return merchant.v3("POST", BILLS, body, public_key=True)


def test_a_transfer_is_taken_by_the_person(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver
) -> None:
    made = transfer(merchant, phone, "TR0001", 888, notify_url=receiver.url).json()
    assert made["state"] == "WAIT_USER_CONFIRM"
    assert transfer(merchant, phone, "TR0001", 888, notify_url=receiver.url).json() == made
    assert transfer(merchant, phone, "TR0001", 889, notify_url=receiver.url).status_code == 400
    with pytest.raises(Refused, match="RECEIVER_WRONG"):
        sandbox.phone("阿宁").take_transfer(made["package_info"])
    assert phone.take_transfer(made["package_info"], agree=False)["result"] == "cancel"
    assert phone.take_transfer(made["package_info"])["result"] == "success"
    told = receiver.wait(1)[0]
    merchant.verify(told.headers, told.body)
    envelope = json.loads(told.body)
    fact = json.loads(merchant.open_resource(envelope["resource"]))
    assert (envelope["event_type"], fact["state"]) == ("MCHTRANSFER.BILL.FINISHED", "SUCCESS")
    assert phone.balance_fen == 1_000_000 + 888
    shown = merchant.v3("GET", f"{BILLS}/out-bill-no/TR0001").json()
    assert (shown["state"], shown["transfer_amount"]) == ("SUCCESS", 888)
    assert merchant.v3("GET", f"{BILLS}/transfer-bill-no/{made['transfer_bill_no']}").json() == shown
    with pytest.raises(Refused, match="TRANSFER_OVER"):
        phone.take_transfer(made["package_info"])
    assert merchant.v3("POST", f"{BILLS}/out-bill-no/TR0001/cancel").status_code == 400
    assert merchant.v3("GET", f"{BILLS}/out-bill-no/TR9999").status_code == 404


def test_cancelled_and_overdue_transfers_give_the_money_back(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone
) -> None:
    sandbox.post("/_bench/api/merchant", transfer_fund_fen=1000)
    first = transfer(merchant, phone, "TR0002", 600).json()
    poor = transfer(merchant, phone, "TR0003", 600)
    assert (poor.status_code, poor.json()["code"]) == (403, "NOT_ENOUGH")
    assert merchant.v3("POST", f"{BILLS}/out-bill-no/TR0002/cancel").json()["state"] == "CANCELING"
    path = f"{BILLS}/out-bill-no/TR0002"
    wait_until(lambda: merchant.v3("GET", path).json()["state"] == "CANCELLED")
    with pytest.raises(Refused, match="TRANSFER_OVER"):
        phone.take_transfer(first["package_info"])
    transfer(merchant, phone, "TR0004", 1000)
    sandbox.time(advance_s=86401)
    late = wait_until(
        lambda: s if (s := merchant.v3("GET", f"{BILLS}/out-bill-no/TR0004").json())["state"] == "FAIL" else None
    )
    assert late["fail_reason"] == "OVERDUE_CLOSE"
    assert sandbox.post("/_bench/api/merchant")["transfer_fund_fen"] == 1000
    sandbox.post("/_bench/api/merchant", transfer_fund_fen=100_000_000)


def test_rules_of_transfers(merchant: Merchant, phone: Phone) -> None:
    assert transfer(merchant, phone, "TR0005", 100, transfer_scene_id="9").json()["code"] == "INVALID_REQUEST"
    assert transfer(merchant, phone, "TR0006", 100, transfer_scene_report_infos=[]).json()["code"] == "INVALID_REQUEST"
    assert transfer(merchant, phone, "TR0007", 100, openid="oNobody").json()["code"] == "PARAM_ERROR"
    assert transfer(merchant, phone, "TR-008", 100).json()["code"] == "PARAM_ERROR"
    assert transfer(merchant, phone, "TR0009", 200_000).json()["code"] == "PARAM_ERROR"

    def sealed(name: str) -> str:
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
        key = merchant.platform_key(merchant.pay["public_key_id"])
        return base64.b64encode(key.encrypt(name.encode(), oaep)).decode()

    assert transfer(merchant, phone, "TR0010", 200_000, user_name="小林").json()["code"] == "PARAM_ERROR"
    assert transfer(merchant, phone, "TR0011", 200_000, user_name=sealed("小林")).json()["state"] == "WAIT_USER_CONFIRM"
    wrong = transfer(merchant, phone, "TR0012", 200_000, user_name=sealed("老王")).json()
    assert wrong["state"] == "FAIL"
    assert merchant.v3("GET", f"{BILLS}/out-bill-no/TR0012").json()["fail_reason"] == "NAME_NOT_CORRECT"
