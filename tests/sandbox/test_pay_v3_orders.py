"""Orders, refunds, bills and the callbacks that tell of them."""

import csv
import gzip
import hashlib
import json
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from superapp_sandbox.testing import Phone, Refused, SandboxServer, wait_until
from tests.sandbox.merchant import Merchant
from tests.sandbox.receiver import Receiver

CHINA = timezone(timedelta(hours=8))


def paid(merchant: Merchant, phone: Phone, number: str, total: int = 100, **more: Any) -> dict[str, Any]:
    phone.scan(merchant.order("native", number, total, **more).json()["code_url"])
    return phone.password()


def test_native_scan_password_paid(merchant: Merchant, phone: Phone) -> None:
    before = phone.balance_fen
    sheet = phone.scan(merchant.order("native", "NATIVE0001", 1234).json()["code_url"])["pay_sheet"]
    assert (sheet["amount_fen"], sheet["title"]) == (1234, "拿铁咖啡")
    assert phone.password("000000") == {"result": "wrong", "left": 4}
    assert merchant.query("NATIVE0001").json()["trade_state"] == "NOTPAY"
    assert phone.password()["result"] == "paid"
    assert phone.balance_fen == before - 1234
    order = merchant.query("NATIVE0001").json()
    assert (order["trade_state"], order["amount"]["payer_total"]) == ("SUCCESS", 1234)
    assert order["payer"]["openid"] == phone.openid()
    by_id = merchant.v3("GET", f"/v3/pay/transactions/id/{order['transaction_id']}?mchid={merchant.mchid}")
    assert by_id.json() == order


