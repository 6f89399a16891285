"""By which way a coupon came to its member, counted apart until it is spent."""

from datetime import timedelta

import pytest
from django.test import Client

from shangquan.codes import door as codes
from shangquan.codes.contracts import SceneCard
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import Source
from shangquan.kernel import clock, jobs
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import signed_in
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import Article
from superapp_sandbox.testing import Phone, SandboxServer, wait_until
from tests.journeys.place import Place

NINE = (
    Source.FOLLOW,
    Source.SHELF,
    Source.STREET_VIEW,
    Source.WIFI,
    Source.SHAKE,
    Source.RECEIPT,
    Source.ACTIVITY,
    Source.PAY_PAGE,
    Source.SHARE,
)


def weekend_shelf(place: Place, *campaigns: int) -> int:
    now = clock.now()
    with transaction():
        shelf = coupons.make_shelf(title="周末亲子季", deadline=now + timedelta(days=2), now=now)
        coupons.open_shelf(shelf.id, now=now)
        for campaign in campaigns:
            entry = coupons.enrol(shelf.id, campaign, now=now)
            coupons.decide_enrolment(entry.id, accepted=True, now=now)
    return shelf.id


def code(source: str, shelf: int, where: str) -> SceneCard:
    with transaction():
        return codes.make_scene(source, "shelf", shelf, where, title="周末亲子季", now=clock.now())


def take(browser: Client, campaign: int, scene: SceneCard, key: str) -> None:
    """What the button on the shelf's page sends."""
    page = browser.get(f"/c/{scene.scene}/", follow=True)
    assert page.status_code == 200 and scene.scene in page.content.decode()
    body = {"scene": scene.scene, "key": key, "next": "/m/coupons/"}
    assert "done=claimed" in browser.post(f"/m/campaigns/{campaign}/claim/", body).headers["location"]


@pytest.mark.feature("F18")
def test_one_piece_by_each_of_nine_ways_makes_nine_lines_with_nine_sources_in_one_ledger(place: Place) -> None:
    member = place.member()
    campaign = place.campaign(amount_fen=500)
    for source in NINE:
        place.claim(campaign, member, source)
    figures = coupons.figures(campaign, clock.now())
    assert figures.claimed == 9
    assert {(one.key, one.claimed) for one in figures.by_source} == {(source.value, 1) for source in NINE}
    assert [piece.terms.campaign_id for piece in coupons.usable_for(member, clock.now())] == [campaign] * 9


@pytest.mark.feature("E3")
@pytest.mark.django_db(transaction=True)
def test_two_posters_of_one_shelf_count_their_scans_follows_claims_and_redemptions_apart(
    place: Place, served: str, wechat: SandboxServer
) -> None:
    campaign = place.campaign(amount_fen=500)
    shelf = weekend_shelf(place, campaign)
    lobby, lift = code("shelf", shelf, "1F 中庭立牌"), code("shelf", shelf, "B1 电梯口")
    printed = {card.id: messaging.create_qr(card.scene)["url"] for card in (lobby, lift)}
    came = [(wechat.phone("小林"), lobby), (wechat.phone("阿宁"), lobby), (wechat.phone("陈默"), lift)]
    for phone, card in came:
        phone.scan(printed[card.id])
        article = phone.wait_received("news")[0]["body"]["articles"][0]
        assert (article["title"], card.scene in article["url"]) == ("周末亲子季", True)
    came[0][0].scan(printed[lobby.id])  # a follower by now: one scan more, no follow
    wait_until(lambda: len(messaging_events()) == 4)
    jobs.drain()
    bought = []
    for phone, card in (came[0], came[2]):
        browser = signed_in(Client(), None, openid=phone.openid())
        take(browser, campaign, card, f"tap-{card.id}")
        member = members.by_openid(phone.openid())
        assert member is not None and members.fan(phone.openid()).first_source == "shelf"  # type: ignore[union-attr]
        bought.append(member.id)
    place.buy(2_000, bought[1])
    jobs.drain()
    counts = codes.counts([lobby.id, lift.id])
    told = [counts[card.id] for card in (lobby, lift)]
    assert [one.get("follow", 0) for one in told] == [2, 1]
    assert [one.get("claim", 0) for one in told] == [1, 1]
    assert [one.get("redeem", 0) for one in told] == [0, 1]
    assert [one["scan"] for one in told] == [3 + 1, 1 + 1], "three and one by WeChat, one page opened of each"
    by_code = {one.key: (one.claimed, one.redeemed) for one in coupons.figures(campaign, clock.now()).by_code}
    assert by_code == {str(lobby.id): (1, 0), str(lift.id): (1, 1)}


def messaging_events() -> list[object]:
    from shangquan.messaging.models import InMessage

    return list(InMessage.rows().filter(event__in=["subscribe", "SCAN"]))


@pytest.mark.slow
@pytest.mark.feature("F6")
def test_the_shelf_is_pushed_to_a_thousand_followers_once_a_day_and_what_they_do_rolls_up_to_the_push(
    place: Place, wechat: SandboxServer
) -> None:
    campaign = place.campaign(amount_fen=500)
    shelf = weekend_shelf(place, campaign)
    phones = followers(wechat, 1000)
    ids = readers(wechat, phones)
    link = code("push", shelf, "11 月 23 日推送")
    article = Article("周末亲子季", "40 家店的周末好价", f"/c/{link.scene}/")
    with transaction():
        pushed = messaging.push(member_ids=ids, article=article, now=clock.now(), campaign_ref=link.scene)
        again = messaging.push(member_ids=ids, article=article, now=clock.now())
    jobs.drain()
    assert (messaging.push_by_id(pushed.id).sent, messaging.push_by_id(again.id).taken) == (1000, 0)
    assert any(link.scene in str(message["body"]) for message in phones[-1].received())
    for number, (phone, member) in enumerate(zip(phones[:5], ids[:5], strict=True)):
        browser = signed_in(Client(), member, openid=phone.openid())
        if number < 3:
            take(browser, campaign, link, f"push-{number}")
        else:
            browser.get(f"/c/{link.scene}/", follow=True)
    place.buy(2_000, ids[0])
    rolled = codes.counts([codes.scene(messaging.push_by_id(pushed.id).campaign_ref).id])[link.id]
    assert (rolled["scan"], rolled["claim"], rolled["redeem"]) == (5, 3, 1)


def followers(wechat: SandboxServer, count: int) -> list[Phone]:
    phones = [
        Phone(wechat, {"id": wechat.post("/_phone/api/users", name=f"粉丝{i}")["id"], "name": ""}) for i in range(count)
    ]
    for phone in phones:
        phone.follow()
    return phones


def readers(wechat: SandboxServer, phones: list[Phone]) -> list[int]:
    """Members of these phones, who follow and agreed to be written to."""
    openids = {user["id"]: user["openids"][wechat.appid] for user in wechat.get("/_phone/api/users")}
    made = []
    now = clock.now()
    with transaction():
        for phone in phones:
            openid = openids[phone.id]
            members.record_follow(openid=openid, appid=wechat.appid, followed=True, source="official_account", now=now)
            card = members.open_card(openid=openid, channel="official_account", now=now)
            members.give_consent(card.id, Purpose.MARKETING, wording="2026-11", now=now)
            made.append(card.id)
    return made
