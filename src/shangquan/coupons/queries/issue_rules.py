"""Reads of the rules that issue a coupon after a payment."""

from django.db.models import Q

from shangquan.coupons.contracts import NO_RULE, CampaignState, RuleCard
from shangquan.coupons.models import IssueRule
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused


def rule_card(row: IssueRule) -> RuleCard:
    return RuleCard(
        id=row.id,
        title=row.title,
        merchants=tuple(row.merchants),
        minimum_fen=row.minimum_fen,
        campaign_id=row.campaign_id,
        campaign_title=row.campaign.title,
        campaign_state=CampaignState(row.campaign.state),
        priority=row.priority,
        is_active=row.is_active,
    )


def rules_for(merchant_id: int, paid_fen: int) -> list[RuleCard]:
    """Active rules that a payment of so much at this merchant meets, most urgent first, then the higher minimum."""
    rows = (
        IssueRule.rows()
        .filter(Q(merchants=[]) | Q(merchants__contains=[merchant_id]), is_active=True, minimum_fen__lte=paid_fen)
        .select_related("campaign")
        .order_by("-priority", "-minimum_fen", "id")
    )
    return [rule_card(row) for row in rows]


def rule(rule_id: int) -> RuleCard:
    """Refuses C-4046."""
    row = IssueRule.rows().filter(id=rule_id).select_related("campaign").first()
    if row is None:
        raise Refused(NO_RULE)
    return rule_card(row)


def rules() -> list[RuleCard]:
    """All of them for the owner; for a merchant those that its payments trigger or that issue its coupons."""
    who = scope.require("coupons.read")
    rows = IssueRule.rows().select_related("campaign").order_by("-is_active", "-priority", "id")
    if who.merchant_id is not None:
        rows = rows.filter(Q(merchants__contains=[who.merchant_id]) | Q(campaign__issuer_merchant_id=who.merchant_id))
    return [rule_card(row) for row in rows]
