"""Who may claim what is for some members only: asked of the members room once for a whole batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shangquan.coupons.contracts import Audience, ClaimRequest
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries.stored import audience_of
from shangquan.members import door as members
from shangquan.members.contracts import MemberCard


@dataclass(frozen=True, slots=True)
class Candidates:
    """The audiences of the campaigns asked for, and the members that ask for those that are not for everybody."""

    audiences: Mapping[int, Audience]
    members: Mapping[int, MemberCard]

    @classmethod
    def of(cls, requests: Iterable[ClaimRequest], campaigns: Mapping[int, Campaign]) -> "Candidates":
        audiences = {campaign_id: audience_of(row) for campaign_id, row in campaigns.items()}
        choosy = {campaign_id for campaign_id, audience in audiences.items() if not audience.is_everybody}
        return cls(audiences, members_by_id({asked.member_id for asked in requests if asked.campaign_id in choosy}))

    def may(self, request: ClaimRequest, now: datetime) -> bool:
        """True for an unknown campaign as well: that has a refusal of its own."""
        audience = self.audiences.get(request.campaign_id)
        if audience is None or audience.is_everybody:
            return True
        member = self.members.get(request.member_id)
        return member is not None and is_invited(audience, member.tier, member.joined_at, now)


def is_invited(audience: Audience, tier: str, joined_at: datetime, now: datetime) -> bool:
    if audience.tiers and tier not in audience.tiers:
        return False
    days = audience.joined_within_days
    return days is None or now - joined_at <= timedelta(days=days)


def members_by_id(member_ids: set[int]) -> dict[int, MemberCard]:
    if not member_ids:
        return {}
    return {card.id: card for card in members.members(sorted(member_ids))}
