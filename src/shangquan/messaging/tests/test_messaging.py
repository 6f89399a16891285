from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from shangquan.kernel import jobs, scope
from shangquan.kernel.errors import FORBIDDEN, Reason, Refused
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.scope import Actor
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.messaging import door, ports
from shangquan.messaging.contracts import (
    ANSWERED,
    BAD_MENU,
    BAD_NOTICE,
    CAPABILITY_OFF,
    PUSH_DECIDED,
    AccountKind,
    Article,
    Capability,
    Incoming,
    Reply,
    SceneFact,
    SendAnswer,
)
from shangquan.messaging.models import InMessage, MarketingDay, OutMessage

APPID = "wx5a9d0b0ca1000001"
LIN, YES, NO, GONE, SECRET = (f"o{name:_<27}" for name in ("Lin", "Yes", "No", "Gone", "Secret"))
ARTICLE = Article("秋日甜点季", "三家店联合", "/m/shelf/1")
OWNER = Actor("staff", 1, "运营", rights=frozenset({"push.send", "messages.manage", "messages.reply", "accounts.bind"}))
MERCHANT = Actor("staff", 2, "阿宁", merchant_id=7, rights=frozenset({"push.request"}))
CLAIM = {"coupon": "拿铁买一送一", "until": "2026-11-30", "store": "阿宁咖啡"}


