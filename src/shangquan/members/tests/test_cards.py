"""One tap, one card: however often and however parallel."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from time import perf_counter

import pytest
from django.db import connection

from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import AuditLine, OutboxEvent
from shangquan.kernel.transactions import transaction
from shangquan.members import door, rules
from shangquan.members.contracts import KEY_HELD, NOTHING_GIVEN, MemberCard
from shangquan.members.models import Member, Person
from shangquan.tenancy.actions.open_district import open_district


def tap(now: datetime, **given: str) -> MemberCard:
    with transaction():
        return door.open_card(channel="official_account", now=now, **given)


@pytest.mark.feature("D1")
def test_one_tap_opens_a_card_and_the_next_answers_the_same(district_id: int, now: datetime) -> None:
    began = perf_counter()
    first = tap(now, openid="oLin-000001", name="林小雨")
    assert perf_counter() - began < 2
    assert rules.is_card_number(first.card_no) and first.tier == "basic" and first.channel == "official_account"
    assert tap(now + timedelta(days=1), openid="oLin-000001") == first
    assert Member.rows().count() == 1
    assert [fact.payload["member_id"] for fact in OutboxEvent.rows().filter(name="card_opened")] == [first.id]


@pytest.mark.feature("D1")
@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_taps_open_one_card(now: datetime) -> None:
    with transaction():
        district_id = open_district(slug="taps", name="并发", now=now)
    start = Barrier(50)

    def run(_: int) -> MemberCard:
        try:
            with scope.scope(district_id):
                start.wait()
                return tap(now, openid="oLin-000001", phone="13800138000")
        finally:
            connection.close()

    began = perf_counter()
    with ThreadPoolExecutor(50) as pool:
        cards = list(pool.map(run, range(50)))
    assert perf_counter() - began < 20
    assert len(set(cards)) == 1
    with scope.scope(district_id):
        assert Member.rows().count() == Person.objects.count() == 1
        assert OutboxEvent.rows().filter(name="card_opened").count() == 1


def test_a_phone_given_later_is_added_to_the_same_card(district_id: int, now: datetime) -> None:
    first = tap(now, openid="oLin-000001")
    both = tap(now, openid="oLin-000001", phone="+86 138-0013-8000")
    assert both.id == first.id and both.phone_masked == "138****8000"
    assert tap(now, phone="13800138000") == both


def test_a_card_opened_at_the_till_by_phone_is_found_again_in_wechat(district_id: int, now: datetime) -> None:
    at_till = tap(now, phone="13800138000")
    assert tap(now, phone="13800138000", openid="oLin-000001").id == at_till.id
    assert door.by_openid("oLin-000001") == door.member(at_till.id)
    assert door.openid_of(at_till.id) == "oLin-000001"


def test_identities_of_two_members_are_refused_and_change_nothing(district_id: int, now: datetime) -> None:
    lin, chen = tap(now, openid="oLin-000001"), tap(now, phone="13900139000")
    with pytest.raises(Refused) as caught:
        tap(now, openid="oLin-000001", phone="13900139000")
    assert caught.value.reason is KEY_HELD
    assert (door.member(lin.id), door.member(chen.id)) == (lin, chen)


def test_a_card_needs_an_identity(district_id: int, now: datetime) -> None:
    with pytest.raises(Refused) as caught:
        tap(now, name="林小雨")
    assert caught.value.reason is NOTHING_GIVEN


@pytest.mark.parametrize("phone", ["1380013800", "abc", "23800138000", "138001380001"])
def test_a_badly_written_phone_is_refused(district_id: int, now: datetime, phone: str) -> None:
    with pytest.raises(Refused) as caught:
        tap(now, phone=phone)
    assert caught.value.reason.code == "M-4001" and Member.rows().count() == 0


def test_a_taken_card_number_is_drawn_again(district_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    cards = {tap(now, openid="oLin-000001").card_no, tap(now, openid="oChen-00001").card_no}
    assert cards == {rules.card_number(7), rules.card_number(8)}


def test_one_person_has_a_card_in_each_district_and_neither_sees_the_other(district_id: int, now: datetime) -> None:
    here = tap(now, openid="oLin-000001", phone="13800138000")
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other):
        assert door.by_key("phone", "13800138000") is None and door.members([here.id]) == []
        there = tap(now, phone="13800138000")
        assert there.id != here.id and Person.objects.count() == 1
        assert door.by_openid("oLin-000001") is None  # the openid was given to the first district only
        assert door.openid_of(there.id) is None
    assert door.by_openid("oLin-000001") == here


def test_no_event_and_no_audit_line_holds_personal_data(district_id: int, now: datetime) -> None:
    card = tap(now, openid="oLin-000001", phone="13800138000", name="林小雨")
    with transaction():
        door.record_follow(openid="oLin-000001", appid="wx1", followed=True, source="wifi", now=now)
        door.set_tier(card.id, "gold", now=now)
    written = [str(fact.payload) for fact in OutboxEvent.rows()]
    written += [f"{line.before}{line.after}{line.subject_id}" for line in AuditLine.rows()]
    assert len(written) > 3
    for secret in ("oLin-000001", "13800138000", "林小雨"):
        assert not any(secret in text for text in written)


def test_what_is_stored_does_not_show_the_phone(district_id: int, now: datetime) -> None:
    tap(now, openid="oLin-000001", phone="13800138000")
    with connection.cursor() as cursor:
        cursor.execute("select k::text, encode(sealed, 'escape') from members_person_key k")
        rows = cursor.fetchall()
    assert len(rows) == 2
    for text in (part for row in rows for part in row):
        assert "13800138000" not in text and "oLin-000001" not in text
