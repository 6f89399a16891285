"""Tills of other makers and the member's phone, over HTTP: keys, walls, refusals."""

import json
from typing import Any

import pytest
from django.test import Client

from shangquan.checkout import door
from shangquan.checkout.contracts import BillState, Choice
from shangquan.checkout.models import Bill
from shangquan.checkout.tests.story import CODE, FakeChannel, Mall
from shangquan.identity import ports
from shangquan.identity.actions.device_tokens import make_device_token
from shangquan.kernel.scope import Actor
from shangquan.kernel.transactions import transaction

ROOT = "/api/v1/checkout"
TILL = ("till.use", "till.refund", "orders.read")


class Till:
    """A till's program, with its token."""

    def __init__(self, token: str) -> None:
        self.client, self.token = Client(), token

    def __call__(self, method: str, where: str, body: Any = None, key: str = "key-00000001") -> Any:
        return self.client.generic(
            method,
            ROOT + where,
            body if isinstance(body, str) else "" if body is None else _json(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
        )


def _json(body: Any) -> str:
    return json.dumps(body, default=str)


def till(mall: Mall, merchant: int, store: int, rights: tuple[str, ...] = TILL) -> Till:
    with transaction():
        made = make_device_token(name="till", rights=rights, merchant_id=merchant, store_id=store, now=mall.now)
    return Till(made.token)


@pytest.fixture
def kids(mall: Mall) -> Till:
    return till(mall, mall.kids, mall.kids_store)


def order(mall: Mall) -> dict[str, Any]:
    return {
        "store_id": mall.kids_store,
        "member_id": mall.member,
        "lines": [{"product_id": mall.coat}, {"product_id": mall.shirt}, {"product_id": mall.socks, "quantity": 2}],
    }


@pytest.mark.feature("I1", "I3", "F9")
def test_a_till_of_another_maker_sells_and_takes_back(mall: Mall, kids: Till, channel: FakeChannel) -> None:
    mall.give(amount_fen=3_000, min_spend_fen=15_000)
    made = kids("POST", "/bills", order(mall))
    assert made.status_code == 201
    bill, quote = made.json()["bill"], made.json()["quote"]
    assert (bill["payable_fen"], quote["saved_fen"], len(quote["deductions"])) == (15_800, 4_000, 2)
    assert "payer" not in made.content.decode(), "who bears a discount is not the till's business"
    assert kids("POST", "/bills", order(mall)).json()["bill"]["number"] == bill["number"]

    where = f"/bills/{bill['number']}"
    pay = {"channel": "wechat_code", "expected_fen": 15_800, "auth_code": CODE}
    held = kids("POST", f"{where}/hold", pay).json()
    assert (held["bill"]["state"], held["payment"]["state"]) == ("paid", "paid")
    assert kids("POST", f"{where}/hold", pay).json()["code"] == "B-4092"
    assert channel.asked == ["charge"]

    back = kids("POST", f"{where}/refunds", {"lines": {"3": 1}, "reason": "尺码不合适"}, "key-return-1")
    assert back.status_code == 201
    again = kids("POST", f"{where}/refunds", {"lines": {"3": 1}, "reason": "尺码不合适"}, "key-return-1")
    assert again.json() == back.json()
    assert kids("GET", f"{where}/refunds").json() == [back.json()]
    assert kids("GET", where).json()["bill"]["state"] == "partly_refunded"


@pytest.mark.feature("I1")
def test_the_seen_price_holds_and_the_choice_can_change(mall: Mall, kids: Till) -> None:
    piece = mall.give(amount_fen=3_000)
    number = kids("POST", "/bills", order(mall)).json()["bill"]["number"]
    wrong = kids("POST", f"/bills/{number}/hold", {"channel": "cash", "expected_fen": 1})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["data"]["payable_fen"]) == (409, "B-4093", 15_800)
    others = kids("GET", f"/bills/{number}/others").json()
    assert others[0]["payable_fen"] == 15_800
    without = {"choice": {"excluded": [piece.id], "use_points": False}}
    assert kids("POST", f"/bills/{number}/reprice", without).json()["bill"]["payable_fen"] == 19_800
    guest = kids("POST", f"/bills/{number}/reprice", {"is_guest": True}).json()["bill"]
    assert guest["member_id"] is None
    assert kids("POST", f"/bills/{number}/cancel").json()["state"] == "cancelled"


@pytest.mark.feature("I1")
def test_stopping_a_payment_opens_the_bill_again(mall: Mall, kids: Till, channel: FakeChannel) -> None:
    number = kids("POST", "/bills", order(mall)).json()["bill"]["number"]
    held = kids("POST", f"/bills/{number}/hold", {"channel": "wechat_native", "expected_fen": 18_800}).json()
    assert (held["bill"]["state"], held["payment"]["state"]) == ("held", "created")
    assert kids("POST", f"/bills/{number}/cancel").json()["code"] == "B-4096"
    assert kids("POST", f"/bills/{number}/stop").json()["state"] == "open"


