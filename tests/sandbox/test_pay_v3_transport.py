"""Who is let in, and in which shape a refusal comes."""

import json
import time

import pytest

from superapp_sandbox.testing import SandboxServer
from tests.sandbox.merchant import Merchant

QUERY = "/v3/pay/transactions/out-trade-no/NOBODY01?mchid=1900000109"


def test_a_signed_request_is_taken_and_the_answer_is_signed(merchant: Merchant) -> None:
    answer = merchant.order("native", "TRANSPORT01")
    assert answer.status_code == 200
    assert answer.json()["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")


def test_a_signature_over_other_bytes_is_refused(merchant: Merchant) -> None:
    headers = {"Authorization": merchant.authorization("GET", QUERY + "&x=1", "")}
    answer = merchant.http.get(QUERY, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"code": "SIGN_ERROR", "message": "签名错误"})
    assert "wechatpay-signature" not in answer.headers
    assert "request-id" not in answer.headers


def test_the_percent_encoded_target_is_what_is_signed(merchant: Merchant) -> None:
    encoded = "/v3/pay/transactions/out-trade-no/A%7CB0001?mchid=1900000109&note=%E6%B2%AAA"
    assert merchant.v3("GET", encoded).status_code == 404  # signature good, order unknown
    plain = merchant.authorization("GET", "/v3/pay/transactions/out-trade-no/A|B0001?mchid=1900000109&note=沪A", "")
    assert merchant.http.get(encoded, headers={"Authorization": plain}).status_code == 401


def test_the_clock_is_looked_at_before_the_signature(merchant: Merchant) -> None:
    old = merchant.authorization("GET", QUERY, "", at=time.time() - 301).replace('signature="', 'signature="AAAA')
    answer = merchant.http.get(QUERY, headers={"Authorization": old})
    assert answer.status_code == 401
    assert "时间戳" in answer.json()["message"]
    fresh = merchant.authorization("GET", QUERY, "", at=time.time() - 290)
    assert merchant.http.get(QUERY, headers={"Authorization": fresh}).status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer x", "WECHATPAY2-SHA256-RSA2048 mchid=1900000109"])
def test_an_ill_formed_header_is_refused_in_the_words_of_its_path(merchant: Merchant, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    certificates = merchant.http.get("/v3/certificates", headers=headers)
    orders = merchant.http.get(QUERY, headers=headers)
    assert certificates.status_code == orders.status_code == 401
    assert certificates.json()["code"] == orders.json()["code"] == "SIGN_ERROR"
    assert certificates.json()["message"] != orders.json()["message"]
    assert certificates.headers["request-id"].rsplit("-", 1)[1] == "268443699"


def test_no_user_agent_is_refused_before_authentication(merchant: Merchant) -> None:
    answer = merchant.http.get("/v3/certificates", headers={"User-Agent": ""})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert merchant.http.get(QUERY, headers={"User-Agent": ""}).status_code == 401


def test_wrong_method_is_405_and_unknown_path_404_both_empty(merchant: Merchant) -> None:
    wrong, unknown = merchant.http.put("/v3/pay/transactions/jsapi"), merchant.http.get("/v3/nowhere")
    assert (wrong.status_code, wrong.text) == (405, "")
    assert (unknown.status_code, unknown.text) == (404, "")


def test_the_request_chooses_the_key_of_the_answer(merchant: Merchant) -> None:
    by_certificate = merchant.v3("GET", "/v3/certificates")
    by_key = merchant.v3("GET", "/v3/certificates", public_key=True)
    assert by_certificate.headers["wechatpay-serial"] == merchant.pay["platform_certificates"][0]["serial_no"]
    assert by_key.headers["wechatpay-serial"] == merchant.pay["public_key_id"]


def test_certificates_decrypt_and_rotation_shows_two(sandbox: SandboxServer, merchant: Merchant) -> None:
    before = merchant.v3("GET", "/v3/certificates").json()["data"]
    made = sandbox.post("/_bench/api/platform/rotate")
    merchant.pay = sandbox.credentials()["pay"]
    listed = merchant.v3("GET", "/v3/certificates")
    assert len(listed.json()["data"]) == len(before) + 1
    assert listed.headers["wechatpay-serial"] == made["serial_no"]
    newest = next(c for c in listed.json()["data"] if c["serial_no"] == made["serial_no"])
    assert merchant.open_resource(newest["encrypt_certificate"]) == made["certificate_pem"]


def test_a_new_merchant_has_no_certificates(sandbox: SandboxServer) -> None:
    sandbox.post("/_bench/api/merchants", mchid="1900000777", name="新商户")
    sandbox.post("/_bench/api/merchant", mchid="1900000777", answers_certificates=False)
    answer = Merchant(sandbox, "1900000777").v3("GET", "/v3/certificates", public_key=True)
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_a_wrong_field_is_named(merchant: Merchant) -> None:
    answer = merchant.order("native", "TRANSPORT02", total="9")
    assert answer.status_code == 400
    assert answer.json()["detail"] == {
        "field": "/amount/total",
        "value": "9",
        "issue": "类型应为整数",
        "location": "body",
    }


def test_the_log_explains_the_steps_of_a_refused_signature(sandbox: SandboxServer, merchant: Merchant) -> None:
    merchant.http.get(QUERY, headers={"Authorization": merchant.authorization("GET", QUERY, "x")})
    call = sandbox.calls(q="NOBODY01")[-1]
    failed = [step["label"] for step in call["steps"] if not step["ok"]]
    assert failed[0].startswith("签名验证")
    text = next(s["detail"] for s in call["steps"] if "string to sign" in s["label"])
    assert text.startswith(f"GET\n{QUERY}\n") and text.endswith("\n\n")


def test_faults_of_the_answer(sandbox: SandboxServer, merchant: Merchant) -> None:
    sandbox.faults(next_http_status={"value": 500, "times": 2})
    assert [merchant.query("FAULT0001").status_code for _ in range(3)] == [500, 500, 404]
    sandbox.faults(pay_answer_system_error_after_success=True)
    lost = merchant.order("native", "FAULT0002")
    assert (lost.status_code, lost.json()["code"]) == (500, "SYSTEM_ERROR")
    assert merchant.query("FAULT0002").json()["trade_state"] == "NOTPAY"
    sandbox.faults(answer_sig_probe=True)
    target = f"/v3/pay/transactions/out-trade-no/FAULT0002?mchid={merchant.mchid}"
    probe = merchant.http.get(target, headers={"Authorization": merchant.authorization("GET", target, "")})
    assert probe.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    assert json.loads(probe.text)["out_trade_no"] == "FAULT0002"
