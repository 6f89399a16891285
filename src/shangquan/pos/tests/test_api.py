"""The till over HTTP by a device token: the same actions, the same walls, repeats answered with the first result."""

from typing import Any

import pytest
from django.test import Client

from shangquan.coupons.contracts import CouponKind
from shangquan.identity import door as identity
from shangquan.kernel.transactions import transaction
from shangquan.pos import door
from shangquan.pos.models import Receipt, TillSale
from shangquan.pos.tests.counter import BARCODES, PAY_CODE, Counter


@pytest.fixture
def call(counter: Counter) -> Any:
    """Calls the API as the till's own device."""
    with transaction():
        token = identity.make_device_token(
            name="till",
            rights=["till.use", "till.shift", "till.refund", "coupons.redeem", "orders.read"],
            merchant_id=counter.mall.kids,
            store_id=counter.mall.kids_store,
            now=counter.now,
        ).token
    client = Client()

    def made(path: str, body: Any = None, key: str = "", status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        url = f"/api/v1/pos/{path}"
        answer = (
            client.get(url, headers=headers)
            if body is None
            else client.post(url, body, content_type="application/json", headers=headers)
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json() if answer["Content-Type"].startswith("application/json") else answer.content

    return made


@pytest.mark.feature("I1", "I6")
def test_a_till_of_another_maker(counter: Counter, call: Any) -> None:
    here = f"tills/{counter.till}"
    call(f"{here}/shifts", {"opening_cash_fen": 10_000})
    first = call(f"{here}/scan", {"text": BARCODES["mug"]}, key="scan-00001")
    again = call(f"{here}/scan", {"text": BARCODES["mug"]}, key="scan-00001")
    assert first["desk"]["bill"]["lines"] == again["desk"]["bill"]["lines"]
    assert [line["quantity"] for line in again["desk"]["bill"]["lines"]] == [1]
    assert call(f"{here}/scan", {"text": "6900000000000"}, key="scan-00002", status=404)["code"] == "T-4042"
    moved = call(f"{here}/pay", {"channel": "wechat_code", "auth_code": PAY_CODE, "expected_fen": 1}, status=409)
    assert moved["code"] == "B-4093"
    paid = call(f"{here}/scan", {"text": PAY_CODE, "expected_fen": 4_500}, key="scan-00003")["desk"]
    assert paid["phase"] == "paid" and paid["bill"]["payable_fen"] == 4_500
    assert call(f"{here}/receipts/{paid['receipt_id']}") == bytes(Receipt.rows().get().content)
    number = paid["bill"]["number"]
    asked = {"bill_number": number, "lines": {"1": 1}, "reason": "破了"}
    back = call(f"{here}/refunds", asked, key="return-0001", status=201)
    assert call(f"{here}/refunds", asked, key="return-0001", status=201) == back
    closed = call(f"{here}/shifts/close", {"counted": {"cash": 10_000, "wechat_code": 0}})
    assert {t["channel"]: t["difference_fen"] for t in closed["totals"]} == {"cash": 0, "wechat_code": 0}


@pytest.mark.feature("F8")
def test_checking_off_again_with_the_same_key_answers_the_first(counter: Counter, call: Any) -> None:
    piece = counter.give(CouponKind.CASH, title_zh="立减 5", amount_fen=500)
    asked = {"code": piece.code, "spend_fen": 2_000}
    first = call(f"tills/{counter.till}/check-off", asked, key="check-0001")
    assert call(f"tills/{counter.till}/check-off", asked, key="check-0001") == first
    no = call(f"tills/{counter.till}/check-off", asked, key="check-0002", status=409)
    assert no["code"] == "C-4094" and "18:24" in no["message"]


@pytest.mark.feature("I6")
def test_tickets_are_uploaded_once(counter: Counter, call: Any) -> None:
    call(f"tills/{counter.till}/shifts", {"opening_cash_fen": 0})
    body = {
        "till_id": counter.till,
        "tickets": [
            {"seq": seq, "sold_at": counter.now.isoformat(), "total_fen": 4_500, "lines": [{"product_id": counter.mug}]}
            for seq in (2, 1)
        ],
    }
    first = call("tickets", body)
    assert [(answer["seq"], answer["state"]) for answer in first] == [(1, "booked"), (2, "booked")]
    assert call("tickets", body) == first and TillSale.rows().count() == 2


@pytest.mark.feature("A4")
def test_a_device_of_one_store_is_nobody_at_another(counter: Counter, call: Any) -> None:
    with transaction():
        other = door.add_till(store_id=counter.mall.toys_store, name="收银台 1")
    assert [till["id"] for till in call("tills")] == [counter.till]
    assert call(f"tills/{other.id}/desk", status=404)["code"] == "T-4041"
    assert call("tills", {"store_id": counter.mall.kids_store, "name": "2"}, status=403)["code"] == "K-4032"
