"""Walks through the pages with WeChat played by the sandbox: being known, one-tap card, claiming, giving, paying."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillState
from shangquan.checkout.tests.story import Mall
from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import Caps
from shangquan.coupons.tests.story import published, terms
from shangquan.kernel import clock, jobs
from shangquan.kernel.models import InboxItem
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.shell import path
from shangquan.memberapp.tests.browsers import WECHAT, signed_in, text
from shangquan.members import door as members
from shangquan.members.models import Member
from shangquan.payments import door as payments
from superapp_sandbox.testing import Phone, SandboxServer, wait_until

HOST = "u1.localhost:8000"


def browser() -> Client:
    """The in-app browser of a phone: it has its own host name and cookies."""
    return Client(HTTP_HOST=HOST, HTTP_USER_AGENT=WECHAT)


def through_wechat(client: Client, phone: Phone, address: str) -> Any:
    """Open a page; WeChat is asked and sends the browser back. Answers where it lands."""
    away = client.get(address)
    assert away.status_code == 302 and "/connect/oauth2/authorize" in away.url, text(away)
    back = urlsplit(phone.authorize(away.url))
    return client.get(f"{back.path}?{back.query}")


@pytest.mark.feature("C8")
def test_inside_wechat_the_page_knows_who_it_is_and_elsewhere_it_offers_a_login_code(
    connected: Mall, phone: Phone
) -> None:
    with transaction():
        card = members.open_card(openid=phone.openid(), name="小林", channel="official_account", now=connected.now)
    wanted = path("store", connected.kids_store) + "?scene=abc"
    inside = browser()
    landed = through_wechat(inside, phone, wanted)
    assert landed.url == wanted
    assert inside.get(landed.url).status_code == 200
    assert card.card_no_grouped in text(inside.get(path("me")))
    guest = Client().get(path("all_coupons"))
    assert guest.status_code == 200 and "<svg" in text(guest) and path("sign_in") in text(guest)


def test_a_login_that_another_browser_began_is_refused(connected: Mall, phone: Phone) -> None:
    began, other = browser(), browser()
    back = urlsplit(phone.authorize(began.get(path("points")).url))
    answer = other.get(f"{back.path}?{back.query}")
    assert answer.status_code == 400 and "memberapp.member" not in other.session
    moved = back.query.replace("to=%2Fm%2Fpoints%2F", "to=%2F%2Fevil.example")
    assert began.get(f"{back.path}?{moved}").status_code == 400


@pytest.mark.feature("D1")
def test_one_tap_opens_the_card_and_tapping_again_answers_the_same(connected: Mall, phone: Phone) -> None:
    inside = browser()
    landed = through_wechat(inside, phone, path("points"))
    assert inside.get(landed.url).url == path("join", next=path("points"))
    assert "同意并开卡" in text(inside.get(path("join")))
    before = Member.rows().count()
    first = inside.post(path("join"), {"next": path("points")})
    again = inside.post(path("join"), {"next": path("points")})
    assert first.status_code == again.status_code == 303 and Member.rows().count() == before + 1
    card = members.by_openid(phone.openid())
    assert card is not None and card.card_no_grouped in text(inside.get(path("me")))


@pytest.mark.feature("A7")
def test_one_member_from_the_site_to_the_account_to_the_till(connected: Mall, phone: Phone) -> None:
    made = published(connected.now, terms(), caps=Caps(total=10))
    site, inside = Client(), browser()
    shown = site.get(path("sign_in", next=path("all_coupons")))
    token = site.session["memberapp.login_scene"]
    assert site.get(path("sign_in_poll")).json() == {"state": "waiting"}
    assert path("confirm", token) in shown.context["address"]
    through_wechat(inside, phone, path("confirm", token))
    inside.post(path("join"), {"next": path("confirm", token)})
    assert "确认登录" in text(inside.get(path("confirm", token)))
    assert inside.post(path("confirm", token)).status_code == 200
    assert site.get(path("sign_in_poll")).json() == {"state": "confirmed"}
    assert site.get(path("sign_in", next=path("all_coupons"))).url == path("all_coupons")
    claimed = site.post(path("claim", made.id), {"key": "one-tap-1", "next": path("all_coupons")})
    assert claimed.status_code == 303
    assert "小禾童装 · 满减券" in text(inside.get(path("coupons")))
    card = members.by_openid(phone.openid())
    assert card is not None
    later = replace(connected, now=clock.now())  # a coupon works from the moment it was claimed
    bill = later.open(member_id=card.id)
    assert later.pay(bill.id).saved_fen == 3_000
    assert bill.number in text(site.get(path("bill", bill.number)))
    assert "¥168.00" in text(inside.get(path("bills")))


def test_a_login_code_is_taken_once_and_confirmed_by_one(lin: Client, newcomer: Client) -> None:
    site = Client()
    site.get(path("sign_in"))
    token = site.session["memberapp.login_scene"]
    assert lin.post(path("confirm", token)).status_code == 200
    assert newcomer.post(path("confirm", token)).status_code == 410
    assert site.get(path("sign_in", next=path("me"))).url == path("me")
    assert lin.post(path("confirm", token)).status_code == 200  # the same phone, tapped twice
    assert "memberapp.login_scene" not in site.session
    assert site.get(path("sign_in", next="//evil.example")).url == path("home")


def test_a_member_and_a_staff_session_live_in_one_browser(mall: Mall, client: Client) -> None:
    from shangquan.identity.actions.grant_role import grant_role
    from shangquan.identity.actions.make_account import make_account

    with transaction():
        account = make_account(username="owner1", name="何川", password="栖梧里 2026 晚上好", now=mall.now)
        grant_role(account_id=account, role="owner_admin", merchant_id=None, store_id=None, now=mall.now)
    client.post("/sign-in/", {"username": "owner1", "password": "栖梧里 2026 晚上好"})
    signed_in(client, mall.member)
    assert "林小雨" in text(client.get(path("me")))
    assert client.get("/account/").status_code == 200
    client.post(path("sign_out"))
    assert client.get("/account/").status_code == 200 and client.get(path("points")).status_code == 302


@pytest.mark.feature("F7")
def test_a_claim_is_one_however_often_it_is_sent_and_says_why_not(lin: Client, newcomer: Client, mall: Mall) -> None:
    made = published(mall.now, terms(), caps=Caps(total=1))
    shelf = path("all_coupons")
    for _ in range(3):
        assert lin.post(path("claim", made.id), {"key": "same-key-1", "next": shelf}).status_code == 303
    assert coupons.campaign(made.id).claimed == 1
    late = newcomer.post(path("claim", made.id), {"key": "other-key-1", "next": shelf})
    assert late.status_code == 409 and "刚被领完" in text(late) and "C-4091" in text(late) and shelf in text(late)
    assert "已抢完" in text(newcomer.get(shelf)) and "去使用" in text(lin.get(shelf))


def test_a_fan_without_a_card_gets_one_with_the_claim(fan: Client, mall: Mall) -> None:
    made = published(mall.now, terms(), caps=Caps(total=5))
    assert "领取即一键开卡" in text(fan.get(path("all_coupons")))
    fan.post(path("claim", made.id), {"key": "tap-0001", "next": path("all_coupons")})
    card = members.by_openid("oFan-000001")
    assert card is not None and coupons.count_tabs(card.id, mall.now)["usable"] == 1
    assert [one.purpose for one in members.consents(card.id)] == ["membership"]


@pytest.mark.feature("F16")
def test_one_piece_in_each_state_shows_in_its_tab(lin: Client, mall: Mall, at: Any) -> None:
    from shangquan.coupons.models import Piece

    names = {"usable": "可用券甲", "used": "已用券乙", "expired": "过期券丙", "given": "转赠券丁"}
    pieces = {tab: mall.give(amount_fen=100, title_zh=name) for tab, name in names.items()}
    Piece.rows().filter(id=pieces["used"].id).update(
        state="used", used_at=mall.now, used_merchant_id=mall.kids, used_store_id=mall.kids_store
    )
    Piece.rows().filter(id=pieces["expired"].id).update(
        valid_to=mall.now - timedelta(hours=1), valid_from=mall.now - timedelta(days=3)
    )
    assert lin.post(path("give", pieces["given"].id), {"words": "给你"}).status_code == 200
    for tab, name in names.items():
        said = text(lin.get(path("coupons", tab=tab)))
        assert [other for other in names.values() if other in said] == [name]


@pytest.mark.feature("F12")
def test_a_gift_is_recalled_or_taken_once_and_the_old_code_dies(lin: Client, newcomer: Client, mall: Mall) -> None:
    piece = mall.give(amount_fen=2_000)
    first = lin.post(path("give", piece.id)).context["address"]
    assert lin.get(path("coupon", piece.id)).context["qr"] == ""
    lin.post(path("recall", piece.id))
    link = urlsplit(first).path
    gone = newcomer.post(link + "accept/")
    assert gone.status_code == 410 and "C-4103" in text(gone)
    link = urlsplit(lin.post(path("give", piece.id)).context["address"]).path
    assert "收下这张券" in text(newcomer.get(link))
    assert lin.post(link + "accept/").status_code == 422
    taken = newcomer.post(link + "accept/")
    assert taken.status_code == 303
    new = newcomer.get(taken.url).context["code"]
    assert new and new != piece.code
    assert lin.post(path("recall", piece.id)).status_code == 410
    assert codes.resolve(piece.code, now=mall.now).actions == ()


def test_a_scene_code_leads_to_its_page_and_claims_are_counted_for_it(lin: Client, mall: Mall) -> None:
    made = published(mall.now, terms(), caps=Caps(total=5))
    with transaction():
        card = codes.make_scene("wifi", "coupon_campaign", made.id, "3F", now=mall.now)
        counter = codes.make_scene("counter", "store", mall.kids_store, "收银台", now=mall.now)
        table = codes.make_scene("table", "table", mall.kids_store, "7 号桌", now=mall.now)
    landed = lin.get(f"/c/{card.scene}/")
    assert landed.url == path("campaign", made.id, scene=card.scene)
    lin.post(path("claim", made.id), {"key": "by-wifi-1", "next": landed.url, "scene": card.scene})
    found = coupons.figures(made.id, mall.now)
    assert [(one.key, one.claimed) for one in found.by_source] == [("wifi", 1)]
    assert [(one.key, one.claimed) for one in found.by_code] == [(str(card.id), 1)]
    assert lin.get(f"/c/{counter.scene}/").url == path("pay_store", mall.kids_store, scene=counter.scene)
    assert "你在 7 号桌" in text(lin.get(lin.get(f"/c/{table.scene}/").url))


def pays(inside: Client, phone: Phone, number: str) -> dict[str, Any]:
    """Tap the page's button; answers what the page hands to the phone's payment sheet."""
    shown = inside.get(path("pay", number))
    paying = inside.post(path("pay", number), {"expected": shown.context["expected"]})
    assert paying.status_code == 200, text(paying)
    call: dict[str, Any] = paying.context["call"]
    return call


def joined(connected: Mall, phone: Phone, address: str) -> Client:
    """A phone's browser whose person has just got a card on the way to that page."""
    inside = browser()
    through_wechat(inside, phone, address)
    inside.post(path("join"), {"next": "/m/"})
    return inside


