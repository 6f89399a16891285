from datetime import datetime, timedelta
from typing import Any

import pytest

from shangquan.coupons import door
from shangquan.coupons.actions.campaigns import end_finished_campaigns
from shangquan.coupons.contracts import (
    BAD_TERMS,
    NO_CAMPAIGN,
    OVER_BUDGET,
    OWNER_DECIDES,
    WRONG_STATE,
    CampaignState,
    Caps,
    CouponKind,
    CouponTerms,
    Hours,
    PayerShare,
    Scope,
    Validity,
)
from shangquan.coupons.tests.story import Make, actor, ask, draft, refusal, terms
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")
A, B = 3, 4
OWN = (PayerShare("redeemer", 10_000),)


def of_a(**more: Any) -> CouponTerms:
    plain: dict[str, Any] = {"issuer_id": A, "scope": Scope(merchants_in=frozenset({A})), "payers": OWN}
    return terms(**(plain | more))


@pytest.mark.feature("F2")
def test_a_partner_makes_publishes_pauses_and_resumes_its_own_coupon(now: datetime) -> None:
    with scope.scope(scope.district_id(), actor=actor(A)):
        with transaction():
            made = door.draft_campaign(draft(now, of_a()), now=now)
            assert door.publish_campaign(made.id, now=now).state is CampaignState.PUBLISHED
        with transaction():
            assert door.pause_campaign(made.id).state is CampaignState.PAUSED
            assert door.resume_campaign(made.id).state is CampaignState.PUBLISHED
            assert door.end_campaign(made.id, now=now).state is CampaignState.ENDED
        assert refusal(lambda: door.resume_campaign(made.id)).reason is WRONG_STATE
    actions = list(AuditLine.objects.filter(subject="campaign").order_by("id").values_list("action", flat=True))
    assert actions == ["coupons.draft", "coupons.publish", "coupons.pause", "coupons.resume", "coupons.end"]


@pytest.mark.feature("F4")
@pytest.mark.parametrize(
    "more",
    [
        {"scope": Scope()},
        {"scope": Scope(merchants_in=frozenset({A, B}))},
        {"payers": (PayerShare("owner", 6000), PayerShare("redeemer", 4000))},
        {"payers": (PayerShare(f"merchant:{B}", 4000), PayerShare(f"merchant:{A}", 6000))},
    ],
)
def test_what_reaches_beyond_one_merchant_is_published_by_the_owner(now: datetime, more: dict[str, Any]) -> None:
    with scope.scope(scope.district_id(), actor=actor(A)), transaction():
        made = door.draft_campaign(draft(now, of_a(**more)), now=now)
    with scope.scope(scope.district_id(), actor=actor(A)):
        assert refusal(lambda: door.publish_campaign(made.id, now=now)).reason is OWNER_DECIDES
        with transaction():
            door.submit_campaign(made.id, now=now)
    with scope.scope(scope.district_id(), actor=actor()), transaction():
        assert door.publish_campaign(made.id, now=now).state is CampaignState.PUBLISHED


def test_the_owner_sends_a_coupon_back_with_a_word(now: datetime) -> None:
    with scope.scope(scope.district_id(), actor=actor(A)), transaction():
        made = door.draft_campaign(draft(now, of_a(scope=Scope())), now=now)
        door.submit_campaign(made.id, now=now)
    with scope.scope(scope.district_id(), actor=actor(A)):
        assert refusal(lambda: door.send_back_campaign(made.id, "x")).reason is FORBIDDEN
    with transaction():
        back = door.send_back_campaign(made.id, "门槛太高")
    assert (back.state, back.note) == (CampaignState.DRAFT, "门槛太高")


def test_the_wall_between_merchants(make: Make, now: datetime) -> None:
    of_another = make(of_a())
    shared = make(terms(scope=Scope(merchants_in=frozenset({A, B}))))
    with scope.scope(scope.district_id(), actor=actor(B)):
        assert refusal(lambda: door.pause_campaign(of_another.id)).reason is NO_CAMPAIGN
        assert refusal(lambda: door.draft_campaign(draft(now, of_a()), now=now)).reason is FORBIDDEN
        assert refusal(lambda: door.campaign_lists.campaign(of_another.id)).reason is NO_CAMPAIGN
        assert [card.id for card in door.campaign_lists.campaigns()] == [shared.id]
        assert refusal(lambda: door.pause_campaign(shared.id)).reason is NO_CAMPAIGN  # it may see it, not change it
    with scope.scope(scope.district_id(), actor=scope.Actor(kind="staff", id=1)):
        assert refusal(lambda: door.campaign_lists.campaigns()).reason is FORBIDDEN


