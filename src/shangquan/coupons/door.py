"""What other rooms may do with coupons. Ids and values in, contracts out; writes need an open transaction."""

from collections.abc import Sequence
from datetime import datetime

from shangquan.coupons.actions.claim import claim
from shangquan.coupons.actions.give_back import give_back
from shangquan.coupons.actions.hold import hold, release
from shangquan.coupons.actions.redeem import check_off, redeem
from shangquan.coupons.contracts import (
    NO_CAMPAIGN,
    CampaignCard,
    ClaimRequest,
    CouponPiece,
    PieceCard,
    Source,
)
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries import pieces
from shangquan.coupons.queries.stored import campaign_card
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required

__all__ = [
    "campaign",
    "campaigns",
    "check_off",
    "claim",
    "claim_one",
    "give_back",
    "hold",
    "issue",
    "piece",
    "piece_by_code",
    "pieces_of",
    "redeem",
    "release",
    "usable_for",
]


@required
def claim_one(request: ClaimRequest, *, now: datetime) -> PieceCard:
    """One claim; raises the refusal that `claim` would answer."""
    (answer,) = claim([request], now=now)
    if answer.piece_id is None:
        raise answer.refusal()
    return pieces.by_id(answer.piece_id)


@required
def issue(
    campaign_id: int,
    member_id: int,
    *,
    source: Source | str,
    source_id: str,
    now: datetime,
    source_code_id: int | None = None,
) -> PieceCard:
    """Hand a piece to a member on the district's own account (a journey, a treasure hunt, a welcome).

    Once for each (source, source_id): a repeat answers the first piece. Caps and states hold as for a claim.
    """
    way = Source(source)
    request = ClaimRequest(campaign_id, member_id, way, f"{way.value}:{source_id}"[:80], source_code_id)
    return claim_one(request, now=now)


def usable_for(member_id: int, now: datetime) -> list[CouponPiece]:
    """All pieces of the member that are not over, usable on a given basket or not: checkout asks the rules and explains."""
    return pieces.usable_for(member_id, now)


def piece_by_code(code: str) -> PieceCard:
    """Refuses C-4042."""
    return pieces.by_code(code)


def piece(piece_id: int) -> PieceCard:
    return pieces.by_id(piece_id)


def pieces_of(piece_ids: Sequence[int]) -> list[PieceCard]:
    return pieces.by_ids(piece_ids)


def campaign(campaign_id: int) -> CampaignCard:
    row = Campaign.rows().filter(id=campaign_id).first()
    if row is None:
        raise Refused(NO_CAMPAIGN)
    return campaign_card(row)


def campaigns(campaign_ids: Sequence[int]) -> dict[int, CampaignCard]:
    return {row.id: campaign_card(row) for row in Campaign.rows().filter(id__in=campaign_ids)}
