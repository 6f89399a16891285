"""The till over HTTP with plain forms, no script: what a clerk sees after each step."""

from typing import Any

import pytest

from shangquan.codes import door as codes
from shangquan.coupons.contracts import CouponKind
from shangquan.payments.contracts import Outcome
from shangquan.pos.tests.counter import BARCODES, PAY_CODE, Counter


def page(client: Any, answer: Any = None) -> str:
    if answer is not None:
        assert answer.status_code == 302, answer.content.decode()[:2000]
    shown = client.get(answer["Location"] if answer is not None else "/till/")
    assert shown.status_code == 200, shown.content.decode()[:2000]
    return str(shown.content.decode())


@pytest.mark.feature("I1", "I2", "F9", "G12")
def test_settle_redeem_pay_and_print_in_one_flow(counter: Counter, browser_of: Any) -> None:
    client = browser_of()
    assert "备用金" in page(client)
    assert "扫第一件商品" in page(client, client.post("/till/shift/open/", {"cash": "200.00"}))
    for product in (counter.mall.coat, counter.mall.shirt, counter.mall.socks, counter.mall.socks):
        shown = page(client, client.post(f"/till/goods/{product}/"))
    assert "198.00" in shown and "3 种 4 件" in shown
    counter.mall.give(CouponKind.CASH, title_zh="满 150 减 30", amount_fen=3_000, min_spend_fen=15_000)
    counter.mall.give(CouponKind.CASH, title_zh="满 200 减 45", amount_fen=4_500, min_spend_fen=20_000)
    digits = codes.member_code(counter.mall.member, now=counter.now).digits
    shown = page(client, client.post("/till/scan/", {"scan": digits}))
    assert "会员码已识别" in shown and "金卡" in shown and "3,280 积分" in shown
    assert "满 150 减 30" in shown and "1,000 积分抵扣" in shown and "还差 ¥2.00" in shown
    assert "再加 ¥2.00 更划算" in shown and "158.00" in shown
    shown = page(client, client.post("/till/scan/", {"scan": PAY_CODE, "expected": "15800"}))
    assert "收款成功" in shown and "本单已省 ¥40.00" in shown and '<svg class="paper"' in shown
    assert counter.channel.asked == ["charge"]
    assert "扫第一件商品" in page(client, client.post("/till/next/"))


def test_what_is_not_known_says_so_and_changes_nothing(counter: Counter, browser_of: Any) -> None:
    client = browser_of()
    client.post("/till/shift/open/", {"cash": "0"})
    page(client, client.post("/till/scan/", {"scan": BARCODES["mug"]}))
    shown = page(client, client.post("/till/scan/", {"scan": "6900000000000"}))
    assert "没找到「6900000000000」" in shown and "1 种 1 件" in shown


@pytest.mark.feature("H2")
def test_the_faces_of_a_payment(counter: Counter, browser_of: Any) -> None:
    client = browser_of()
    client.post("/till/shift/open/", {"cash": "0"})
    client.post("/till/scan/", {"scan": BARCODES["mug"]})
    counter.channel.says = Outcome.UNKNOWN
    shown = page(client, client.post("/till/scan/", {"scan": PAY_CODE}))
    assert "正在确认，请勿重收" in shown and "data-poll" in shown
    counter.channel.says = Outcome.WAITING
    assert "等顾客输密码" in page(client, client.post("/till/pay/look/", {"eager": "1"}))
    assert "正在收款" in page(client, client.post("/till/scan/", {"scan": BARCODES["mug"]}))
    counter.channel.says = Outcome.FAILED
    shown = page(client, client.post("/till/pay/look/", {"eager": "1"}))
    assert "没有收成" in shown and "扫顾客付款码" in shown


def test_every_sheet_and_list_opens(counter: Counter, browser_of: Any) -> None:
    client = browser_of("zhoulan")
    client.post("/till/shift/open/", {"cash": "0"})
    client.post("/till/scan/", {"scan": BARCODES["mug"]})
    for sheet in ("price", "others", "recall", "code", "cash", "found&text=杯", "referrer"):
        assert 'id="sheet-title"' in page_at(client, f"/till/?do={sheet}"), sheet
    client.post("/till/park/", {})
    client.post("/till/scan/", {"scan": BARCODES["bag"]})
    assert "小熊马克杯" in page_at(client, "/till/?do=recall")
    client.post("/till/pay/cash/", {"received": "10"})
    shown = page_at(client, "/till/")
    assert "找零" in shown and "8.00" in shown
    number = counter.bill().number
    for path in ("orders/", f"orders/{number}/", "refund/", f"refund/{number}/", "check/", "shift/close/"):
        page_at(client, f"/till/{path}")
    client.post(f"/till/orders/{number}/print/")
    assert "副本" in page_at(client, f"/till/orders/{number}/")
    done = client.post(f"/till/refund/{number}/", {"key": "return-form-1", "line-1": "1", "reason": "破了"})
    assert done.status_code == 302
    assert "已退" in page_at(client, f"/till/orders/{number}/")
    client.post("/till/next/")
    closed = client.post("/till/shift/close/", {"counted-cash": "0.00"})
    assert closed.status_code == 302
    assert "已交班" in page_at(client, closed["Location"])


def page_at(client: Any, path: str) -> str:
    shown = client.get(path)
    assert shown.status_code == 200, f"{path}: {shown.content.decode()[:1500]}"
    return str(shown.content.decode())
