from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shangquan.coupons import door, jobs
from shangquan.coupons.actions.campaigns import end_campaign, pause_campaign, resume_campaign
from shangquan.coupons.contracts import (
    CLAIM_NOT_STARTED,
    CLAIM_OVER,
    DAY_FULL,
    LIMIT_REACHED,
    NO_CAMPAIGN,
    NOT_FOR_YOU,
    PAUSED,
    SOLD_OUT,
    WAY_CLOSED,
    Audience,
    CampaignState,
    Caps,
    ClaimAnswer,
    ClaimRequest,
    CouponKind,
    CouponState,
    Scope,
    Source,
    Validity,
)
from shangquan.coupons.models import Campaign, DayCounter, MemberCounter, Piece
from shangquan.coupons.tests.places import shop
from shangquan.coupons.tests.story import Make, ask, granted, published, refusal, terms
from shangquan.district import door as district
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import TransactionMissing, transaction
from shangquan.members import door as members

pytestmark = pytest.mark.usefixtures("district_id")


def claim(now: datetime, *requests: ClaimRequest) -> list[ClaimAnswer]:
    with transaction():
        return door.claim(requests, now=now)


def counters_equal_rows(campaign_id: int) -> bool:
    rows = Piece.rows().filter(campaign_id=campaign_id, origin__isnull=True).count()
    days = sum(DayCounter.rows().filter(campaign_id=campaign_id).values_list("claimed", flat=True))
    members = sum(MemberCounter.rows().filter(campaign_id=campaign_id).values_list("claimed", flat=True))
    return [Campaign.rows().get(id=campaign_id).claimed, days, members] == [rows] * 3


def test_a_claim_gives_a_piece_with_its_dates_and_tells_of_it(make: Make, now: datetime) -> None:
    campaign = make()
    with transaction():
        card = door.claim_one(ask(campaign.id, 7), now=now)
    assert (card.member_id, card.state, card.source) == (7, "unused", Source.SHELF)
    assert len(card.code) == 12 and card.piece.valid_from == now and card.piece.valid_to == now + timedelta(days=8)
    event = OutboxEvent.objects.get(name="coupon_claimed")
    assert event.payload == {
        "piece_id": card.id, "campaign_id": campaign.id, "member_id": 7, "source": "shelf", "source_code_id": None,
    }  # fmt: skip


def test_the_same_request_is_answered_with_the_first_piece(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=100, per_member=None))
    (first,) = claim(now, ask(campaign.id, 7))
    again, other = claim(now, ask(campaign.id, 7), ask(campaign.id, 7, "k2"))
    assert (again.piece_id, again.is_repeat) == (first.piece_id, True) and other.piece_id != first.piece_id
    assert counters_equal_rows(campaign.id) and Piece.rows().count() == 2


def test_equal_requests_in_one_batch_are_one(make: Make, now: datetime) -> None:
    campaign = make()
    one, two = claim(now, ask(campaign.id, 7), ask(campaign.id, 7, source=Source.RECEIPT))
    assert one.piece_id == two.piece_id and two.is_repeat and Piece.rows().count() == 1


def test_a_repeat_is_answered_even_when_all_is_gone_or_over(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=1))
    (first,) = claim(now, ask(campaign.id, 7))
    with transaction():
        end_campaign(campaign.id, now=now)
    (again,) = claim(now, ask(campaign.id, 7))
    assert again.piece_id == first.piece_id


@pytest.mark.parametrize(
    ("more", "source", "reason"),
    [
        ({"claim_from": timedelta(hours=1)}, Source.SHELF, CLAIM_NOT_STARTED),
        ({"claim_to": timedelta(hours=1)}, Source.SHELF, CLAIM_OVER),
        ({"sources": frozenset({Source.SHAKE})}, Source.SHELF, WAY_CLOSED),
    ],
)
def test_period_and_way_hold(make: Make, now: datetime, more: dict[str, Any], source: Source, reason: Any) -> None:
    more = {key: now + value if isinstance(value, timedelta) else value for key, value in more.items()}
    campaign = make(**more)
    later = now + timedelta(hours=2) if "claim_to" in more else now
    (answer,) = claim(later, ask(campaign.id, 7, source=source))
    assert answer.reason is reason and not Piece.rows().exists()


def test_a_campaign_with_no_validity_left_is_over(make: Make, now: datetime) -> None:
    campaign = make(validity=Validity(ends_at=now + timedelta(days=1), begins_after_days=1))
    (answer,) = claim(now + timedelta(days=1), ask(campaign.id, 7))
    assert answer.reason is CLAIM_OVER


