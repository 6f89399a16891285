"""The dynamic code: once within its life, never after, never forged."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from shangquan.codes import door, member_codes
from shangquan.codes.contracts import EXPIRED, REPLAYED, UNKNOWN_CODE, MemberCode
from shangquan.codes.models import MemberCodeUse
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.members.contracts import KeyKind, MemberCard, Purpose
from shangquan.tenancy.actions.open_district import open_district


def enrol(now: datetime, openid: str = "oLin-000001", phone: str = "13800138000") -> MemberCard:
    with transaction():
        return members.open_card(openid=openid, phone=phone, channel="official_account", now=now)


def verify(digits: str, now: datetime, by: str = "山岚茶事") -> int:
    with transaction():
        return door.verify_member_code(digits, now=now, by=by)


def refusal(digits: str, now: datetime) -> Refused:
    with pytest.raises(Refused) as caught:
        verify(digits, now)
    return caught.value


@pytest.mark.feature("E5")
def test_a_dynamic_code_is_accepted_once_and_refused_when_replayed_or_expired(district_id: int, now: datetime) -> None:
    card = enrol(now)
    code = door.member_code(card.id, now=now)
    assert len(code.digits) == 18 and code.digits.isdigit() and code.digits.startswith("88")
    assert verify(code.digits, now + timedelta(seconds=20)) == card.id

    replayed = refusal(code.digits, now + timedelta(seconds=40))
    assert replayed.reason is REPLAYED and replayed.reason.code == "Q-4091"
    assert replayed.data == {"used_at": "18:24:20", "used_by": "山岚茶事"}  # on the district's clock
    assert "18:24:20" in replayed.zh and "山岚茶事" in replayed.zh

    later = door.member_code(card.id, now=now + timedelta(minutes=1))
    expired = refusal(later.digits, now + timedelta(minutes=4))
    assert expired.reason is EXPIRED and expired.reason.code == "Q-4101"
    assert MemberCodeUse.rows().count() == 1


def test_a_phone_without_network_shows_codes_signed_ahead_each_in_its_minute(district_id: int, now: datetime) -> None:
    card = enrol(now)
    code = door.member_code(card.id, now=now)
    assert len(code.ahead) == 5 and code.valid_until == now + timedelta(minutes=1)
    for minute, ahead in enumerate(code.ahead, start=1):
        assert ahead.valid_from == now + timedelta(minutes=minute)
        assert verify(ahead.digits, ahead.valid_from + timedelta(seconds=30)) == card.id
    assert len({code.digits, *(each.digits for each in code.ahead)}) == 6


def test_a_code_of_the_future_is_not_accepted_yet(district_id: int, now: datetime) -> None:
    code = door.member_code(enrol(now).id, now=now)
    assert refusal(code.ahead[3].digits, now).reason is EXPIRED


def test_a_clock_may_be_a_minute_off(district_id: int, now: datetime) -> None:
    card = enrol(now)
    assert verify(door.member_code(card.id, now=now).digits, now - timedelta(seconds=30)) == card.id
    late = door.member_code(card.id, now=now + timedelta(hours=1))
    assert verify(late.digits, now + timedelta(hours=1, seconds=100)) == card.id


def test_every_changed_digit_is_refused(district_id: int, now: datetime) -> None:
    digits = door.member_code(enrol(now).id, now=now).digits
    for place in range(2, 18):
        wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert refusal(wrong, now).reason is UNKNOWN_CODE
    for text in ("", "88", "abc", digits[:-1], digits + "0", "1" + digits[1:], "８" + digits[1:]):
        assert refusal(text, now).reason is UNKNOWN_CODE
    assert MemberCodeUse.rows().count() == 0


def test_a_code_of_another_district_is_not_known_here(district_id: int, now: datetime) -> None:
    digits = door.member_code(enrol(now).id, now=now).digits
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other):
        assert refusal(digits, now).reason is UNKNOWN_CODE


def test_random_digits_are_never_taken_for_somebody(district_id: int, now: datetime) -> None:
    card = enrol(now)
    step = member_codes.step_of(now)
    codes = {member_codes.write(district_id=district_id, member_id=card.id, step=step, turn=turn) for turn in range(10)}
    hits = 0
    for number in range(4_000):
        read = member_codes.read(f"88{number * 499_999_999_937 % 10**16:016d}", district_id=district_id, now=now)
        hits += read is not None and read.late == 0
    assert len(codes) == 10 and hits == 0


@given(st.integers(0, 10**16 - 1))
def test_the_permutation_goes_back_to_where_it_came_from(number: int) -> None:
    there = member_codes._permute(number)
    assert 0 <= there < 10**16 and member_codes._unpermute(there) == number


@given(st.integers(1, 10**8 - 1), st.integers(0, 9), st.integers(-1, 1))
def test_what_is_written_is_read(member_id: int, turn: int, off: int) -> None:
    at = member_codes.start_of(29_500_000)
    digits = member_codes.write(district_id=1, member_id=member_id, step=29_500_000 + off, turn=turn)
    assert len(digits) == 18 and not 10 <= int(digits[:2]) <= 15 and not 25 <= int(digits[:2]) <= 30
    assert member_codes.read(digits, district_id=1, now=at) == member_codes.Read(
        member_id, 29_500_000 + off, turn, late=0
    )


@pytest.mark.django_db(transaction=True)
def test_two_tills_that_scan_the_same_code_at_once_get_one_yes(now: datetime) -> None:
    with transaction():
        district_id = open_district(slug="race", name="竞态", now=now)
    with scope.scope(district_id):
        code: MemberCode = door.member_code(enrol(now).id, now=now)
    start = Barrier(8)

    def till(n: int) -> str:
        try:
            with scope.scope(district_id):
                start.wait()
                try:
                    verify(code.digits, now, by=f"收银台{n}")
                except Refused as refused:
                    return refused.reason.code
                return "ok"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(till, range(8)))
    assert sorted(answers) == ["Q-4091"] * 7 + ["ok"]


@pytest.mark.feature("D15")
def test_code_face_plate_phone_and_device_lead_to_one_member_and_an_unknown_face_to_none(
    district_id: int, now: datetime
) -> None:
    card = enrol(now)
    enrol(now, "oChen-00001", "13900139000")
    links = [
        (KeyKind.PLATE, "沪A12345", Purpose.PLATE),
        (KeyKind.DEVICE, "aa:bb:cc:00:11:22", Purpose.LOCATION),
        (KeyKind.FACE, "face-token-000001", Purpose.FACE),
    ]
    with transaction():
        for kind, value, purpose in links:
            members.give_consent(card.id, purpose, wording="2026-11", now=now)
            members.link_key(card.id, kind=kind, value=value, now=now)
    found = [members.by_key(kind, value) for kind, value, _ in links] + [members.by_key("phone", "13800138000")]
    resolved = door.resolve(door.member_code(card.id, now=now).digits, now=now)
    assert [each.id for each in found if each] + [resolved.subject_id] == [card.id] * 5
    assert members.by_key("face", "face-token-999999") is None


def test_the_documented_example_is_what_the_code_makes(settings: Any) -> None:
    page = (Path(__file__).parents[4] / "docs/algorithms/member-code.md").read_text()
    found = re.search(r"district (\d+), member (\d+), minute ([\d ]+) \(.*?\), turn (\d) is\s+`(\d{18})`", page)
    assert found, "the example is missing from the page"
    district_id, member_id, step, turn = (int(part.replace(" ", "")) for part in found.groups()[:4])
    settings.PERSONAL_DATA_KEY = "example"
    assert member_codes.write(district_id=district_id, member_id=member_id, step=step, turn=turn) == found[5]
