from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shangquan.codes import door as codes
from shangquan.coupons import door
from shangquan.coupons.contracts import Caps, Source
from shangquan.coupons.tests.story import Make, ask, claimed
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")


@pytest.mark.feature("F5")
def test_three_codes_open_one_shelf_and_are_counted_apart(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=100))
    with transaction():
        shelf = door.open_shelf(
            door.make_shelf(title="周末亲子季", deadline=now + timedelta(days=1), now=now).id, now=now
        )
        door.decide_enrolment(door.enrol(shelf.id, campaign.id, now=now).id, accepted=True, now=now)
        ways = [(Source.SHELF, "1F 立牌"), (Source.SHAKE, "2F 摇一摇"), (Source.STREET_VIEW, "街景入口")]
        scenes = [codes.make_scene(way.value, "shelf", shelf.id, place, now=now) for way, place in ways]
    (sheet,) = codes.export_sheet([scene.id for scene in scenes])
    assert all(place in sheet for _, place in ways) and len({scene.url for scene in scenes}) == 3
    member = 0
    for (way, _), scene, claims in zip(ways, scenes, (3, 2, 1), strict=True):
        opened = codes.resolve(scene.url, now=now)
        assert (opened.kind, opened.subject_kind, opened.subject_id) == ("scene", "shelf", shelf.id)
        assert opened.actions == ("open", "claim") and opened.title == "周末亲子季"
        for _ in range(claims):
            member += 1
            with transaction():
                door.claim([replace(ask(campaign.id, member, source=way), source_code_id=scene.id)], now=now)
    figures = door.figures(campaign.id, now)
    assert {int(one.key): one.claimed for one in figures.by_code} == {
        scene.id: claims for scene, claims in zip(scenes, (3, 2, 1), strict=True)
    }
    with transaction():
        door.close_shelf(shelf.id, now=now)
    closed = codes.resolve(scenes[0].url, now=now)
    assert (closed.state, closed.actions) == ("ended", ("result",))


def test_a_coupons_code_resolves_and_a_dead_one_offers_nothing(make: Make, now: datetime) -> None:
    piece_id = claimed(now, make(), 7)
    code = door.piece(piece_id).code
    for text in (code, code.lower(), f"{code[:4]} {code[4:8]} {code[8:]}"):
        found = codes.resolve(text, now=now)
        assert (found.kind, found.subject_id, found.actions) == ("coupon", piece_id, ("redeem",))
    assert codes.resolve(code, now=now + timedelta(days=8)).state == "expired"
    with transaction():
        door.give(piece_id, giver_id=7, now=now)
    given = codes.resolve(code, now=now)
    assert (given.kind, given.state, given.actions) == ("coupon", "giving", ())
    assert codes.resolve("ABCDEFGHJKMN", now=now).kind == "unknown"
