"""Orders and payments over the console: parts and why, returning once after a look, differences dealt with."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shangquan.checkout import door as checkout
from shangquan.checkout.tests.story import FakeChannel, Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.console.tests.test_coupons import page
from shangquan.identity.contracts import Role
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.payments import door as payments
from shangquan.payments import ports
from shangquan.payments.contracts import BillRow, Channel


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>|\s", "", text)


def test_a_bill_shows_its_sum_with_the_parts_and_who_bears_them(mall: Mall, sign_in: SignIn) -> None:
    mall.give(amount_fen=3_000, min_spend_fen=15_000, title_zh="满 150 减 30", title_en="30 off")
    bill = mall.pay(mall.open().id)
    shown = plain(page(sign_in(Role.OWNER_FINANCE), f"/console/bills/{bill.id}/"))
    assert bill.list_fen == 19_800
    assert "满150减30" in shown and "−¥30.00" in shown
    assert f"¥{bill.payable_fen / 100:.2f}" in shown
    assert "商圈30.00" in shown, "who bears the coupon"


def test_a_return_is_looked_at_first_and_happens_once(mall: Mall, sign_in: SignIn) -> None:
    mall.give(amount_fen=3_000, min_spend_fen=15_000)
    bill = mall.pay(mall.open().id)
    manager = sign_in(Role.STORE_MANAGER, mall.kids, mall.kids_store)
    path = f"/console/bills/{bill.id}/refund/"
    assert manager.post(path, {"line-3": "1", "step": "count"}).status_code == 409, "a reason is needed"

    asked = {"line-1": "1", "reason": "尺码不合适", "key": "return-0001"}
    looked = manager.post(path, asked | {"step": "count"})
    assert looked.status_code == 200
    assert "退给顾客" in looked.content.decode() and "商圈 承担的优惠" in looked.content.decode()
    assert checkout.refunds_of(bill.id) == []

    for _ in range(2):
        assert manager.post(path, asked | {"step": "refund"}).status_code == 302
    [made] = checkout.refunds_of(bill.id)
    assert plain(f"¥{made.refund_fen / 100:.2f}") in plain(looked.content.decode())
    assert made.reason == "尺码不合适"
    too_much = manager.post(path, asked | {"line-1": "1", "key": "return-0002", "step": "refund"})
    assert too_much.status_code == 409 and "尺码不合适" in too_much.content.decode()


def test_bills_stop_at_the_wall(mall: Mall, sign_in: SignIn) -> None:
    bill = mall.pay(mall.open().id)
    foreign = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    assert foreign.get(f"/console/bills/{bill.id}/").status_code == 404
    assert foreign.get(f"/console/bills/{bill.id}/refund/").status_code == 404
    assert bill.number not in page(foreign, "/console/bills/", merchant=str(mall.kids))
    assert bill.number in page(sign_in(Role.MERCHANT_ADMIN, mall.kids), "/console/bills/")
    cashier = sign_in(Role.CASHIER, mall.kids, mall.kids_store)
    assert cashier.get(f"/console/bills/{bill.id}/refund/").status_code == 403
    assert AuditLine.objects.exclude(refused="").filter(action__contains="refund").exists()


def test_the_lists_keep_their_queries_and_their_filters(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_FINANCE)
    first = mall.pay(mall.open().id)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            page(owner, path)
        return len(caught)

    page(owner, "/console/bills/")
    before = queries("/console/bills/"), queries("/console/payments/")
    for n in range(4):
        mall.pay(mall.open(f"till-1-1{n:03}").id)
    assert (queries("/console/bills/"), queries("/console/payments/")) == before
    assert first.number in page(owner, "/console/bills/", view="paid", day="2026-11-22", channel="cash")
    assert first.number not in page(owner, "/console/bills/", day="2026-11-21")
    assert first.number not in page(owner, "/console/bills/", view="refunded")


class _Day:
    zone = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def daily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_bills", {"wechat": ((Channel.WECHAT_CODE,), _Day())})


@pytest.mark.feature("H14")
def test_each_kind_of_difference_is_found_shown_and_dealt_with(
    mall: Mall, channel: FakeChannel, daily: None, sign_in: SignIn, now: datetime
) -> None:
    agreed, missing, changed = (
        payments.intents_of("bill", str(mall.pay(mall.open(f"till-1-2{n:03}").id, Channel.WECHAT_CODE).id))[0]
        for n in range(3)
    )
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    rows = [
        BillRow(agreed.number, "", agreed.amount_fen, "1", at),
        BillRow(changed.number, "", changed.amount_fen - 1, "2", at),
        BillRow("P0000000000STRANGER", "", 5_000, "3", at),
    ]
    with transaction():
        found = payments.reconcile(provider="wechat", day=date(2026, 11, 22), rows=rows, now=now)
    assert len(found.differences) == 3
    finance = sign_in(Role.OWNER_FINANCE)
    shown = page(finance, "/console/differences/")
    for words in ("渠道账单里没有", "我们的账里没有", "两边金额不一样", missing.number, "P0000000000STRANGER"):
        assert words in shown
    assert agreed.number not in shown
    assert "3 笔收款对不上" in page(finance, "/console/")
    _resolve(finance, found.differences[0].id)
    assert len(payments.differences(open_only=True)) == 2
    assert sign_in(Role.OWNER_OPERATIONS).get("/console/differences/").status_code == 403
    assert sign_in(Role.MERCHANT_ADMIN, mall.kids).get("/console/payments/").status_code == 404


def _resolve(browser: Client, difference_id: int) -> Any:
    empty = browser.post(f"/console/differences/{difference_id}/", {"note": " "}, follow=True)
    assert "写明为什么对不上" in empty.content.decode()
    return browser.post(f"/console/differences/{difference_id}/", {"note": "已与渠道核实，次日补入"})


def test_a_payment_shows_its_past(mall: Mall, channel: FakeChannel, sign_in: SignIn) -> None:
    bill = mall.pay(mall.open().id, Channel.WECHAT_CODE)
    [intent] = payments.intents_of("bill", str(bill.id))
    shown = page(sign_in(Role.OWNER_FINANCE), f"/console/payments/{intent.id}/")
    assert "微信付款码" in shown and "已收" in shown and f"/console/bills/{bill.id}/" in shown
