"""A partner that is suspended, and modules that are switched."""

import pytest
from django.test import Client

from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import PAUSED, PayerShare, Scope
from shangquan.district import door as district
from shangquan.district.contracts import NOT_TRADING
from shangquan.identity.contracts import Role
from shangquan.kernel import clock, jobs
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import signed_in
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import CAPABILITY_OFF, Article, Capability, Incoming
from shangquan.settlement import door as settlement
from superapp_sandbox.testing import Phone, SandboxServer
from tests.journeys.place import PASSWORD, Place


def signs_in(username: str) -> tuple[Client, int]:
    browser = Client()
    body = {"username": username, "password": PASSWORD}
    return browser, browser.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code


@pytest.mark.feature("A2")
def test_a_suspended_partner_is_gone_from_every_page_at_once_and_its_history_stays_with_the_owner(place: Place) -> None:
    place.staff("toys-boss", Role.MERCHANT_ADMIN, place.toys)
    owner = place.staff("owner", Role.OWNER_ADMIN)
    member = place.member()
    offer = place.campaign(
        amount_fen=500, title_zh="阿橘专享券", issuer_id=place.toys,
        payers=(PayerShare("redeemer", 10_000),), scope=Scope(merchants_in=frozenset({place.toys})),
    )  # fmt: skip
    sold = place.buy(5_000, member, store=place.toys_store)
    boss, status = signs_in("toys-boss")
    assert status == 200 and boss.get("/console/").status_code == 200
    lin = signed_in(Client(), member)
    for address, words in (("/m/stores/", "阿橘玩具"), ("/m/shelf/", "阿橘专享券")):
        assert words in lin.get(address).content.decode(), address

    with transaction():
        district.suspend_merchant(place.toys, reason="证照过期", now=clock.now())

    assert district.products(place.toys) == [] and district.find_product("", place.toys) is None
    for address, words in (("/m/stores/", "阿橘玩具"), ("/m/shelf/", "阿橘专享券")):
        assert words not in lin.get(address).content.decode(), address
    with pytest.raises(Refused) as claimed:
        place.claim(offer, member)
    with pytest.raises(Refused) as rung:
        place.bill(1_000, member, store=place.toys_store)
    assert (claimed.value.reason, rung.value.reason) == (PAUSED, NOT_TRADING)
    assert boss.get("/console/").status_code != 200, "who is in is out with the next page"
    assert signs_in("toys-boss")[1] in (401, 403)
    with place.acting(owner):
        assert len(settlement.lines_of_bill(sold.id)) > 0 and coupons.campaign(offer).terms.title_zh == "阿橘专享券"
        assert district.merchant(place.toys).name == "阿橘玩具"
    desk, _ = signs_in("owner")
    assert desk.get(f"/api/v1/checkout/bills/{sold.number}").status_code == 200

    with transaction():
        district.resume_merchant(place.toys, now=clock.now())
    assert signs_in("toys-boss")[1] == 200
    assert place.claim(offer, member).campaign_id == offer


@pytest.mark.feature("C6", "C10")
def test_a_partner_asks_for_a_push_the_owner_sends_it_and_service_notices_do_not_count(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    boss = place.staff("kids-boss", Role.MERCHANT_ADMIN, place.kids)
    owner = place.staff("owner", Role.OWNER_ADMIN)
    member = place.member(lin.openid())
    lin.follow()
    with transaction():
        members.record_follow(
            openid=lin.openid(), appid=wechat.appid, followed=True, source="official_account", now=clock.now()
        )
        members.give_consent(member, Purpose.MARKETING, wording="2026-11", now=clock.now())
    article = Article("童装上新", "第二件半价", "/m/shelf/")
    with place.acting(boss):
        with pytest.raises(Refused), transaction():
            messaging.push(member_ids=[member], article=article, now=clock.now())
        with transaction():
            asked = messaging.request_push(
                merchant_id=place.kids, member_ids=[member], article=article, now=clock.now()
            )
        with pytest.raises(Refused), transaction():
            messaging.decide_push(push_id=asked.id, approve=True, now=clock.now())
    jobs.drain()
    assert messaging.push_by_id(asked.id).state == "requested" and lin.received() == []
    with place.acting(owner), transaction():
        messaging.decide_push(push_id=asked.id, approve=True, now=clock.now())
        second = messaging.push(member_ids=[member], article=Article("又一条", "", "/m/"), now=clock.now())
    place.buy(5_000, member)
    assert messaging.push_by_id(second.id).taken == 0, "one a day"
    told = [card.kind for card in messaging.messages_of(member)]
    assert "payment" in told, "the service notice does not count"


@pytest.mark.feature("Y5")
def test_without_template_messages_the_notice_comes_as_plain_words_and_the_reason_is_shown(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    member = place.member(lin.openid())
    lin.follow()
    lin.say("你好")
    said = Incoming(wechat.appid, lin.openid(), "msg-1", "text", clock.now(), text="你好")
    with transaction():
        messaging.receive(said, now=clock.now())
        messaging.switch_capability(appid=wechat.appid, capability=Capability.TEMPLATE, on=False)
    scenario = messaging.scenario("notices")
    assert not scenario.on and scenario.missing[0].reason_zh and scenario.missing[0].reason_en
    assert place.buy(6_000, member).is_paid
    assert lin.received("template") == []
    words = [message["body"]["content"] for message in lin.wait_received("text")]
    assert any("消费成功通知" in text and "¥60.00" in text for text in words)
    with transaction():
        messaging.switch_capability(appid=wechat.appid, capability=Capability.QRCODE, on=False)
    with pytest.raises(Refused) as caught:
        messaging.create_qr("store-7")
    assert caught.value.reason is CAPABILITY_OFF and "二维码" in caught.value.zh
