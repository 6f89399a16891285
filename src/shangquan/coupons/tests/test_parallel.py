"""True parallel attacks: threads with connections of their own, committed transactions."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import quantiles
from threading import Barrier, Event, local
from time import perf_counter
from typing import Any, TypeVar

import pytest
from django.db import IntegrityError, connection

from shangquan.coupons import door, locks
from shangquan.coupons.contracts import CLAIM_NOT_STARTED, LIMIT_REACHED, SOLD_OUT, Caps, ClaimAnswer, CouponKind
from shangquan.coupons.models import Campaign, DayCounter, MemberCounter, Piece
from shangquan.coupons.models import PieceUse as UseRow
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import ask, claimed, granted, published, terms
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
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


def outcome(work: Callable[[], Any]) -> str:
    try:
        with transaction():
            work()
    except Refused as refused:
        return refused.reason.name
    return "done"


@pytest.mark.feature("F8")
def test_two_tills_redeem_the_same_piece_at_the_same_moment(district_id: int, now: datetime) -> None:
    merchant_id, store_id = shop("小禾童装", "2F-207", now)
    campaign = published(now, terms(min_spend_fen=0), caps=Caps(total=9, per_member=9))
    for turn in range(6):
        code = door.piece(claimed(now, campaign, 7, f"k{turn}")).code
        together = Barrier(2)

        def till(key: str, code: str = code, together: Barrier = together) -> Any:
            together.wait(10)
            return door.check_off(code, merchant_id=merchant_id, store_id=store_id, key=key, now=now)

        works = [lambda t=till, k=key: outcome(lambda: t(k)) for key in ("till-one-1", "till-two-1")]
        assert sorted(in_threads(district_id, works, threads=2)) == ["already_used", "done"]
    assert UseRow.rows().count() == 6


def test_one_piece_cannot_pay_two_bills_at_once(district_id: int, now: datetime) -> None:
    campaign = published(now, caps=Caps(total=9, per_member=9))
    pieces = [claimed(now, campaign, 7, f"k{turn}") for turn in range(3)]
    together = Barrier(4)

    def bill(bill_id: int) -> str:
        together.wait(10)
        order = pieces if bill_id % 2 else pieces[::-1]
        return outcome(lambda: door.hold(order, bill_id=bill_id, now=now))

    works = [lambda b=bill_id: bill(b) for bill_id in range(1, 5)]
    assert sorted(in_threads(district_id, works, threads=4)) == [
        "done",
        "held_elsewhere",
        "held_elsewhere",
        "held_elsewhere",
    ]
    assert len(set(Piece.rows().values_list("held_bill_id", flat=True))) == 1


@pytest.mark.feature("F12")
def test_a_gift_has_one_taker_and_is_not_recalled_as_well(district_id: int, now: datetime) -> None:
    campaign = published(now, caps=Caps(total=9, per_member=9))
    for turn in range(4):
        piece_id = claimed(now, campaign, 7, f"k{turn}")
        with transaction():
            gift = door.give(piece_id, giver_id=7, now=now)
        together = Barrier(3)

        def take(member_id: int, token: str = gift.token, together: Barrier = together) -> str:
            together.wait(10)
            return outcome(lambda: door.accept(token, receiver_id=member_id, now=now))

        def recall(piece_id: int = piece_id, together: Barrier = together) -> str:
            together.wait(10)
            return outcome(lambda: door.recall(piece_id, giver_id=7, now=now))

        answers = in_threads(district_id, [lambda t=take: t(8), lambda t=take: t(9), recall], threads=3)
        assert sorted(answers) == ["done", "gift_gone", "gift_gone"]
        alive = Piece.rows().filter(state="unused", campaign_id=campaign.id).exclude(id__lt=piece_id)
        assert alive.count() == 1


@pytest.mark.feature("F10")
def test_notices_that_come_together_issue_one_coupon(district_id: int, now: datetime) -> None:
    campaign = published(now, caps=Caps(total=9, per_member=None))
    with transaction():
        door.save_rule(title="支付后发券", campaign_id=campaign.id, now=now)

    def notice() -> int | None:
        with transaction():
            piece = door.issue_after_payment(bill_id=1, member_id=7, merchant_id=3, paid_fen=100, now=now)
        return piece.id if piece else None

    assert len(set(in_threads(district_id, [notice] * 8, threads=8))) == 1
    assert Piece.rows().count() == 1


@pytest.mark.slow
@pytest.mark.feature("F14")
def test_5000_fans_and_500_vouchers(district_id: int, now: datetime) -> None:
    """Nobody before the start; then each fan alone, in a transaction of their own: exactly 500 pieces, one each."""
    start = now + timedelta(hours=1)
    campaign = published(now, terms(CouponKind.ECASH, amount_fen=1000), caps=Caps(total=500), claim_from=start)
    assert claim_alone(campaign.id, 1, "early", start - timedelta(microseconds=1)).reason is CLAIM_NOT_STARTED
    waits: list[float] = []

    def fan(member_id: int) -> ClaimAnswer:
        asked = perf_counter()
        answer = claim_alone(campaign.id, member_id, "flash", start)
        waits.append(perf_counter() - asked)
        return answer

    began = perf_counter()
    answers = in_threads(district_id, [lambda m=member: fan(m) for member in range(5000)], threads=16)
    took, p95 = perf_counter() - began, quantiles(waits, n=20)[-1]
    print(f"5000 claims in {took:.1f} s, p95 {p95 * 1000:.0f} ms, slowest {max(waits) * 1000:.0f} ms")  # noqa: T201
    owners = list(Piece.rows().values_list("member_id", flat=True))
    assert len(owners) == len(set(owners)) == len(granted(answers)) == 500
    assert {answer.reason for answer in answers} == {None, SOLD_OUT}
    assert Campaign.rows().get(id=campaign.id).claimed == 500
    assert max(waits) < 5.0  # generous: the machine of the tests is shared
