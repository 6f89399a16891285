"""The scanned payment code: what a till does, and every way it can end."""

import pytest

from superapp_sandbox.pay import sign
from superapp_sandbox.testing import Phone, SandboxServer, wait_until
from tests.sandbox.merchant import Merchant, v2_read, v2_xml

VECTOR = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}


def test_the_published_vector() -> None:
    key = "192006250b4c09247ec02edce69f6a2d"
    assert sign.v2_sign(VECTOR, key) == "9A0A8659F005D6984697E2CA0A9CF3B7"
    hmac = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
    assert sign.v2_sign({**VECTOR, "empty": "", "sign": "x"}, key, "HMAC-SHA256") == hmac


@pytest.mark.parametrize("sign_type", ["MD5", "HMAC-SHA256"])
def test_a_small_amount_is_paid_at_once(merchant: Merchant, phone: Phone, sign_type: str) -> None:
    phone.settings(password_free_below_fen=100_000)
    paid = merchant.micropay("TILL000001", phone.paycode(), 880, sign_type)
    assert (paid["result_code"], paid["trade_type"], paid["total_fee"]) == ("SUCCESS", "MICROPAY", "880")
    assert (paid["openid"], paid["is_subscribe"]) == (phone.openid(), "N")
    asked = merchant.v2("/pay/orderquery", sign_type, out_trade_no="TILL000001")
    assert (asked["trade_state"], asked["transaction_id"]) == ("SUCCESS", paid["transaction_id"])
    assert phone.balance_fen == 1_000_000 - 880


def test_a_password_is_asked_on_the_phone(merchant: Merchant, phone: Phone) -> None:
    asked = merchant.micropay("TILL000002", phone.paycode())
    assert (asked["return_code"], asked["result_code"], asked["err_code"]) == ("SUCCESS", "FAIL", "USERPAYING")
    assert merchant.v2("/pay/orderquery", out_trade_no="TILL000002")["trade_state"] == "USERPAYING"
    sheet = phone.pending()
    assert sheet is not None and sheet["order"] == "TILL000002"
    phone.password()
    assert merchant.v2("/pay/orderquery", out_trade_no="TILL000002")["trade_state"] == "SUCCESS"
    again = merchant.micropay("TILL000002", phone.paycode())
    assert again["err_code"] == "ORDERPAID"


def test_a_cancelled_password_is_a_payment_error(merchant: Merchant, phone: Phone) -> None:
    merchant.micropay("TILL000003", phone.paycode())
    phone.cancel()
    assert merchant.v2("/pay/orderquery", out_trade_no="TILL000003")["trade_state"] == "PAYERROR"


