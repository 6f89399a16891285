"""Every page opens: for the seeded member with data, for a newcomer with an empty state, for a guest with a way in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from shangquan.checkout.tests.story import Mall
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.shell import path
from shangquan.memberapp.tests.browsers import text

OWN = ("me", "card", "points", "bills", "coupons", "preferences", "privacy")


@pytest.fixture
def paid(mall: Mall) -> str:
    """One bill of ¥198.00 with a ¥30 coupon, paid in cash; its number."""
    mall.give(amount_fen=3_000, min_spend_fen=15_000)
    bill = mall.open()
    mall.pay(bill.id)
    mall.earn(bill.id)
    mall.give(amount_fen=2_000, title_zh="阿橘玩具 · 现金券", title_en="Orange Toys ¥20 off")
    return bill.number


@pytest.mark.feature("D5")
def test_each_entry_opens_with_the_members_data(lin: Client, mall: Mall, paid: str) -> None:
    says = {
        "me": ("林小雨", "金卡"),
        "card": ("林小雨", "sq-member-code"),
        "points": ("消费得积分", "开卡礼"),
        "bills": ("¥158.00", "小禾童装"),
        "coupons": ("阿橘玩具 · 现金券",),
        "preferences": ("林小雨",),
        "privacy": ("会员服务", "导出我的数据"),
    }
    for name in OWN:
        answer = lin.get(path(name))
        assert answer.status_code == 200, name
        for words in says[name]:
            assert words in text(answer), (name, words)


@pytest.mark.feature("D5")
def test_each_entry_of_a_newcomer_has_an_empty_state(newcomer: Client) -> None:
    empty = {"points": "还没有积分", "bills": "还没有消费", "coupons": "还没有可用的券"}
    for name in OWN:
        answer = newcomer.get(path(name))
        assert answer.status_code == 200, name
        assert empty.get(name, "") in text(answer)


def test_a_guest_sees_the_public_pages_and_is_led_to_sign_in_for_the_others(mall: Mall) -> None:
    guest = Client()
    for name in ("home", "all_coupons", "stores", "about", "me"):
        assert guest.get(path(name)).status_code == 200, name
    for name in set(OWN) - {"me"}:
        answer = guest.get(path(name))
        assert (answer.status_code, answer.url) == (302, path("sign_in", next=path(name)))
    assert guest.post(path("privacy"), {"purpose": "marketing", "do": "give"}).status_code == 401


def test_one_bill_says_the_sum_its_parts_and_what_was_saved(lin: Client, paid: str) -> None:
    said = text(lin.get(path("bill", paid)))
    for words in (
        "158.00",
        "本单已省 ¥40.00",
        "商品合计（4 件）",
        "积分抵扣（1,000 积分）",
        "−¥30.00",
        "现金",
        "儿童抓绒外套",
    ):
        assert words in said, words


def test_another_members_bill_and_coupon_do_not_exist(newcomer: Client, mall: Mall, paid: str) -> None:
    answer = newcomer.get(path("bill", paid))
    assert answer.status_code == 404 and "B-4041" in text(answer) and "h5" in text(answer)
    piece = mall.give(amount_fen=500)
    assert newcomer.get(path("coupon", piece.id)).status_code == 404
    assert newcomer.post(path("give", piece.id)).status_code == 404


def test_pages_speak_english_and_keep_it(lin: Client, paid: str) -> None:
    answer = lin.get(path("bill", paid) + "?lang=en")
    assert 'lang="en"' in text(answer) and "saved" in text(answer)
    assert 'lang="en"' in text(lin.get(path("home")))
    lin.post(path("language"), {"lang": "zh-hans", "next": "/m/me/"})
    assert 'lang="zh-hans"' in text(lin.get(path("home")))


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("home", 14),
        ("me", 9),
        ("card", 10),
        ("points", 8),
        ("bills", 7),
        ("coupons", 8),
        ("stores", 8),
        ("all_coupons", 8),
    ],
)
def test_a_page_takes_few_statements(
    lin: Client, paid: str, statements: Callable[[Callable[[], Any]], int], name: str, most: int
) -> None:
    """All of a request: session, district and member are three of them."""
    assert statements(lambda: lin.get(path(name))) <= most


def test_the_first_load_is_small(lin: Client, paid: str) -> None:
    for name in ("home", "all_coupons", "coupons", "card"):
        assert len(lin.get(path(name)).content) < 60_000, name


@pytest.mark.feature("G13")
def test_the_lines_of_the_statement_add_up_to_the_balance(lin: Client, mall: Mall, paid: str) -> None:
    shown = lin.get(path("points")).context
    assert sum(line["points"] for line in shown["lines"]) == shown["balance"].available == shown["lines"][0]["after"]


def test_profile_is_changed_and_a_bad_month_refused(lin: Client) -> None:
    lin.post(path("preferences"), {"name": "林晓", "month": "11"})
    assert "林晓" in text(lin.get(path("me")))
    refused = lin.post(path("preferences"), {"name": "林晓", "month": "13"})
    assert refused.status_code == 400 and "K-4001" in text(refused)


def test_consent_is_given_and_withdrawn_and_the_data_taken_away(lin: Client, paid: str) -> None:
    from shangquan.members import door as members
    from shangquan.members.contracts import Purpose

    member = int(lin.session["memberapp.member"]["member"])
    lin.post(path("privacy"), {"purpose": "marketing", "do": "give"})
    assert members.has_consent(member, Purpose.MARKETING)
    lin.post(path("privacy"), {"purpose": "marketing", "do": "withdraw"})
    assert not members.has_consent(member, Purpose.MARKETING)
    assert lin.post(path("privacy"), {"purpose": "face", "do": "give"}).status_code == 400
    held = lin.post(path("export")).json()
    assert held["bills"][0]["number"] == paid and held["member"]["name"] == "林小雨"
    assert {one["purpose"] for one in held["member"]["consents"]} == {"marketing"}


def test_a_shop_shows_its_offers_goods_and_where_to_pay(lin: Client, mall: Mall, paid: str) -> None:
    said = text(lin.get(path("store", mall.kids_store)))
    assert "2F-207" in said and "儿童抓绒外套" in said and path("pay_store", mall.kids_store) in said
    assert "3F-312" in text(lin.get(path("stores") + "?q=玩具"))
    assert "没有找到" in text(lin.get(path("stores") + "?q=火锅"))
    assert lin.get(path("store", 999_999)).status_code == 404


def test_a_suspended_merchants_shop_is_out_of_sight(lin: Client, mall: Mall) -> None:
    from shangquan.district import door as district

    with transaction():
        district.suspend_merchant(mall.kids, reason="整改", now=mall.now)
    assert lin.get(path("store", mall.kids_store)).status_code == 404
    assert "小禾童装" not in text(lin.get(path("stores")))


@pytest.mark.feature("A7", "B5")
def test_the_site_shows_offers_shops_and_the_code_that_continues_on_the_phone(
    lin: Client, mall: Mall, paid: str
) -> None:
    guest = Client().get("/")
    assert guest.status_code == 200
    for words in ("小禾童装", "阿橘玩具 · 现金券", "今天营业至 22:00", "<svg", path("sign_in")):
        assert words in text(guest), words
    assert "会员号" in text(lin.get("/")) and "Open today until 22:00" in text(lin.get("/?lang=en"))


def test_the_card_page_carries_the_codes_of_the_next_five_minutes(lin: Client, mall: Mall) -> None:
    from shangquan.codes import door as codes

    shown = lin.get(path("card")).context
    minutes = [shown["code"], shown["prepared"], *shown["later"]]
    assert len({one.digits for one in minutes}) == 6 and text(lin.get(path("card"))).count("data-later") == 4
    assert (minutes[-1].expires_at - minutes[0].expires_at).total_seconds() == 300
    with transaction():
        assert (
            codes.verify_member_code(shown["later"][0].digits, now=shown["later"][0].expires_at, by="till")
            == mall.member
        )


@pytest.mark.feature("E5")
def test_the_code_of_the_page_is_accepted_once(lin: Client, mall: Mall) -> None:
    from shangquan.codes import door as codes
    from shangquan.kernel.errors import Refused

    digits = lin.get(path("card")).context["code"].digits
    with transaction():
        assert codes.verify_member_code(digits, now=mall.now, by="收银台 1") == mall.member
    with pytest.raises(Refused) as again, transaction():
        codes.verify_member_code(digits, now=mall.now, by="收银台 2")
    assert again.value.reason.code == "Q-4091"
    assert lin.post(path("card")).context["code"].digits != digits


@pytest.mark.feature("H13")
def test_a_payment_page_shows_points_the_next_coupon_and_what_may_be_shared(lin: Client, mall: Mall, paid: str) -> None:
    from shangquan.checkout import door as checkout
    from shangquan.coupons import door as coupons
    from shangquan.coupons.contracts import ClaimRequest, Source
    from shangquan.coupons.tests.story import published, terms

    made = published(mall.now, terms(title_zh="阿宁咖啡 · 下一站"))
    bill = checkout.bill_by_number(paid)
    with transaction():
        asked = ClaimRequest(made.id, mall.member, Source.JOURNEY, f"bill:{bill.id}", None, mall.kids, bill.id)
        coupons.claim_one(asked, now=mall.now)
    answer = lin.get(path("bill", paid))
    for words in ("获得 181 积分", "送你一张下一站的券", "阿宁咖啡 · 下一站"):
        assert text(answer).count(words) == 1, words
    assert answer.context["share_title"] == "我在小禾童装省了 ¥40.00" and paid not in answer.context["share_link"]