def test_an_unknown_campaign_and_one_of_another_district_are_the_same(make: Make, now: datetime) -> None:
    from shangquan.kernel import scope
    from shangquan.tenancy.actions.open_district import open_district

    campaign = make()
    with transaction():
        other = open_district(slug="other", name="别处", now=now)
    with scope.scope(other):
        (answer,) = claim(now, ask(campaign.id, 7))
    assert answer.reason is NO_CAMPAIGN
    assert claim(now, ask(campaign.id + 1000, 7))[0].reason is NO_CAMPAIGN


@pytest.mark.feature("F2")
def test_pausing_stops_claims_at_once_and_claimed_pieces_still_redeem_unless_blocked(make: Make, now: datetime) -> None:
    for is_blocked in (False, True):
        campaign = make(block_redeem_when_paused=is_blocked)
        (mine,) = claim(now, ask(campaign.id, 7))
        with transaction():
            pause_campaign(campaign.id)
        assert claim(now, ask(campaign.id, 8))[0].reason is PAUSED
        assert mine.piece_id is not None

        def hold(piece_id: int = mine.piece_id, bill_id: int = campaign.id) -> None:
            door.hold([piece_id], bill_id=bill_id, now=now)

        if is_blocked:
            assert refusal(hold).reason is PAUSED
            assert [piece.piece_id for piece in door.usable_for(7, now)] == []
        else:
            with transaction():
                hold()
                door.release(campaign.id, now=now)
                door.hold([mine.piece_id], bill_id=99, now=now)
                door.release(99, now=now)
            assert [piece.piece_id for piece in door.usable_for(7, now)] == [mine.piece_id]
            Piece.rows().update(valid_to=now + timedelta(seconds=1), valid_from=now)
        with transaction():
            resume_campaign(campaign.id)
        assert claim(now, ask(campaign.id, 8))[0].piece_id
        Piece.rows().update(state="void")


def test_own_limit_comes_before_stock_and_the_day_has_its_share(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=3, per_day=2, per_member=1))
    answers = claim(now, ask(campaign.id, 1), ask(campaign.id, 1, "2"), ask(campaign.id, 2), ask(campaign.id, 3))
    assert [answer.reason for answer in answers] == [None, LIMIT_REACHED, None, DAY_FULL]
    assert answers[1].refusal().zh == "每人限领 1 张，你已领过。"
    tomorrow = claim(now + timedelta(days=1), ask(campaign.id, 1, "3"), ask(campaign.id, 3), ask(campaign.id, 4))
    assert [answer.reason for answer in tomorrow] == [LIMIT_REACHED, None, SOLD_OUT]
    assert counters_equal_rows(campaign.id)


def test_the_local_midnight_begins_a_new_day(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=None, per_day=1, per_member=None))
    midnight = now.replace(hour=16, minute=0)  # in Shanghai
    before, after = midnight - timedelta(seconds=1), midnight
    assert claim(before, ask(campaign.id, 1))[0].piece_id
    assert claim(before, ask(campaign.id, 2))[0].reason is DAY_FULL
    assert claim(after, ask(campaign.id, 2))[0].piece_id


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    caps=st.lists(st.tuples(*[st.one_of(st.none(), st.integers(1, 4))] * 3), min_size=2, max_size=2),
    asked=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3), st.sampled_from("abc")), min_size=1, max_size=12),
    cut=st.integers(0, 12),
)
@example(caps=[(1, None, 1)] * 2, asked=[(0, 1, "a"), (0, 1, "b"), (0, 2, "a")], cut=0)  # own limit and stock at once
@example(caps=[(2, 1, 1)] * 2, asked=[(0, 1, "a"), (0, 1, "b"), (0, 2, "a"), (0, 1, "a")], cut=2)
def test_a_batch_is_answered_as_its_sequence(
    district_id: int, now: datetime, caps: list[tuple[int | None, ...]], asked: list[tuple[int, int, str]], cut: int
) -> None:
    """Whatever the caps, the members and the repeats: two batches answer what one by one answers."""

    def campaigns() -> list[int]:
        return [published(now, caps=Caps(*three)).id for three in caps]

    def told(answers: list[ClaimAnswer]) -> list[tuple[bool, bool, Any]]:
        return [(answer.piece_id is not None, answer.is_repeat, answer.reason) for answer in answers]

    together, alone = campaigns(), campaigns()
    batch = [ask(together[which], member, key) for which, member, key in asked]
    in_batches = told(claim(now, *batch[:cut])) + told(claim(now, *batch[cut:]))
    one_by_one = [told(claim(now, ask(alone[which], member, key)))[0] for which, member, key in asked]
    assert in_batches == one_by_one
    assert all(counters_equal_rows(campaign_id) for campaign_id in (*together, *alone))