def test_lists_go_by_key(make: Make) -> None:
    ids = [make().id for _ in range(5)]
    first = door.campaign_lists.campaigns(limit=2)
    second = door.campaign_lists.campaigns(limit=2, before=first[-1].id)
    assert [card.id for card in first + second] == ids[::-1][:4]


def test_terms_never_change_after_publishing(make: Make, now: datetime) -> None:
    campaign = make()
    assert refusal(lambda: door.edit_campaign(campaign.id, draft(now), now=now)).reason is WRONG_STATE


@pytest.mark.parametrize(
    "more",
    [
        {"of": terms(amount_fen=0)},
        {"of": terms(CouponKind.DISCOUNT, payable_bp=10_000)},
        {"of": terms(CouponKind.GROUP_BUY)},
        {"of": terms(CouponKind.EXCHANGE)},
        {"of": terms(CouponKind.PARKING)},
        {"of": terms(CouponKind.ECASH)},
        {"of": terms(min_spend_fen=2000)},
        {"of": terms(title_zh="")},
        {"of": terms(amount_fen=10**11, min_spend_fen=0)},
        {"of": terms(payers=(PayerShare("merchnt:3", 10_000),))},
        {"validity": Validity(ends_at=datetime(2027, 1, 1))},  # noqa: DTZ001  (without its zone)
        {"validity": Validity(days=10_000)},
        {"caps": Caps(total=10**9)},
        {"of": terms(weekdays=frozenset({7}))},
        {"of": terms(hours=(Hours(600, 600),))},
        {"validity": Validity()},
        {"validity": Validity(days=0)},
        {"caps": Caps(total=0)},
    ],
)
def test_a_coupon_that_could_never_be_used_is_not_saved(now: datetime, more: dict[str, Any]) -> None:
    assert refusal(lambda: door.draft_campaign(draft(now, **more), now=now)).reason is BAD_TERMS


def test_dates_must_lie_ahead_and_in_order(now: datetime) -> None:
    hour = timedelta(hours=1)
    for more in (
        {"validity": Validity(ends_at=now)},
        {"claim_from": now + hour, "claim_to": now + hour},
        {"claim_to": now + timedelta(days=9)},
    ):
        refused = refusal(lambda more=more: door.draft_campaign(draft(now, **more), now=now))  # type: ignore[misc]
        assert refused.reason is BAD_TERMS


def test_the_worst_case_stays_within_the_budget(now: datetime) -> None:
    fits = draft(now, caps=Caps(total=100), budget_fen=300_000)
    with transaction():
        made = door.draft_campaign(fits, now=now)
        door.publish_campaign(made.id, now=now)
    over = draft(now, caps=Caps(total=101), budget_fen=300_000)
    refused = refusal(lambda: door.draft_campaign(over, now=now))
    assert refused.reason is OVER_BUDGET and "¥3,030.00" in refused.zh
    assert refusal(lambda: door.raise_stock(made.id, 101, now=now)).reason is OVER_BUDGET
    boundless = draft(now, terms(CouponKind.DISCOUNT, payable_bp=8500), budget_fen=1)
    assert refusal(lambda: door.draft_campaign(boundless, now=now)).reason is BAD_TERMS


def test_more_stock_opens_a_sold_out_coupon_again(make: Make, now: datetime) -> None:
    campaign = make(caps=Caps(total=1))
    with transaction():
        assert [a.piece_id is None for a in door.claim([ask(campaign.id, 1), ask(campaign.id, 2)], now=now)] == [
            False,
            True,
        ]
    with transaction():
        door.raise_stock(campaign.id, 2, now=now)
        assert door.claim([ask(campaign.id, 2)], now=now)[0].piece_id


def test_a_draft_out_of_plain_values_is_checked(now: datetime) -> None:
    values = {
        "terms": {"campaign_id": 0, "kind": "cash", "title_zh": "券", "title_en": "", "amount_fen": 500},
        "validity": {"days": 7},
    }
    assert door.draft_from(values).terms.kind is CouponKind.CASH
    for wrong in ({"kind": "gold"}, {"payable_bp": 10_001}, {"payers": [{"payer": "owner", "bp": 9_000}]}):
        refused = refusal(lambda wrong=wrong: door.draft_from(values | {"terms": values["terms"] | wrong}))  # type: ignore[misc]
        assert refused.reason is BAD_TERMS


def test_what_is_over_ends_by_itself(make: Make, now: datetime) -> None:
    over = make(validity=Validity(ends_at=now + timedelta(days=1)))
    make()
    with transaction():
        assert end_finished_campaigns(now=now + timedelta(days=1)) == 1
    assert door.campaign(over.id).state is CampaignState.ENDED
