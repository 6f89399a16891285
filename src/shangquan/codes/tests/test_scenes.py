"""Codes with parameters: counted apart and exactly, leading to the right page with its context."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import perf_counter
from xml.etree import ElementTree as Tree

import pytest
from django.db import connection
from django.test import Client

from shangquan.codes import door, registry
from shangquan.codes.contracts import Scan, SceneCard, SubjectState
from shangquan.codes.models import ScanEvent
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")


@pytest.fixture
def registered() -> Iterator[None]:
    """The registries as they are, given back after."""
    kept = [dict(each) for each in (registry.resolvers, registry.subjects, registry.destinations)]
    yield
    for each, before in zip((registry.resolvers, registry.subjects, registry.destinations), kept, strict=True):
        each.clear()
        each.update(before)


def make(now: datetime, source: str = "poster", kind: str = "shelf", subject: int = 1, place: str = "") -> SceneCard:
    with transaction():
        return door.make_scene(source, kind, subject, place, now=now)


def happen(scene: SceneCard, what: str, times: int, now: datetime) -> None:
    with transaction():
        for n in range(times):
            door.record_scan(scene.id, f"oVisitor-{n:04d}", what, now=now)


@pytest.mark.feature("E3")
def test_two_posters_of_one_shelf_are_counted_apart(now: datetime) -> None:
    north, south = make(now, place="北门"), make(now, place="南门")
    assert north.scene != south.scene and make(now, place="北门") == north
    for scene, figures in ((north, (9, 4, 3, 2)), (south, (5, 1, 1, 0))):
        for what, times in zip(("scan", "follow", "claim", "redeem"), figures, strict=True):
            happen(scene, what, times, now)
    counted = door.counts([north.id, south.id])
    assert counted[north.id] == {"scan": 9, "follow": 4, "claim": 3, "redeem": 2}
    assert counted[south.id] == {"scan": 5, "follow": 1, "claim": 1}


@pytest.mark.feature("E4")
def test_fifty_thousand_scans_none_lost_counters_exact(now: datetime) -> None:
    scenes = [make(now, place=str(n)) for n in range(5)]
    words = ("scan", "scan", "scan", "follow", "claim")
    events = [
        Scan(
            scene_id=scenes[n % 5].id, what=words[n // 5 % 5], at=now + timedelta(milliseconds=72 * n),
            openid=f"oVisitor-{n % 9000:05d}", key=f"push-{n}",
        )
        for n in range(50_000)
    ]  # fmt: skip
    began = perf_counter()
    for first in range(0, len(events), 5000):
        with transaction():
            assert door.record_scans(events[first : first + 5000]) == 5000
    wrote = perf_counter() - began
    with transaction():
        assert door.record_scans(events[:5000]) == 0  # a delivery repeated counts once
    began = perf_counter()
    counted = door.counts([scene.id for scene in scenes])
    read = perf_counter() - began
    assert all(each == {"scan": 6000, "follow": 2000, "claim": 2000} for each in counted.values())
    assert ScanEvent.rows().count() == 50_000
    assert wrote < 60 and read < 10  # the dashboard's delay is one read


def test_visitors_are_kept_as_hashes_only(now: datetime) -> None:
    happen(make(now), "scan", 1, now)
    with connection.cursor() as cursor:
        cursor.execute("select e::text from codes_scan_event e")
        [(text,)] = cursor.fetchall()
    assert "oVisitor" not in text


def test_a_scan_of_another_districts_code_is_left_out(now: datetime) -> None:
    from shangquan.tenancy.actions.open_district import open_district

    scene = make(now)
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other), transaction():
        assert door.record_scan(scene.id, now=now) is False
        with pytest.raises(Refused, match="Q-4042"):
            door.scene(scene.scene)
    assert door.counts([scene.id]) == {scene.id: {}}


def test_a_chosen_scene_value_is_kept_and_taken_once(now: datetime) -> None:
    with transaction():
        card = door.make_scene("wifi", "shelf", 1, scene="wifi.1F@north", now=now)
    assert card.scene == "wifi.1F@north" and card.url.endswith("/c/wifi.1F@north/")
    for scene, code in (("wifi.1F@north", "Q-4093"), ("x" * 65, "K-4001"), ("有空格 x", "K-4001"), ("a/b", "K-4001")):
        with pytest.raises(Refused, match=code), transaction():
            door.make_scene("wifi", "shelf", 2, scene=scene, now=now)


@pytest.mark.feature("E10")
def test_table_7_opens_ordering_bound_to_table_7_and_the_entrance_opens_the_restaurant_and_queue(
    client: Client, now: datetime, registered: None
) -> None:
    registry.destinations.pop("table", None)
    registry.destinations.pop("entrance", None)
    door.register_destination("table", lambda card, state: f"/m/order/{card.subject_id}/?table={card.place}")
    door.register_destination("entrance", lambda card, state: f"/m/stores/{card.subject_id}/?queue=1")
    table = make(now, "table_card", "table", 12, "7")
    entrance = make(now, "door_sticker", "entrance", 12, "正门")
    opened = [client.get(f"/c/{card.scene}/") for card in (table, entrance)]
    assert [(each.status_code, each["Location"]) for each in opened] == [
        (302, "/m/order/12/?table=7"),
        (302, "/m/stores/12/?queue=1"),
    ]
    assert door.counts([table.id, entrance.id]) == {table.id: {"scan": 1}, entrance.id: {"scan": 1}}
    found = door.resolve(table.url, now=now)
    assert (found.kind, found.subject_kind, found.subject_id, found.data["place"]) == ("scene", "table", 12, "7")


@pytest.mark.feature("E11")
def test_the_code_of_an_ended_activity_shows_the_result_and_issues_nothing(
    client: Client, now: datetime, registered: None
) -> None:
    issued: list[int] = []
    standing = SubjectState("小票寻宝", "open", ("join", "claim"))
    registry.subjects.pop("activity", None)
    registry.destinations.pop("activity", None)
    door.register_subject("activity", lambda subject_id, at: standing)

    def lead(card: SceneCard, state: SubjectState | None) -> str:
        issued.append(card.subject_id)  # the activity's page is where a prize is issued
        return f"/m/activities/{card.subject_id}/"

    door.register_destination("activity", lead)
    card = make(now, "window", "activity", 3, "2F-207")
    assert client.get(f"/c/{card.scene}/").status_code == 302 and issued == [3]
    assert door.resolve(card.url, now=now).actions == ("join", "claim")

    standing = SubjectState("小票寻宝", "ended", (), "头奖：8 位，名单已公布")
    page = client.get(f"/c/{card.scene}/")
    assert page.status_code == 200 and issued == [3]
    body = page.content.decode()
    assert "小票寻宝" in body and "头奖：8 位，名单已公布" in body and 'data-state="ended"' in body
    found = door.resolve(card.url, now=now)
    assert (found.state, found.actions) == ("ended", ("result",))
    assert door.counts([card.id]) == {card.id: {"scan": 2}}


def test_a_head_request_and_an_unknown_code_count_nothing(client: Client, now: datetime) -> None:
    card = make(now)
    assert client.head(f"/c/{card.scene}/").status_code == 200
    assert client.get("/c/nobody-made-this/").status_code == 404
    assert client.post(f"/c/{card.scene}/").status_code in (403, 405)
    assert ScanEvent.rows().count() == 0


def test_a_scan_is_told_without_saying_who_in_words(client: Client, now: datetime) -> None:
    card = make(now)
    client.get(f"/c/{card.scene}/")
    [fact] = OutboxEvent.rows().filter(name="scene_scanned")
    assert fact.payload == {"scene_id": card.id, "member_id": None}


def test_a_destination_outside_is_not_followed(client: Client, now: datetime, registered: None) -> None:
    registry.destinations.pop("shelf", None)
    door.register_destination("shelf", lambda card, state: "https://evil.example/")
    assert client.get(f"/c/{make(now).scene}/").status_code == 200


def test_a_merchants_staff_export_their_own_codes_only(now: datetime) -> None:
    own = make(now)
    partner = scope.Actor(kind="staff", id=3, merchant_id=7, rights=frozenset({"codes.export"}))
    with scope.scope(scope.district_id(), actor=partner):
        theirs = make(now, place="店内")
        assert [card.id for card in door.scenes()] == [theirs.id]
        with pytest.raises(Refused, match="Q-4042"):
            door.export_sheet([own.id])
    assert {card.id for card in door.scenes()} == {own.id, theirs.id}


def test_three_exported_codes_are_three_pictures_with_their_sources(now: datetime) -> None:
    cards = [make(now, source, place=place) for source, place in (("stand", "北门"), ("shake", ""), ("other", "2F"))]
    [page] = door.export_sheet([card.id for card in cards])
    root = Tree.fromstring(page)
    texts = "".join(root.itertext())
    assert all(card.source in texts for card in cards) and "北门" in texts and "style=" not in page
    with zipfile.ZipFile(io.BytesIO(door.export_zip([card.id for card in cards]))) as archive:
        names = archive.namelist()
        assert len(names) == 3 and names[0].startswith("stand-北门-")
        assert all(archive.read(name).startswith(b"\x89PNG") for name in names)


def test_thirteen_codes_take_two_pages(now: datetime) -> None:
    assert len(door.export_sheet([make(now, place=str(n)).id for n in range(13)])) == 2


def test_a_drawn_qr_has_its_quiet_zone_and_no_style() -> None:
    drawn = door.qr_svg("https://mall.example/c/Qk7x/", label='a"<b')
    assert "style" not in drawn and 'aria-label="a&quot;&lt;b"' in drawn
    root = Tree.fromstring(drawn)
    width = int(root.attrib["viewBox"].split()[2])
    ground, dark = (each.attrib for each in root)
    assert ground["fill"] == "#fff" and dark["stroke"] == "#000" and dark["d"].startswith("M4 4.5")
    assert (width - 8 - 17) % 4 == 0  # 17 + 4 v modules and 4 on each side


def test_a_bar_code_of_18_digits_is_dense_and_checks() -> None:
    drawn = door.barcode_svg("881234567890123456")
    root = Tree.fromstring(drawn)
    width = int(root.attrib["viewBox"].split()[2])
    assert "style" not in drawn
    assert width == 11 * (1 + 9 + 1) + 13 + 20  # start C, nine pairs, check, stop, quiet zones
    bars = [(int(x), int(w)) for x, w in re.findall(r"M(\d+) 0h(\d+)v", root[1].attrib["d"])]
    assert bars[0] == (10, 2) and len(bars) == 3 * 11 + 4