def test_no_callback_is_sent_for_a_scanned_code(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    merchant.micropay("TILL000004", phone.paycode())
    assert sandbox.get("/_bench/api/deliveries") == []


def test_codes_are_wrong_old_or_used(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    code = phone.paycode()
    assert len(code) == 18 and 10 <= int(code[:2]) <= 15
    for bad in ("280000000000000000", "1234", "100000000000000000"):
        assert merchant.micropay("CODES00001", bad)["err_code"] == "AUTH_CODE_INVALID"
    assert merchant.micropay("CODES00002", code)["result_code"] == "SUCCESS"
    assert merchant.micropay("CODES00003", code)["err_code"] == "AUTH_CODE_INVALID"
    assert phone.paycode(refresh=False) != code
    old = phone.paycode()
    sandbox.time(advance_s=61)
    assert merchant.micropay("CODES00004", old)["err_code"] == "AUTHCODEEXPIRE"
    assert merchant.v2("/pay/orderquery", out_trade_no="CODES00004")["err_code"] == "ORDERNOTEXIST"


def test_too_little_money(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000, balance_fen=50)
    assert merchant.micropay("POOR000001", phone.paycode(), 51)["err_code"] == "NOTENOUGH"
    phone.settings(balance_fen=1000)
    sandbox.faults(balance_low=True)
    assert merchant.micropay("POOR000002", phone.paycode(), 51)["err_code"] == "NOTENOUGH"
    assert phone.balance_fen == 1000


def test_the_answer_is_lost_after_success(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    sandbox.faults(pay_answer_system_error_after_success=True)
    assert merchant.micropay("LOST000001", phone.paycode())["err_code"] == "SYSTEMERROR"
    assert merchant.v2("/pay/orderquery", out_trade_no="LOST000001")["trade_state"] == "SUCCESS"
    sandbox.faults(order_query_stays_processing={"value": True, "times": 2})
    states = [merchant.v2("/pay/orderquery", out_trade_no="LOST000001")["trade_state"] for _ in range(3)]
    assert states == ["USERPAYING", "USERPAYING", "SUCCESS"]


def test_reversal_before_and_after_payment(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    merchant.micropay("BACK000001", phone.paycode())
    done = merchant.v2("/secapi/pay/reverse", out_trade_no="BACK000001")
    assert (done["result_code"], done["recall"]) == ("SUCCESS", "N")
    assert phone.pending() is None
    assert merchant.micropay("BACK000001", phone.paycode())["err_code"] == "ORDERREVERSED"
    assert merchant.v2("/pay/orderquery", out_trade_no="BACK000001")["trade_state"] == "REVOKED"

    phone.settings(password_free_below_fen=100_000)
    merchant.micropay("BACK000002", phone.paycode(), 700)
    assert phone.balance_fen == 1_000_000 - 700
    sandbox.faults(reverse_recall=True)
    again = merchant.v2("/secapi/pay/reverse", out_trade_no="BACK000002")
    assert (again["err_code"], again["recall"]) == ("SYSTEMERROR", "Y")
    assert merchant.v2("/secapi/pay/reverse", out_trade_no="BACK000002")["recall"] == "N"
    assert merchant.v2("/secapi/pay/reverse", out_trade_no="BACK000002")["result_code"] == "SUCCESS"
    assert phone.balance_fen == 1_000_000
    unknown = merchant.v2("/secapi/pay/reverse", out_trade_no="BACK000003")
    assert (unknown["err_code"], unknown["recall"]) == ("ORDERNOTEXIST", "N")


def test_a_second_phone_does_not_pay_a_reversed_order(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    """Two codes for one order: the first sheet goes away when the second opens."""
    other = sandbox.phone("阿宁")
    merchant.micropay("MOVED00001", phone.paycode())
    merchant.micropay("MOVED00001", other.paycode())
    assert phone.pending() is None and other.pending() is not None


def test_refunds(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    phone.settings(password_free_below_fen=100_000)
    sandbox.time(scale=1000)
    merchant.micropay("V2REF00001", phone.paycode(), 100)

    def refund(number: str, amount: int, total: int = 100) -> dict[str, str]:
        return merchant.v2(
            "/secapi/pay/refund",
            out_trade_no="V2REF00001",
            out_refund_no=number,
            total_fee=str(total),
            refund_fee=str(amount),
        )

    assert refund("V2R1", 30)["refund_fee"] == "30"
    assert refund("V2R1", 30)["result_code"] == "SUCCESS"
    assert refund("V2R1", 31)["err_code"] == "REFUND_FEE_MISMATCH"
    assert refund("V2R2", 71)["err_code"] == "INVALID_REQUEST"
    assert refund("V2R3", 70)["result_code"] == "SUCCESS"
    wait_until(lambda: phone.balance_fen == 1_000_000)
    listed = merchant.v2("/pay/refundquery", out_trade_no="V2REF00001")
    assert (listed["refund_count"], listed["refund_fee_0"], listed["refund_fee_1"]) == ("2", "30", "70")
    assert listed["refund_status_0"] == "SUCCESS"
    assert merchant.v2("/pay/refundquery", out_refund_no="V2R9")["err_code"] == "REFUNDNOTEXIST"


def test_failures_of_transport_are_unsigned_plain_text(merchant: Merchant) -> None:
    fields = {"appid": merchant.appid, "mch_id": merchant.mchid, "nonce_str": "n", "out_trade_no": "X", "sign": "BAD"}
    for body in (v2_xml(fields), "not xml", '<!DOCTYPE x [<!ENTITY a "b">]><xml><appid>&a;</appid></xml>'):
        answer = merchant.http.post("/pay/orderquery", content=body.encode())
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        got = v2_read(answer.text)
        assert got["return_code"] == "FAIL" and set(got) == {"return_code", "return_msg"}


def test_a_merchant_that_insists_shows_its_certificate(sandbox: SandboxServer, merchant: Merchant) -> None:
    sandbox.post("/_bench/api/merchants", mchid="1900000888", name="证书商户")
    sandbox.post("/_bench/api/merchant", mchid="1900000888", wants_client_certificate=True)
    strict = Merchant(sandbox, "1900000888")
    assert strict.v2("/secapi/pay/reverse", out_trade_no="NOPE00001")["return_code"] == "FAIL"
    strict.http.headers["X-Sandbox-Client-Serial"] = strict.pay["serial_no"]
    assert strict.v2("/secapi/pay/reverse", out_trade_no="NOPE00001")["err_code"] == "ORDERNOTEXIST"