@pytest.mark.feature("A4")
def test_the_neighbours_till_sees_nothing(mall: Mall, kids: Till) -> None:
    number = kids("POST", "/bills", order(mall)).json()["bill"]["number"]
    toys = till(mall, mall.toys, mall.toys_store)
    for method, where in [
        ("GET", f"/bills/{number}"),
        ("GET", f"/bills/{number}/others"),
        ("POST", f"/bills/{number}/cancel"),
        ("POST", f"/bills/{number}/stop"),
        ("GET", f"/bills/{number}/refunds"),
    ]:
        answer = toys(method, where)
        assert (answer.status_code, answer.json()["code"]) == (404, "B-4041"), where
    assert toys("POST", "/bills", order(mall)).status_code == 403
    assert toys("GET", f"/bills?store_id={mall.kids_store}").status_code == 403
    assert toys("GET", f"/bills?store_id={mall.toys_store}").json() == []
    assert len(kids("GET", f"/bills?store_id={mall.kids_store}&state=open").json()) == 1


def test_without_the_right_or_a_token_nothing_is_done(mall: Mall) -> None:
    reader = till(mall, mall.kids, mall.kids_store, ("orders.read",))
    assert reader("POST", "/bills", order(mall)).status_code == 403
    assert Till("wrong")("POST", "/bills", order(mall)).status_code == 401
    assert Till("wrong")("GET", "/mine").status_code == 401
    paid = mall.pay(mall.open().id)
    assert reader("POST", f"/bills/{paid.number}/refunds", {"reason": "x"}).status_code == 403
    assert door.bill(paid.id).state is BillState.PAID


def test_a_member_sees_their_own_bills_alone(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    unpaid = mall.open("till-1-0002")
    who = [Actor(kind="member", id=mall.member)]
    monkeypatch.setattr(ports, "_visitors", [lambda request, district_id: who[0]])
    client = Client()
    assert [row["number"] for row in client.get(f"{ROOT}/mine").json()] == [paid.number]
    assert client.get(f"{ROOT}/mine/{unpaid.number}").json()["bill"]["payable_fen"] == unpaid.payable_fen
    who[0] = Actor(kind="member", id=mall.member + 1)
    assert client.get(f"{ROOT}/mine").json() == []
    assert client.get(f"{ROOT}/mine/{paid.number}").json()["code"] == "B-4041"


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []},
        {"lines": [{"quantity": 0, "title": "x", "unit_fen": 1}]},
        {"lines": [{"title": "x", "unit_fen": -1}]},
        {"lines": [{"title": "x", "unit_fen": 1.5}]},
        {"lines": [{"product_id": "abc"}]},
        {"lines": [{"product_id": 10**30}]},
        {"lines": [{"title": "a\x00b", "unit_fen": 1}]},
        {"lines": [{"title": "x", "unit_fen": 10**9, "quantity": 100_000, "amount_fen": 5}]},
        {"store_id": None},
        {"store_id": 10**30},
        {"member_id": 10**30},
        {"choice": {"forced": [10**30]}},
        {"kind": "barter"},
    ],
)
def test_bad_bills_are_refused_plainly(mall: Mall, kids: Till, change: dict[str, Any]) -> None:
    answer = kids("POST", "/bills", order(mall) | change)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]
    assert not Bill.rows().exists()


def test_a_short_key_is_refused(mall: Mall, kids: Till) -> None:
    assert kids("POST", "/bills", order(mall), key="short").status_code == 400
    assert not Bill.rows().exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "1", '"x"', '{"lines": {}}', "\x00", '{"store_id": 1e999}'])
def test_no_body_breaks_the_door(mall: Mall, kids: Till, body: str) -> None:
    answer = kids("POST", "/bills", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "K-4001"


@pytest.mark.parametrize("number", ["B%00", "..%2f", "B1", "x" * 40, "%E5%8D%95"])
def test_no_number_breaks_the_door(kids: Till, number: str) -> None:
    assert kids("GET", f"/bills/{number}").status_code in (400, 404)
    assert kids("POST", f"/bills/{number}/refunds", {"reason": "x"}).status_code in (400, 404)


def test_a_wild_return_is_refused(mall: Mall, kids: Till) -> None:
    paid = mall.pay(mall.open().id)
    for lines in ({"1": 10**30}, {"1": -1}, {"99": 1}, {str(10**30): 1}, {"x": 1}):
        answer = kids("POST", f"/bills/{paid.number}/refunds", {"lines": lines, "reason": "x"})
        assert answer.status_code in (400, 409), lines
    assert door.bill(paid.id).refunded_fen == 0