@pytest.mark.feature("H1", "H9")
def test_a_shop_code_takes_a_typed_amount_and_is_paid_in_two_actions(connected: Mall, phone: Phone) -> None:
    here = path("pay_store", connected.kids_store)
    inside = joined(connected, phone, here)
    for wrong in ("0", "-1", "12.345", "一百", "50001"):
        assert inside.post(here, {"amount": wrong, "key": "typed-0000"}).status_code == 400
    landed = inside.post(here, {"amount": "58.5", "key": "typed-0001"})
    assert inside.post(here, {"amount": "58.5", "key": "typed-0001"}).url == landed.url
    number = landed.url.split("/")[3]
    phone.jsapi(pays(inside, phone, number))  # the first of two actions: the page's button
    phone.password()  # the second
    intent = checkout.bill_by_number(number).intent_id
    assert intent is not None
    payments.poll(intent_id=intent, now=clock.now(), eager=True)
    bill = checkout.bill_by_number(number)
    assert (bill.state, bill.payable_fen, bill.merchant_id) == (BillState.PAID, 5_850, connected.kids)
    assert inside.get(path("paid", number)).url == path("bill", number)
    assert inside.get(path("pay", number)).url == path("paid", number)


@pytest.mark.feature("H3")
@pytest.mark.django_db(transaction=True)
def test_the_page_is_closed_while_paying_and_the_notice_still_completes_it_once(
    live_server: Any, connected: Mall, phone: Phone, sandbox: SandboxServer, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    bill = connected.open(member_id=None)
    inside = joined(connected, phone, path("pay", bill.number))
    call = pays(inside, phone, bill.number)
    sandbox.faults(notify_repeat=9)
    sandbox.time(scale=1000)
    phone.jsapi(call)
    phone.password()  # and the page is closed: nobody looks at the result
    kept = wait_until(lambda: [i for i in InboxItem.rows() if i.times_received == 10])
    jobs.drain()
    assert len(kept) == 1 and checkout.bill(bill.id).state == BillState.PAID
    assert [one.state.value for one in payments.intents_of("bill", str(bill.id))] == ["paid"]


@pytest.mark.feature("H1")
def test_an_order_code_takes_one_payment(connected: Mall, phone: Phone, sandbox: SandboxServer) -> None:
    bill = connected.open(member_id=None)
    here = path("pay", bill.number)
    first, second = joined(connected, phone, here), signed_in(browser(), connected.member, openid="oLin-000001")
    phone.jsapi(pays(first, phone, bill.number))
    assert second.get(here).status_code == second.post(here, {"expected": "1"}).status_code == 404
    waiting = first.get(path("paid", bill.number))
    assert waiting.status_code == 200 and "正在查" in text(waiting)
    assert first.get(path("bill", bill.number)).status_code == 200


def test_a_changed_amount_is_shown_again_before_it_is_paid(connected: Mall, phone: Phone) -> None:
    bill = connected.open(member_id=None)
    inside = joined(connected, phone, path("pay", bill.number))
    inside.get(path("pay", bill.number))
    refused = inside.post(path("pay", bill.number), {"expected": "1"})
    assert refused.status_code == 409 and "B-4093" in text(refused)
    assert checkout.bill(bill.id).state == BillState.OPEN


def test_a_browser_without_wechat_cannot_pay(lin: Client, mall: Mall) -> None:
    outside = signed_in(Client(), mall.member)
    bill = mall.open()
    assert outside.post(path("pay", bill.number), {"expected": "1"}).status_code == 403


def test_paying_can_be_stopped_and_the_bill_is_open_again(connected: Mall, phone: Phone) -> None:
    bill = connected.open(member_id=None)
    inside = joined(connected, phone, path("pay", bill.number))
    phone.jsapi(pays(inside, phone, bill.number))
    phone.cancel()
    assert inside.post(path("stop_pay", bill.number)).url == path("pay", bill.number)
    assert checkout.bill(bill.id).state == BillState.OPEN


def test_the_page_script_signs_our_own_pages_only(connected: Mall, phone: Phone) -> None:
    inside = browser()
    signed = inside.get(path("jssdk"), {"url": f"http://{HOST}/m/"}).json()
    assert set(signed) == {"appId", "timestamp", "nonceStr", "signature"}
    assert inside.get(path("jssdk"), {"url": "http://evil.example/"}).status_code == 400
