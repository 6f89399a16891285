"""Who somebody is, how they came, what they agreed to, and who may see it."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.members import door
from shangquan.members.contracts import KEY_HELD, NO_CONSENT, KeyKind, MemberCard, Purpose
from shangquan.tenancy.actions.open_district import open_district

pytestmark = pytest.mark.usefixtures("district_id")

OWNER = scope.Actor(
    kind="staff", id=1, name="店主", rights=frozenset({"members.read", "members.read_phone", "members.export"})
)
PARTNER = scope.Actor(
    kind="staff", id=2, name="周", merchant_id=7, rights=frozenset({"members.read", "members.export"})
)


def enrol(now: datetime, n: int = 1, *, channel: str = "official_account", name: str = "林小雨") -> MemberCard:
    with transaction():
        return door.open_card(openid=f"oPerson-{n:05d}", phone=f"138{n:08d}", name=name, channel=channel, now=now)


def acting(actor: scope.Actor) -> object:
    return scope.scope(scope.district_id(), actor=actor)


@pytest.mark.feature("C7")
def test_follow_unfollow_and_follow_again_keep_three_events_with_first_and_latest_source(now: datetime) -> None:
    steps = [(True, "store_qr"), (False, ""), (True, "wifi")]
    for minute, (followed, source) in enumerate(steps):
        for _ in range(2):  # each callback comes twice
            with transaction():
                fan = door.record_follow(
                    openid="oLin-000001",
                    appid="wx1",
                    followed=followed,
                    source=source,
                    now=now + timedelta(minutes=minute),
                )
        assert fan.following is followed
    assert [(fact.followed, fact.source) for fact in door.fan_history(fan.id)] == steps
    assert (fan.first_source, fan.latest_source) == ("store_qr", "wifi")
    assert door.fan("oLin-000001") == fan and door.fan("oNobody-0001") is None
    assert door.openid_of_fan(fan.id) == "oLin-000001"
    assert fan.member_id is None
    card = enrol_as(now, "oLin-000001")
    found = door.fan("oLin-000001")
    assert found is not None and found.member_id == card.id
    assert [entry.what for entry in door.timeline(card.id)] == ["joined", "followed", "unfollowed", "followed"]


def enrol_as(now: datetime, openid: str) -> MemberCard:
    with transaction():
        return door.open_card(openid=openid, channel="official_account", now=now)


def test_the_application_cannot_rewrite_a_fans_history(now: datetime) -> None:
    from django.db import ProgrammingError

    with transaction():
        door.record_follow(openid="oLin-000001", appid="wx1", followed=True, source="wifi", now=now)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("update members_follow_event set source = 'x'")


def test_identifiers_of_one_member_resolve_to_one_id_and_a_stranger_to_none(now: datetime) -> None:
    card = enrol(now)
    given = {KeyKind.PLATE: "沪A·12345", KeyKind.DEVICE: "AA:BB:CC:00:11:22", KeyKind.FACE: "face-token-000001"}
    for kind, purpose in (
        (KeyKind.PLATE, Purpose.PLATE), (KeyKind.DEVICE, Purpose.LOCATION), (KeyKind.FACE, Purpose.FACE),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught, transaction():
            door.link_key(card.id, kind=kind, value=given[kind], now=now)
        assert caught.value.reason is NO_CONSENT
        with transaction():
            door.give_consent(card.id, purpose, wording="2026-11", now=now)
            door.link_key(card.id, kind=kind, value=given[kind], now=now)
    written = [
        ("plate", "沪a 12345"),
        ("device", "aabbcc001122"),
        ("face", "face-token-000001"),
        ("phone", "13800000001"),
    ]
    assert {door.by_key(kind, value) for kind, value in written} == {card}
    assert door.by_card(card.card_no_grouped) == door.by_openid("oPerson-00001") == card
    assert door.by_key("face", "face-token-000002") is None and door.by_key("plate", "沪A12346") is None
    assert door.by_card("880000000000") is None


def test_withdrawing_a_consent_forgets_what_stood_on_it(now: datetime) -> None:
    card = enrol(now)
    with transaction():
        door.give_consent(card.id, Purpose.FACE, wording="2026-11", now=now)
        door.link_key(card.id, kind=KeyKind.FACE, value="face-token-000001", now=now)
    with transaction():
        door.withdraw_consent(card.id, Purpose.FACE, now=now + timedelta(hours=1))
    assert door.by_key("face", "face-token-000001") is None and not door.has_consent(card.id, Purpose.FACE)
    [kept] = door.consents(card.id)
    assert kept.withdrawn_at == now + timedelta(hours=1)
    with transaction():
        door.give_consent(card.id, Purpose.FACE, wording="2027-01", now=now + timedelta(days=60))
    assert door.has_consent(card.id, Purpose.FACE) and len(door.consents(card.id)) == 2


def test_an_identity_of_somebody_else_is_refused(now: datetime) -> None:
    lin, chen = enrol(now, 1), enrol(now, 2)
    with pytest.raises(Refused) as caught, transaction():
        door.link_key(chen.id, kind=KeyKind.PHONE, value="13800000001", now=now)
    assert caught.value.reason is KEY_HELD
    assert door.by_key("phone", "13800000001") == lin


def test_a_link_can_be_taken_back(now: datetime) -> None:
    card = enrol(now)
    with transaction():
        door.unlink_key(card.id, kind=KeyKind.PHONE, value="13800000001")
    assert door.by_key("phone", "13800000001") is None and door.member(card.id).phone_masked == ""


@pytest.mark.feature("D13")
def test_a_partner_sees_exactly_those_who_bought_claimed_or_subscribed_there(now: datetime) -> None:
    cards = [enrol(now, n) for n in range(1, 7)]
    with transaction():
        for card, what in zip(cards, ("bought", "claimed", "subscribed"), strict=False):
            door.note_dealing(card.id, 7, what, now=now)
        door.note_dealing(cards[0].id, 7, "bought", now=now + timedelta(hours=1))
        door.note_dealing(cards[3].id, 8, "bought", now=now)
    with acting(OWNER):
        assert len(door.search()) == 6 and {card.id for card in door.search("", 8)} == {cards[3].id}
        with transaction():
            assert door.reveal_phone(cards[4].id) == "13800000005"
    with acting(PARTNER):
        seen = door.search()
        assert {card.id for card in seen} == {card.id for card in cards[:3]} == {card.id for card in door.search("", 7)}
        assert {card.phone_masked for card in seen} == {"138****0001", "138****0002", "138****0003"}
        assert door.search("13800000004") == []
        for attempt in (lambda: door.search("", 8), lambda: door.reveal_phone(cards[0].id)):
            with pytest.raises(Refused) as caught, transaction():
                attempt()
            assert caught.value.reason is FORBIDDEN
    [dealing] = door.dealings(cards[0].id)
    assert (dealing.bought, dealing.claimed, dealing.first_at) == (2, 0, now)
    assert dealing.last_at == now + timedelta(hours=1)
    line = AuditLine.rows().get(action="members.read_phone")
    assert line.subject_id == str(cards[4].id) and "13800000005" not in str(line.after)


@pytest.mark.parametrize(
    ("text", "found"), [("小雨", 2), ("13800000001", 1), ("0002", 1), ("9999", 0), ("138-0000-0002", 1), ("%", 0)]
)
def test_search_by_name_phone_or_last_digits(now: datetime, text: str, found: int) -> None:
    enrol(now, 1)
    enrol(now, 2)
    enrol(now, 3, name="陈")
    assert len(door.search(text)) == found


def test_search_by_card_number_and_in_one_query(now: datetime) -> None:
    cards = [enrol(now, n) for n in range(1, 12)]
    assert door.search(cards[4].card_no_grouped) == [cards[4]]
    with CaptureQueriesContext(connection) as made:
        first = door.search(limit=6)
        rest = door.search(limit=6, before=first[-1].id)
    assert len(made) == 2 and [card.id for card in first + rest] == [card.id for card in reversed(cards)]


@pytest.mark.feature("D14", "W7")
def test_15_of_100_new_members_came_by_the_mini_program(now: datetime) -> None:
    for n in range(100):
        enrol(now, n, channel="mini_program" if n < 15 else "official_account" if n < 70 else "pos")
    enrol(now - timedelta(days=40), 200, channel="mini_program")
    report = door.recruits(now - timedelta(days=30), now + timedelta(seconds=1))
    assert [(share.channel, share.members) for share in report] == [
        ("official_account", 55), ("pos", 30), ("mini_program", 15),
    ]  # fmt: skip
    assert report[-1].share_bp == 1500  # 15.0 %
    assert sum(share.share_bp for share in report) == 10_000


def test_no_new_members_make_an_empty_report(now: datetime) -> None:
    assert door.recruits(now, now + timedelta(days=1)) == ()


def test_the_owner_takes_all_members_out_and_a_second_district_sees_none(now: datetime) -> None:
    cards = [enrol(now, n, name="=1+1" if n == 1 else "林小雨") for n in range(1, 4)]
    with acting(OWNER), transaction():
        table = list(csv.DictReader(io.StringIO("".join(door.export_members("csv")).removeprefix("\ufeff"))))
        lines = [json.loads(line) for line in door.export_members("jsonl")]
    assert [int(row["id"]) for row in table] == [line["id"] for line in lines] == [card.id for card in cards]
    assert [line["phone"] for line in lines] == [f"1380000000{n}" for n in range(1, 4)]
    assert lines[0]["openid"] == "oPerson-00001" and table[0]["name"] == "'=1+1"
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other, actor=OWNER), transaction():
        assert list(door.export_members("jsonl")) == [] and door.search() == []
        assert door.by_key("phone", "13800000001") is None and door.by_card(cards[0].card_no) is None
        for ask in (door.member, door.export_member, door.timeline):
            with pytest.raises(Refused):
                ask(cards[0].id)


def test_a_partner_takes_out_its_own_dealings_with_masked_phones(now: datetime) -> None:
    card, _ = enrol(now, 1), enrol(now, 2)
    with transaction():
        door.note_dealing(card.id, 7, "bought", now=now)
    with acting(PARTNER), transaction():
        [line] = [json.loads(line) for line in door.export_members("jsonl")]
    assert (line["id"], line["phone"], line["openid"]) == (card.id, "138****0001", "")


def test_a_member_takes_out_everything_held_of_them(now: datetime) -> None:
    card = enrol(now)
    with transaction():
        door.record_follow(openid="oPerson-00001", appid="wx1", followed=True, source="wifi", now=now)
        door.give_consent(card.id, Purpose.MARKETING, wording="2026-11", now=now)
        door.note_dealing(card.id, 7, "bought", now=now)
    held = json.loads(json.dumps(door.export_member(card.id)))
    assert {each["kind"] for each in held["identities"]} == {"openid", "phone"} and held["phone"] == "13800000001"
    assert held["follows"][0]["source"] == "wifi" and held["consents"][0]["purpose"] == "marketing"
    assert held["dealings"][0]["merchant_id"] == 7


def test_a_tier_change_is_told_once(now: datetime) -> None:
    from shangquan.kernel.models import OutboxEvent

    card = enrol(now)
    for _ in range(2):
        with transaction():
            door.set_tier(card.id, "gold", now=now)
    assert door.member(card.id).tier == "gold"
    assert OutboxEvent.rows().filter(name="member_tier_changed").count() == 1
