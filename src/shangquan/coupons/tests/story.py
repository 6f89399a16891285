"""What the tests of this room tell each other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shangquan.coupons import door
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.contracts import (
    CampaignCard,
    CampaignDraft,
    Caps,
    ClaimAnswer,
    ClaimRequest,
    CouponKind,
    CouponTerms,
    Source,
    Validity,
)
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction

Make = Callable[..., CampaignCard]


def terms(kind: CouponKind = CouponKind.CASH, **more: Any) -> CouponTerms:
    face: dict[str, Any] = {CouponKind.CASH: {"amount_fen": 3000, "min_spend_fen": 15000}}.get(kind, {})
    words = {"title_zh": "小禾童装 · 满减券", "title_en": "Kids' wear ¥30 off"}
    return CouponTerms(campaign_id=0, kind=kind, **(words | face | more))


def draft(now: datetime, of: CouponTerms | None = None, **more: Any) -> CampaignDraft:
    plain: dict[str, Any] = {
        "terms": of or terms(),
        "validity": Validity(ends_at=now + timedelta(days=8)),
        "caps": Caps(total=100),
    }
    return CampaignDraft(**(plain | more))


def published(now: datetime, of: CouponTerms | None = None, **more: Any) -> CampaignCard:
    with transaction():
        made = draft_campaign(draft(now, of, **more), now=now)
        return publish_campaign(made.id, now=now)


def ask(campaign_id: int, member_id: int, key: str = "k", source: Source = Source.SHELF) -> ClaimRequest:
    return ClaimRequest(campaign_id, member_id, source, key)


def granted(answers: list[ClaimAnswer]) -> list[int]:
    return [answer.piece_id for answer in answers if answer.piece_id is not None]


def refusal(work: Callable[[], object]) -> Refused:
    """What `work` is refused with; it runs in a transaction of its own, which rolls back."""
    try:
        with transaction():
            work()
    except Refused as refused:
        return refused
    raise AssertionError("was not refused")


def claimed(
    now: datetime, campaign: CampaignCard, member_id: int, key: str = "k", source: Source = Source.SHELF
) -> int:
    """The id of a piece in a member's hands."""
    with transaction():
        return door.claim_one(ask(campaign.id, member_id, key, source), now=now).id


def actor(merchant_id: int | None = None, store_id: int | None = None, name: str = "小周", **more: Any) -> scope.Actor:
    """Staff of a merchant, or of the owner, with every right of that side."""
    owner_only = {"shelf.manage"}
    rights = {"coupons.read", "coupons.edit", "coupons.publish", "coupons.redeem", "shelf.enrol"}
    if merchant_id is None:
        rights |= owner_only
    return scope.Actor(
        kind="staff", id=9, name=name, merchant_id=merchant_id, store_id=store_id, rights=frozenset(rights), **more
    )