class FakePlatform:
    """A platform that takes everything, unless a test says otherwise."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.template_answer = SendAnswer(True, outside_id="9001")
        self.custom_answer = SendAnswer(True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.menu: dict[str, Any] | None = None
        self.personal: dict[str, Any] = {}

    def send_text(self, appid: str, openid: str, text: str) -> SendAnswer:
        self.sent.append(("text", openid, text))
        return self.custom_answer

    def send_news(self, appid: str, openid: str, article: Article) -> SendAnswer:
        self.sent.append(("news", openid, article.title))
        return self.custom_answer

    def send_template(
        self, appid: str, openid: str, template_id: str, data: Mapping[str, str], url: str, key: str
    ) -> SendAnswer:
        self.sent.append(("template", openid, dict(data)))
        return self.template_answer

    def send_mass(self, appid: str, openids: Sequence[str], article: Article, key: str) -> SendAnswer:
        self.sent += [("mass", openid, article.title) for openid in openids]
        return self.custom_answer

    def templates(self, appid: str) -> dict[str, str]:
        return {"退款通知": "held"}

    def add_template(self, appid: str, library_id: str, keywords: Sequence[str]) -> str:
        return f"tpl-{library_id}"

    def publish_menu(self, appid: str, body: dict[str, Any]) -> None:
        self.menu = body

    def publish_personal_menu(self, appid: str, body: dict[str, Any], tag: str) -> str:
        self.personal[tag] = body
        return f"menu-{len(self.personal)}"

    def delete_personal_menu(self, appid: str, menu_id: str) -> None:
        self.personal["deleted"] = menu_id

    def tag_fans(self, appid: str, tag: str, openids: Sequence[str]) -> None:
        self.tags.append((tag, tuple(openids)))

    def create_qr(self, appid: str, scene: str, *, seconds: int | None = None) -> dict[str, str]:
        return {"ticket": scene, "url": "u", "picture": "p"}

    def user_info(self, appid: str, openid: str) -> dict[str, Any]:
        return {}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    fake = FakePlatform()
    monkeypatch.setattr(ports, "_account", [fake])
    facts = {
        "store-7": SceneFact("store_qr", 70, "阿宁咖啡", "/c/store-7"),
        "wifi-1": SceneFact("wifi", 71, "Wi-Fi", "/c/w"),
    }
    monkeypatch.setattr(ports, "_scene_reader", [facts.get])
    monkeypatch.setattr(ports, "_responders", {})
    return fake


@pytest.fixture(autouse=True)
def _ground(district_id: int, platform: FakePlatform) -> Iterator[None]:
    yield


@pytest.fixture
def service(now: datetime) -> None:
    bound(AccountKind.SERVICE, True, now)


def bound(kind: AccountKind, verified: bool, now: datetime) -> None:
    with transaction():
        door.bind_account(appid=APPID, name="栖梧里", kind=kind, verified=verified, now=now)


def refusal(work: Any) -> Refused:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value


def came(openid: str, now: datetime, *, event: str = "", text: str = "", key: str = "", **more: Any) -> Reply | None:
    kind = "event" if event else more.pop("kind", "text")
    outside_id = more.pop("outside_id", f"{openid}{now.timestamp()}{event}{text}{key}{more.get('scene', '')}")
    message = Incoming(
        appid=APPID,
        openid=openid,
        outside_id=outside_id,
        kind=kind,
        sent_at=now,
        text=text,
        event=event,
        key=key,
        **more,
    )
    with transaction():
        return door.receive(message, now=now)


def fan_and_member(now: datetime, openid: str = LIN, *, agreed: bool = True) -> int:
    came(openid, now - timedelta(days=3), event="subscribe")
    with transaction():
        card = members.open_card(openid=openid, name=openid[:4], channel="official_account", now=now)
        if agreed:
            members.give_consent(card.id, Purpose.MARKETING, wording="marketing-1", now=now)
    return card.id


def noticed(key: str, now: datetime, member_id: int, kind: str = "coupon_claimed", **data: str) -> OutMessage:
    with transaction():
        card = door.notify(kind=kind, data=data or CLAIM, key=key, member_id=member_id, url="/m/coupons", now=now)
    jobs.drain()
    return OutMessage.rows().get(id=card.id)


# -- accounts and what they may --------------------------------------------------------------------------------------


@pytest.mark.feature("C1")
def test_functions_are_greyed_with_a_reason_until_the_account_may(now: datetime) -> None:
    assert not door.scenario("auto_reply").on and "绑定" in door.scenario("auto_reply").missing[0].reason_zh
    bound(AccountKind.SUBSCRIPTION, False, now)
    assert door.scenario("auto_reply").on
    assert "认证" in door.scenario("menu").missing[0].reason_zh
    bound(AccountKind.SUBSCRIPTION, True, now)
    assert door.scenario("menu").on
    missing = {card.name: card.reason_zh for card in door.scenario("page_pay").missing}
    assert set(missing) == {Capability.OAUTH, Capability.PAY} and "服务号" in missing[Capability.PAY]
    assert not door.capability("template")
    bound(AccountKind.SERVICE, True, now)
    assert all(scenario.on for scenario in door.scenarios()) and door.account().kind is AccountKind.SERVICE


@pytest.mark.feature("Y5")
def test_a_capability_switched_off_degrades_with_a_message(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    door.set_up_templates()
    member_id = fan_and_member(now)
    with transaction():
        door.switch_capability(appid=APPID, capability=Capability.TEMPLATE, on=False)
        door.switch_capability(appid=APPID, capability=Capability.QRCODE, on=False)
    no = refusal(lambda: door.require_capability(Capability.QRCODE))
    assert no.reason is CAPABILITY_OFF and "关掉" in no.zh and "{" not in no.en
    came(LIN, datetime.now(UTC), text="在吗")
    row = noticed("a", now, member_id)
    assert (row.state, row.via) == ("sent", "custom"), "the notice takes the other way"
    assert "拿铁买一送一" in platform.sent[0][2] and {s.name for s in door.scenarios() if not s.on} == {
        "notices", "follow_code",
    }  # fmt: skip
    with transaction():
        door.switch_capability(appid=APPID, capability=Capability.TEMPLATE, on=True)
    assert noticed("b", now, member_id).via == "template"


# -- fans' messages --------------------------------------------------------------------------------------------------


@pytest.mark.feature("C3")
def test_a_keyword_is_answered_and_the_rest_waits_for_a_person_with_the_fans_profile(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    member_id = fan_and_member(now)
    with transaction():
        door.save_reply_rule(keyword="停车", reply=Reply(text="停车两小时免费"))
        door.save_reply_rule(keyword="停车场", reply=Reply(article=ARTICLE), match="exact")
        door.save_reply_rule(keyword="@away", reply=Reply(text="客服很快就来"))
    assert came(LIN, now, text="　停车 怎么收费 ") == Reply(text="停车两小时免费")
    assert came(LIN, now, text="停车场") == Reply(article=ARTICLE)
    real_now = datetime.now(UTC)
    assert came(LIN, real_now, text="蛋糕能定做吗") == Reply(text="客服很快就来")
    waiting = door.service_inbox()
    assert [(card.text, card.member_id) for card in waiting] == [("蛋糕能定做吗", member_id)]
    with transaction():
        door.answer(message_id=waiting[0].id, text="可以的，提前一天", now=real_now)
    jobs.drain()
    assert platform.sent == [("text", LIN, "可以的，提前一天")] and door.service_inbox() == []
    assert refusal(lambda: door.answer(message_id=waiting[0].id, text="又一次", now=now)).reason is ANSWERED


def test_a_message_delivered_three_times_is_kept_and_answered_once(now: datetime, service: None) -> None:
    with transaction():
        door.save_reply_rule(keyword="停车", reply=Reply(text="两小时免费"))
    answers = [came(LIN, now, text="停车", outside_id="m1") for _ in range(3)]
    assert answers == [Reply(text="两小时免费")] * 3 and InMessage.rows().count() == 1
    assert came(LIN, now, text="停车") is not None and InMessage.rows().count() == 2


def test_a_menu_key_gets_its_own_answer_only(now: datetime, service: None) -> None:
    with transaction():
        door.save_reply_rule(keyword="today", reply=Reply(text="今日活动"))
    assert came(LIN, now, event="CLICK", key="today") == Reply(text="今日活动")
    assert came(LIN, now, event="CLICK", key="today2") is None and door.service_inbox() == []


@pytest.mark.feature("C7")
def test_follow_by_a_store_code_leave_and_follow_by_wifi_is_a_history_of_three(now: datetime, service: None) -> None:
    minute = timedelta(minutes=1)
    greeting = came(LIN, now, event="subscribe", scene="store-7")
    assert greeting is not None and greeting.article is not None and greeting.article.title == "阿宁咖啡"
    came(LIN, now, event="subscribe", scene="store-7")  # the platform delivers it again
    assert came(LIN, now + minute, event="unsubscribe") is None
    came(LIN, now + 2 * minute, event="subscribe", scene="wifi-1")
    fan = members.fan(LIN)
    assert fan is not None and (fan.first_source, fan.latest_source) == ("store_qr", "wifi")
    assert [(f.followed, f.source) for f in members.fan_history(fan.id)] == [
        (True, "store_qr"), (False, ""), (True, "wifi"),
    ]  # fmt: skip
    assert OutboxEvent.rows().filter(name="scene_entered").count() == 2


def test_the_openid_is_not_readable_in_the_tables(now: datetime, service: None) -> None:
    came(SECRET, now, text="hello")
    with connection.cursor() as cursor:
        cursor.execute("select m::text from messaging_in m union all select o.payload::text from kernel_outbox o")
        assert all(SECRET not in row for (row,) in cursor.fetchall())


# -- menus -----------------------------------------------------------------------------------------------------------

MENU = {
    "button": [
        {"name": "逛街", "type": "view", "url": "https://mall.example/m/street"},
        {"name": "会员", "sub_button": [{"name": "会员码", "type": "click", "key": "code"}]},
        {"name": "服务", "type": "click", "key": "service"},
    ]
}


@pytest.mark.feature("C2")
def test_a_menu_is_published_as_it_is_and_drivers_get_their_own(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    driver = {"button": [{"name": "停车缴费", "type": "view", "url": "https://mall.example/m/parking"}]}
    with transaction():
        door.save_menu(body=MENU, now=now)
        door.save_menu(body=driver, tag="driver", now=now)
    assert all(card.published_at is None for card in door.menus())
    door.publish_menu(now=now)
    assert platform.menu == MENU and platform.personal == {"driver": driver}
    door.publish_menu(now=now)
    assert platform.personal["deleted"] == "menu-1", "the one before goes, so that drivers have one menu"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"button": []},
        {"button": [{"name": "a", "type": "click", "key": "k"}] * 4},
        {"button": [{"name": "六个字太长了啊", "type": "click", "key": "k"}]},
        {"button": [{"name": "a", "type": "click"}]},
        {"button": [{"name": "a", "type": "view", "url": "javascript:alert(1)"}]},
        {"button": [{"name": "a", "type": "dance"}]},
        {"button": [{"name": "a", "sub_button": [{"name": "b", "type": "click", "key": "k"}] * 6}]},
    ],
)
def test_a_menu_that_the_platform_would_refuse_is_refused_first(
    now: datetime, service: None, body: dict[str, Any]
) -> None:
    assert refusal(lambda: door.save_menu(body=body, now=now)).reason is BAD_MENU and door.menus() == []


def test_an_account_that_may_not_publish_says_why(now: datetime) -> None:
    bound(AccountKind.SUBSCRIPTION, False, now)
    with transaction():
        door.save_menu(body=MENU, now=now)
    with pytest.raises(Refused) as caught:
        door.publish_menu(now=now)
    assert caught.value.reason is CAPABILITY_OFF and "认证" in caught.value.zh


# -- notices ---------------------------------------------------------------------------------------------------------


def test_templates_are_taken_from_the_account_or_the_library(service: None) -> None:
    assert len(door.set_up_templates()) == 8 and door.set_up_templates() == []


def test_a_notice_is_sent_once_for_its_key(now: datetime, service: None, platform: FakePlatform) -> None:
    door.set_up_templates()
    member_id = fan_and_member(now)
    first, again = noticed("claim:1", now, member_id), noticed("claim:1", now, member_id)
    assert first.id == again.id and len(platform.sent) == 1
    way, openid, data = platform.sent[0]
    assert (way, openid, first.state, first.via) == ("template", LIN, "sent", "template")
    assert data == {"thing1": "拿铁买一送一", "time2": "2026-11-30", "thing3": "阿宁咖啡"}
    came(LIN, now, event="TEMPLATESENDJOBFINISH", key="9001", details={"Status": "success"})
    assert door.messages_of(member_id)[0].state == "arrived"


def test_a_notice_without_its_values_is_refused(now: datetime, service: None) -> None:
    member_id = fan_and_member(now)
    no = refusal(lambda: door.notify(kind="refund", data={"amount": "1"}, key="k", member_id=member_id, now=now))
    assert no.reason is BAD_NOTICE and OutMessage.rows().count() == 0


def test_values_are_cut_to_what_the_field_takes(now: datetime, service: None, platform: FakePlatform) -> None:
    door.set_up_templates()
    noticed("k", now, fan_and_member(now), coupon="长" * 30, until="2026", store="店")
    assert len(platform.sent[0][2]["thing1"]) == 20


def test_with_no_way_left_the_notice_fails_openly_and_stays_in_the_members_inbox(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    member_id = fan_and_member(now)  # no template, nothing said for three days
    row = noticed("k", now, member_id)
    assert (row.state, row.code, platform.sent) == ("failed", "window_closed", [])
    assert [card.title for card in door.messages_of(member_id)] == ["优惠券到账提醒"]


def test_what_the_platform_could_not_take_now_is_tried_again(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    from shangquan.messaging.actions.send import TryAgain, send

    door.set_up_templates()
    platform.template_answer = SendAnswer(False, code="-1", again=True)
    with pytest.raises(TryAgain):
        noticed("k", now, fan_and_member(now))
    row = OutMessage.rows().get()
    assert (row.state, row.tries) == ("waiting", 1)
    platform.template_answer = SendAnswer(True, outside_id="1")
    send(message_id=row.id, now=now)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("sent", 2)


def test_a_member_without_an_openid_is_skipped(now: datetime, service: None, platform: FakePlatform) -> None:
    with transaction():
        card = members.open_card(phone="13800001234", name="老周", channel="pos", now=now)
    row = noticed("k", now, card.id)
    assert (row.state, row.code, platform.sent) == ("skipped", "no_openid", [])


# -- pushes ----------------------------------------------------------------------------------------------------------


def pushed(ids: list[int], now: datetime, *, title: str = "秋日甜点季", priority: int = 0) -> int:
    with scope.scope(scope.district_id(), actor=OWNER), transaction():
        return door.push(
            member_ids=ids, article=Article(title, "", "/m/a"), campaign_ref=title, priority=priority, now=now
        ).id


@pytest.mark.feature("C10", "U12")
def test_a_push_and_then_a_queue_call_both_arrive_and_a_second_push_does_not(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    door.set_up_templates()
    member_id = fan_and_member(now)
    came(LIN, datetime.now(UTC), text="在吗")  # opens the window of the platform
    first = pushed([member_id], now)
    jobs.drain()
    noticed("queue:1", now, member_id, kind="queue_called", store="椒香", number="A12", ahead="0")
    second = pushed([member_id], now, title="再来一条", priority=9)
    jobs.drain()
    assert [way for way, _, _ in platform.sent] == ["news", "template"]
    assert (door.push_by_id(first).sent, door.push_by_id(second).taken) == (1, 0)


@pytest.mark.feature("U12")
def test_three_campaigns_of_one_day_leave_the_most_important_and_the_day_ends_at_the_districts_midnight(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    ids = [fan_and_member(now, f"oFan{n:024}") for n in range(3)]
    for n in range(3):
        came(f"oFan{n:024}", datetime.now(UTC), text="在吗")
    for title, priority in (("普通", 1), ("要紧", 5), ("次要", 3)):
        pushed(ids, now, title=title, priority=priority)
    jobs.drain()
    assert [title for _, _, title in platform.sent] == ["要紧"] * 3
    late = now.replace(hour=15, minute=59)  # 23:59 in Shanghai
    pushed(ids, late, title="太晚", priority=9)
    assert not MarketingDay.rows().exclude(push__campaign_ref="要紧").exists()
    pushed(ids, late + timedelta(minutes=2), title="明天")
    jobs.drain()
    assert len(platform.sent) == 6


def test_only_who_agreed_and_follows_gets_a_push(now: datetime, service: None, platform: FakePlatform) -> None:
    agreed, silent = fan_and_member(now, YES), fan_and_member(now, NO, agreed=False)
    gone = fan_and_member(now, GONE)
    for openid in (YES, NO, GONE):
        came(openid, datetime.now(UTC), text="在吗")
    came(GONE, datetime.now(UTC), event="unsubscribe")
    pushed([agreed, silent, gone], now)
    jobs.drain()
    assert platform.sent == [("news", YES, "秋日甜点季")]
    assert OutMessage.rows().get(member_id=gone, is_marketing=True).code == "not_following"


def test_a_push_that_could_not_be_delivered_leaves_the_day_to_another(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    from shangquan.messaging.jobs import send_mass

    member_id = fan_and_member(now)
    first = pushed([member_id], now)
    jobs.drain()
    assert platform.sent == [], "nobody may be written to alone outside the window"
    send_mass(push_id=first, last=True)
    assert MarketingDay.rows().get().state == "failed"
    came(LIN, datetime.now(UTC), text="在吗")
    pushed([member_id], now, title="第二次")
    jobs.drain()
    assert platform.sent == [("news", LIN, "第二次")] and MarketingDay.rows().count() == 1


def test_whom_no_window_reaches_gets_the_push_by_one_mass_message(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    ids = [fan_and_member(now, f"oFan{n:024}") for n in range(4)]
    came(f"oFan{0:024}", datetime.now(UTC), text="在吗")
    push_id = pushed(ids, now)
    jobs.drain()
    assert sorted(way for way, _, _ in platform.sent) == ["mass", "mass", "mass", "news"]
    assert len({openid for _, openid, _ in platform.sent}) == 4 and door.push_by_id(push_id).sent == 4
    pushed(ids, now, title="第二次")
    jobs.drain()
    assert len(platform.sent) == 4


@pytest.mark.feature("C6")
def test_a_merchant_asks_and_the_owner_sends_in_the_owners_name(
    now: datetime, service: None, platform: FakePlatform
) -> None:
    member_id = fan_and_member(now)
    came(LIN, datetime.now(UTC), text="在吗")
    district = scope.district_id()

    def reason(work: Any) -> Reason:
        return refusal(work).reason

    with scope.scope(district, actor=MERCHANT):
        assert reason(lambda: door.push(member_ids=[member_id], article=ARTICLE, now=now)) is FORBIDDEN
        other = refusal(lambda: door.request_push(merchant_id=8, member_ids=[member_id], article=ARTICLE, now=now))
        assert other.reason is FORBIDDEN
        with transaction():
            asked = door.request_push(merchant_id=7, member_ids=[member_id], article=ARTICLE, now=now)
        assert reason(lambda: door.decide_push(push_id=asked.id, approve=True, now=now)) is FORBIDDEN
    jobs.drain()
    assert asked.state == "requested" and platform.sent == []
    with scope.scope(district, actor=OWNER):
        with transaction():
            door.decide_push(push_id=asked.id, approve=True, now=now)
        assert reason(lambda: door.decide_push(push_id=asked.id, approve=False, now=now)) is PUSH_DECIDED
    jobs.drain()
    assert platform.sent == [("news", LIN, ARTICLE.title)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("U12")
def test_ten_senders_at_once_give_each_member_one(
    now: datetime, district_id: int, service: None, platform: FakePlatform
) -> None:
    ids = [fan_and_member(now, f"oFan{n:024}") for n in range(12)]
    for n in range(12):
        came(f"oFan{n:024}", datetime.now(UTC), text="在吗")
    wrong: list[Exception] = []

    def sender(n: int) -> None:
        with scope.scope(district_id):
            try:
                pushed(ids if n % 2 else ids[::-1], now, title=f"活动{n % 3}", priority=n % 3)
            except Exception as error:
                wrong.append(error)
            finally:
                connection.close()

    threads = [Thread(target=sender, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.drain()
    assert wrong == []
    assert sorted(openid for _, openid, _ in platform.sent) == sorted(f"oFan{n:024}" for n in range(12))
    assert {title for _, _, title in platform.sent} == {"活动2"}, "the most important of the three"
