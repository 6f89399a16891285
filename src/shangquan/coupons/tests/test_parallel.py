"""True parallel attacks: threads with connections of their own, committed transactions."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Event, local
from typing import Any, TypeVar

import pytest
from django.db import IntegrityError, connection

from shangquan.coupons import door, locks
from shangquan.coupons.contracts import LIMIT_REACHED, SOLD_OUT, Caps, ClaimAnswer
from shangquan.coupons.models import Campaign, DayCounter, MemberCounter, Piece
from shangquan.coupons.tests.story import ask, granted, published
from shangquan.kernel import scope
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.django_db(transaction=True)
R = TypeVar("R")


@pytest.fixture(autouse=True)
def roomy() -> Iterator[None]:
    yield
    connection.close()


def in_threads(district_id: int, works: list[Callable[[], R]], threads: int = 12) -> list[R]:
    """Run each in one of `threads` threads, in the district's scope; each thread closes its connection."""
    seen = local()

    def run(work: Callable[[], R]) -> R:
        with scope.scope(district_id):
            if not hasattr(seen, "ready"):
                seen.ready = True
            return work()

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(run, works))
        gate = Barrier(threads)

        def close() -> None:
            gate.wait()
            connection.close()

        for done in [pool.submit(close) for _ in range(threads)]:
            done.result()
    return answers


def claim_alone(campaign_id: int, member_id: int, key: str, now: datetime) -> ClaimAnswer:
    with transaction():
        return door.claim([ask(campaign_id, member_id, key)], now=now)[0]


@pytest.mark.feature("F7")
def test_300_members_with_3_parallel_requests_each_share_exactly_100(district_id: int, now: datetime) -> None:
    campaign = published(now, caps=Caps(total=100, per_member=1))
    tries = [(member, f"try-{n}") for member in range(300) for n in range(3)]
    answers = in_threads(
        district_id, [lambda m=member, k=key: claim_alone(campaign.id, m, k, now) for member, key in tries]
    )
    owners = list(Piece.rows().filter(campaign_id=campaign.id).values_list("member_id", flat=True))
    assert len(owners) == len(set(owners)) == len(granted(answers)) == 100
    assert {answer.reason for answer in answers} == {None, SOLD_OUT, LIMIT_REACHED}
    assert Campaign.rows().get(id=campaign.id).claimed == 100
    assert DayCounter.rows().get(campaign_id=campaign.id).claimed == 100
    assert MemberCounter.rows().filter(campaign_id=campaign.id, claimed=1).count() == 100


@pytest.mark.feature("F7")
def test_without_the_lock_the_race_is_real_and_only_the_constraints_stop_it(
    district_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two claims for the last piece, the second counting before the first has committed."""
    campaign = published(now, caps=Caps(total=1))
    monkeypatch.setattr(locks, "campaigns_with_stock", lambda ids: set(ids))
    first_has_counted, second_waits = Event(), Event()

    def first() -> str:
        with transaction():
            (answer,) = door.claim([ask(campaign.id, 1)], now=now)
            first_has_counted.set()
            second_waits.wait(1.0)  # never set: long enough for the second to run into the row that we changed
        return "granted" if answer.piece_id else "refused"

    def second() -> str:
        first_has_counted.wait(10)
        try:
            answer = claim_alone(campaign.id, 2, "k", now)
        except IntegrityError as error:
            return str(error).split('"')[3]
        return "granted" if answer.piece_id else "refused"

    assert in_threads(district_id, [first, second], threads=2) == ["granted", "coupons_not_oversold"]
    monkeypatch.undo()
    assert claim_alone(campaign.id, 2, "k", now).reason is SOLD_OUT


def test_batches_over_two_campaigns_in_opposite_order_do_not_deadlock(district_id: int, now: datetime) -> None:
    one, two = (published(now, caps=Caps(total=60)).id for _ in range(2))

    def both(order: tuple[int, int], member: int) -> list[ClaimAnswer]:
        with transaction():
            return door.claim([ask(campaign_id, member) for campaign_id in order], now=now)

    works: list[Callable[[], Any]] = [
        lambda m=member: both((one, two) if m % 2 else (two, one), m) for member in range(80)
    ]
    answers = [answer for batch in in_threads(district_id, works, threads=8) for answer in batch]
    assert len(granted(answers)) == 120
    assert sorted(Campaign.rows().values_list("claimed", flat=True)) == [60, 60]


def test_one_request_sent_many_times_at_once_gives_one_piece(district_id: int, now: datetime) -> None:
    campaign = published(now, caps=Caps(total=100, per_member=None))
    answers = in_threads(district_id, [lambda: claim_alone(campaign.id, 1, "same", now)] * 24)
    assert len({answer.piece_id for answer in answers}) == 1 and Piece.rows().count() == 1
    assert sum(not answer.is_repeat for answer in answers) == 1