def test_one_order_on_two_phones_takes_one_payment(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    other = sandbox.phone("阿宁")
    code = merchant.order("native", "TWOPHONES1").json()["code_url"]
    phone.scan(code)
    other.scan(code)
    before = other.balance_fen
    assert phone.password()["result"] == "paid"
    with pytest.raises(Refused) as refused:
        other.password()
    assert refused.value.code == "NOTHING_PENDING"
    assert other.balance_fen == before
    with pytest.raises(Refused, match="ORDER_PAID"):
        other.scan(code)


def test_jsapi_opens_only_for_the_payer_and_a_good_signature(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone
) -> None:
    prepay_id = merchant.order("jsapi", "JSAPI00001", payer={"openid": phone.openid()}).json()["prepay_id"]
    parameters = merchant.page_parameters(prepay_id)
    with pytest.raises(Refused, match="SIGN_WRONG"):
        phone.jsapi(parameters | {"nonceStr": "other"})
    with pytest.raises(Refused, match="PAYER_WRONG"):
        sandbox.phone("阿宁").jsapi(parameters)
    assert phone.jsapi(parameters)["ok"] is True
    assert phone.password()["err_msg"] == "get_brand_wcpay_request:ok"
    assert merchant.query("JSAPI00001").json()["trade_type"] == "JSAPI"


def test_repeating_an_order(merchant: Merchant, phone: Phone) -> None:
    first = merchant.order("native", "REPEAT0001").json()["code_url"]
    again = merchant.order("native", "REPEAT0001")
    assert again.status_code == 200 and again.json()["code_url"] != first
    changed = merchant.order("native", "REPEAT0001", 101)
    assert (changed.status_code, changed.json()["code"]) == (403, "OUT_TRADE_NO_USED")
    phone.scan(again.json()["code_url"])
    phone.password()
    assert merchant.order("native", "REPEAT0001").status_code == 400


def test_closing(merchant: Merchant, phone: Phone) -> None:
    code = merchant.order("native", "CLOSE00001").json()["code_url"]
    target = "/v3/pay/transactions/out-trade-no/CLOSE00001/close"
    for _ in range(2):
        closed = merchant.v3("POST", target, {"mchid": merchant.mchid})
        assert (closed.status_code, closed.text) == (204, "")
    assert merchant.query("CLOSE00001").json()["trade_state"] == "CLOSED"
    with pytest.raises(Refused, match="ORDER_CLOSED"):
        phone.scan(code)
    assert merchant.order("native", "CLOSE00001").json()["code"] == "ORDER_CLOSED"


def test_an_order_closes_at_its_own_hour(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    until = (datetime.now(CHINA) + timedelta(minutes=5)).isoformat(timespec="seconds")
    phone.scan(merchant.order("native", "EXPIRE0001", time_expire=until).json()["code_url"])
    sandbox.time(advance_s=301)
    with pytest.raises(Refused, match="ORDER_CLOSED"):
        phone.password()
    assert merchant.query("EXPIRE0001").json()["trade_state"] == "CLOSED"


def test_unbound_appid_foreign_mchid_unknown_order(merchant: Merchant) -> None:
    assert merchant.order("native", "UNBOUND001", appid="wx0000000000000000").json()["code"] == "APPID_MCHID_NOT_MATCH"
    assert merchant.order("native", "UNBOUND002", mchid="1900000000").json()["code"] == "INVALID_REQUEST"
    unknown = merchant.query("UNBOUND003")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ORDER_NOT_EXIST")


def test_a_payment_is_told_by_a_signed_encrypted_callback(merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    paid(merchant, phone, "NOTIFY0001", 250, notify_url=f"{receiver.url}/paid", attach="桌号7")
    [told] = receiver.wait(1)
    assert told.path == "/paid" and not told.query
    merchant.verify(told.headers, told.body)
    envelope = json.loads(told.body)
    assert (envelope["event_type"], envelope["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    order = json.loads(merchant.open_resource(envelope["resource"]))
    assert order == merchant.query("NOTIFY0001").json()
    assert order["attach"] == "桌号7"
    receiver.stay_at(1)


def test_a_callback_comes_again_until_it_is_answered(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver
) -> None:
    sandbox.time(scale=200)  # 15 s, 15 s, 30 s become 0.075 s, 0.075 s, 0.15 s
    receiver.answer = lambda _: (500, '{"code":"FAIL"}') if len(receiver.posts()) < 4 else (204, "")
    paid(merchant, phone, "RETRY00001", notify_url=receiver.url)
    tries = receiver.wait(4)
    assert len({json.loads(t.body)["id"] for t in tries}) == 1
    assert len({t.headers["Wechatpay-Nonce"] for t in tries}) == 4
    gaps = [b.at - a.at for a, b in pairwise(tries)]
    assert gaps[0] >= 0.07 and gaps[1] >= 0.07 and gaps[2] >= 0.14
    receiver.stay_at(4, 1.2)  # the next step would have come after 0.9 s
    assert sandbox.get("/_bench/api/deliveries")[-1]["state"] == "accepted"


def test_the_whole_schedule_is_sixteen_posts(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver
) -> None:
    receiver.answer = lambda _: (500, "")
    sandbox.time(scale=200_000)  # 24 h 4 m become 0.43 s
    paid(merchant, phone, "RETRY00002", notify_url=receiver.url)
    receiver.wait(16)
    receiver.stay_at(16, 0.5)
    assert sandbox.get("/_bench/api/deliveries")[-1]["state"] == "given up"


def test_no_answer_in_time_counts_as_a_refusal(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver
) -> None:
    import time as real_time

    def slow_then_quick(_: Any) -> tuple[int, str]:
        if len(receiver.posts()) == 1:
            real_time.sleep(0.6)
        return 200, ""

    receiver.answer = slow_then_quick
    sandbox.time(scale=200, answer_within_s=0.3)
    paid(merchant, phone, "RETRY00003", notify_url=receiver.url)
    receiver.wait(2)


def test_ten_duplicates(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    sandbox.faults(notify_repeat=9)
    paid(merchant, phone, "DUPES00001", notify_url=receiver.url)
    told = receiver.wait(10)
    assert len({json.loads(t.body)["id"] for t in told}) == 1
    for one in told:
        merchant.verify(one.headers, one.body)
    receiver.stay_at(10)


def test_faults_of_callbacks(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    sandbox.time(scale=100)
    sandbox.faults(sig_probe=True)

    def check(seen: Any) -> tuple[int, str]:
        try:
            merchant.verify(seen.headers, seen.body)
        except Exception:
            return 401, ""
        return 200, ""

    receiver.answer = check
    paid(merchant, phone, "PROBE00001", notify_url=receiver.url)
    first, second = receiver.wait(2)
    assert first.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    merchant.verify(second.headers, second.body)

    sandbox.faults(notify_bad_signature=True)
    paid(merchant, phone, "PROBE00002", notify_url=receiver.url)
    assert check(receiver.wait(4)[2])[0] == 401 and check(receiver.posts()[3])[0] == 200

    sandbox.faults(notify_drop=True)
    paid(merchant, phone, "PROBE00003", notify_url=receiver.url)
    receiver.stay_at(4)

    sandbox.faults(notify_reorder=True)
    paid(merchant, phone, "PROBE00004", notify_url=receiver.url)
    paid(merchant, phone, "PROBE00005", notify_url=receiver.url)
    numbers = [
        json.loads(merchant.open_resource(json.loads(r.body)["resource"]))["out_trade_no"] for r in receiver.wait(6)
    ]
    assert numbers[4:] == ["PROBE00005", "PROBE00004"]


def test_callbacks_use_the_key_of_the_merchant(merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    merchant.v3("GET", "/v3/certificates", public_key=True)
    code = merchant.order("native", "KEYMODE001", notify_url=receiver.url)
    merchant.v3("GET", "/v3/certificates", public_key=True)
    phone.scan(code.json()["code_url"])
    phone.password()
    told = receiver.wait(1)[0]
    assert told.headers["Wechatpay-Serial"] == merchant.pay["public_key_id"]
    merchant.verify(told.headers, told.body)


def test_a_callback_is_replayed_byte_for_byte_or_changed(
    sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver
) -> None:
    paid(merchant, phone, "REPLAY0001", notify_url=receiver.url)
    receiver.wait(1)
    call = wait_until(lambda: next((c for c in sandbox.calls(direction="out") if c["status"]), None))
    sandbox.replay(call["id"])
    first, again = receiver.wait(2)
    assert (first.body, first.headers["Wechatpay-Signature"]) == (again.body, again.headers["Wechatpay-Signature"])
    sandbox.replay(call["id"], body="{}")
    assert receiver.wait(3)[2].body == "{}"


def test_partial_refunds_and_their_limits(merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    paid(merchant, phone, "REFUND0001", 100)
    before = phone.balance_fen
    made = merchant.refund("REFUND0001", "RF0001", 40, notify_url=receiver.url)
    assert made.json()["status"] == "PROCESSING"
    assert (
        merchant.refund("REFUND0001", "RF0001", 40, notify_url=receiver.url).json()["refund_id"]
        == made.json()["refund_id"]
    )
    assert merchant.refund("REFUND0001", "RF0001", 41).status_code == 400
    assert merchant.refund("REFUND0001", "RF0002", 61).json()["code"] == "INVALID_REQUEST"
    assert merchant.refund("REFUND0001", "RF0003", 60, total=99).json()["code"] == "INVALID_REQUEST"
    assert merchant.refund("REFUND0001", "RF0004", 60).status_code == 200
    assert merchant.refund("REFUND0001", "RF0005", 1).status_code == 400
    [told] = receiver.wait(1, 6)
    merchant.verify(told.headers, told.body)
    envelope = json.loads(told.body)
    notice = json.loads(merchant.open_resource(envelope["resource"]))
    assert (envelope["event_type"], notice["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    assert notice["amount"] == {"total": 100, "refund": 40, "payer_total": 100, "payer_refund": 40}
    wait_until(lambda: phone.balance_fen == before + 100)
    assert merchant.v3("GET", "/v3/refund/domestic/refunds/RF0001").json()["status"] == "SUCCESS"
    assert merchant.query("REFUND0001").json()["trade_state"] == "REFUND"
    unknown = merchant.v3("GET", "/v3/refund/domestic/refunds/RF9999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_fifty_refunds_and_no_more(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    paid(merchant, phone, "FIFTY00001", 100)
    sandbox.time(scale=1000)
    for n in range(50):
        assert merchant.refund("FIFTY00001", f"FIFTY{n}", 1).status_code == 200
    assert "50" in merchant.refund("FIFTY00001", "FIFTY50", 1).json()["message"]


def test_a_refund_of_nothing_paid_is_refused(merchant: Merchant) -> None:
    merchant.order("native", "UNPAID0001")
    assert merchant.refund("UNPAID0001", "UP1", 1).status_code == 400
    assert merchant.refund("UNKNOWN001", "UP2", 1).json()["code"] == "RESOURCE_NOT_EXISTS"


def test_an_abnormal_refund(sandbox: SandboxServer, merchant: Merchant, phone: Phone, receiver: Receiver) -> None:
    paid(merchant, phone, "ABNORMAL01")
    before = phone.balance_fen
    sandbox.faults(refund_abnormal=True)
    merchant.refund("ABNORMAL01", "AB1", 100, notify_url=receiver.url)
    assert json.loads(receiver.wait(1, 6)[0].body)["event_type"] == "REFUND.ABNORMAL"
    assert phone.balance_fen == before


def bill(merchant: Merchant, day: str, **more: str) -> list[list[str]]:
    query = "&".join(f"{k}={v}" for k, v in {"bill_date": day, "bill_type": "ALL", **more}.items())
    asked = merchant.v3("GET", f"/v3/bill/tradebill?{query}")
    assert asked.status_code == 200, asked.text
    found = asked.json()
    target = found["download_url"].split("/v3/", 1)[1]
    file = merchant.v3("GET", "/v3/" + target)
    assert "wechatpay-signature" not in file.headers
    data = gzip.decompress(file.content) if more.get("tar_type") else file.content
    assert hashlib.sha1(data).hexdigest() == found["hash_value"]
    rows = list(csv.reader(data.decode().splitlines()))
    return [[cell.removeprefix("`") for cell in row] for row in rows]


def test_the_daily_bill(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    day = datetime.now(CHINA).strftime("%Y-%m-%d")
    paid(merchant, phone, "BILL000001", 12345)
    paid(merchant, phone, "BILL000002", 100)
    sandbox.time(scale=1000)
    merchant.refund("BILL000002", "BR1", 30, 100)
    wait_until(lambda: merchant.v3("GET", "/v3/refund/domestic/refunds/BR1").json()["status"] == "SUCCESS")
    early = merchant.v3("GET", f"/v3/bill/tradebill?bill_date={day}")
    assert (early.status_code, early.json()["code"]) == (400, "NO_STATEMENT_EXIST")
    sandbox.time(advance_s=2 * 86400)
    head, *lines, sum_head, sums = bill(merchant, day)
    assert (head[6], head[12], head[24], sum_head[0]) == ("商户订单号", "应结订单金额", "订单金额", "总交易单数")
    assert [(r[6], r[9], r[12], r[16]) for r in lines] == [
        ("BILL000001", "SUCCESS", "123.45", "0.00"),
        ("BILL000002", "SUCCESS", "1.00", "0.00"),
        ("BILL000002", "REFUND", "0.00", "0.30"),
    ]
    assert sums[:3] == ["3", "124.45", "0.30"]
    assert len(bill(merchant, day, tar_type="GZIP", bill_type="SUCCESS")) == 5
    sandbox.faults(bill_missing=True, bill_extra=True, bill_amount=7)
    spoiled = bill(merchant, day)
    assert len(spoiled) == 6 and "BILL000001" not in [r[6] for r in spoiled]
    nothing = merchant.v3(
        "GET", "/v3/bill/tradebill?bill_date=" + (datetime.now(CHINA) - timedelta(9)).strftime("%Y-%m-%d")
    )
    assert nothing.json()["code"] == "NO_STATEMENT_EXIST"