def test_a_batch_is_a_fixed_number_of_statements(make: Make, now: datetime, django_assert_max_num_queries: Any) -> None:
    campaign = make(caps=Caps(total=500))
    requests = [ask(campaign.id, member) for member in range(400)]
    with transaction(), django_assert_max_num_queries(7):
        answers = door.claim(requests, now=now)
    assert len(granted(answers)) == 400 and counters_equal_rows(campaign.id)


def test_a_claim_needs_a_transaction(make: Make, now: datetime) -> None:
    with pytest.raises(TransactionMissing):
        door.claim([ask(make().id, 1)], now=now)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update coupons_campaign set claimed = total + 1", "coupons_not_oversold"),
        ("update coupons_member_counter set claimed = 2", "coupons_member_not_over"),
        ("update coupons_day_counter set claimed = 9", "coupons_day_not_over"),
    ],
)
def test_the_database_itself_refuses_one_too_many(make: Make, now: datetime, statement: str, constraint: str) -> None:
    from django.db import IntegrityError

    claim(now, ask(make(caps=Caps(total=1, per_day=1)).id, 1))
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.feature("F18")
def test_nine_ways_lead_to_one_ledger(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=100, per_member=9))
    ways = [
        Source.FOLLOW, Source.SHELF, Source.STREET_VIEW, Source.WIFI, Source.SHAKE, Source.RECEIPT, Source.ACTIVITY,
        Source.PAY_PAGE, Source.SHARE,
    ]  # fmt: skip
    for way in ways:
        assert claim(now, ask(campaign.id, 7, way.value, way))[0].piece_id
    assert sorted(Piece.rows().values_list("source", flat=True)) == sorted(way.value for way in ways)


def test_an_electronic_cash_piece_starts_full_and_a_group_voucher_with_its_items(make: Make, now: datetime) -> None:
    cash = make(terms(CouponKind.ECASH, amount_fen=5000))
    meal = make(terms(CouponKind.GROUP_BUY, items=((11, 2), (12, 1)), sold_fen=9900))
    claim(now, ask(cash.id, 1), ask(meal.id, 1))
    pieces = {piece.terms.kind: piece for piece in door.usable_for(1, now)}
    assert pieces[CouponKind.ECASH].rest_fen == 5000
    assert pieces[CouponKind.GROUP_BUY].items_left == ((11, 2), (12, 1))


def test_the_audience_holds_by_tier_and_by_age_of_the_membership(make: Make, now: datetime) -> None:
    with transaction():
        new = members.open_card(openid="oNew12345678901234567890abcd", channel="site", now=now).id
        old = members.open_card(openid="oOld12345678901234567890abcd", channel="site", now=now - timedelta(days=31)).id
    fresh = make(audience=Audience(joined_within_days=30))
    gold = make(audience=Audience(tiers=frozenset({"gold"})))
    tier = members.member(new).tier
    own_tier = make(audience=Audience(tiers=frozenset({tier})))
    asked = [(fresh, new), (fresh, old), (gold, new), (own_tier, old), (own_tier, 10**9)]
    answers = claim(now, *(ask(campaign.id, member) for campaign, member in asked))
    assert [answer.reason for answer in answers] == [None, NOT_FOR_YOU, NOT_FOR_YOU, None, NOT_FOR_YOU]


def test_a_suspended_merchants_coupon_is_claimed_no_more(make: Make, now: datetime) -> None:
    merchant_id, _ = shop("小禾童装", "2F-207", now)
    campaign = make(terms(issuer_id=merchant_id, scope=Scope(merchants_in=frozenset({merchant_id}))))
    assert claim(now, ask(campaign.id, 1))[0].piece_id
    with transaction():
        district.suspend_merchant(merchant_id, reason="整改", now=now)
    assert claim(now, ask(campaign.id, 2))[0].reason is PAUSED


def test_the_timer_gives_offers_back_and_ends_what_is_over(make: Make, now: datetime) -> None:
    campaign = make(claim_to=now + timedelta(hours=1))
    (answer,) = claim(now, ask(campaign.id, 7))
    assert answer.piece_id is not None
    with transaction():
        door.give(answer.piece_id, giver_id=7, now=now)
    with time_machine.travel(now + timedelta(days=2), tick=False):
        jobs.expire()
        jobs.expire()
    assert door.piece(answer.piece_id).state is CouponState.UNUSED
    assert door.campaign(campaign.id).state is CampaignState.ENDED
