"""Row and right in one step: whoever may not see a row does not learn that it exists."""

from shangquan.coupons.contracts import NO_CAMPAIGN, NO_ENTRY, NO_PIECE, NO_RULE
from shangquan.coupons.models import Campaign, IssueRule, Piece, ShelfEntry
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused


def is_owner() -> bool:
    """Whether the acting person stands outside every merchant's wall."""
    return scope.actor().merchant_id is None


def require_owner(right: str) -> None:
    """For what only the district's owner does; a partner is refused with 403 whatever its rights are."""
    if not is_owner():
        scope.require("owner." + right)
    scope.require(right)


def concerns(campaign: Campaign, merchant_id: int) -> bool:
    """A merchant sees what it issues and what is redeemed with it alone or among named others."""
    return merchant_id in (campaign.issuer_merchant_id, *campaign.merchants_in)


def campaign_to_read(campaign_id: int) -> Campaign:
    who = scope.require("coupons.read")
    row = Campaign.rows().filter(id=campaign_id).first()
    if row is None or (who.merchant_id is not None and not concerns(row, who.merchant_id)):
        raise Refused(NO_CAMPAIGN)
    return row


def check_editable(campaign: Campaign, right: str) -> Campaign:
    """The row if the acting person may change it: the owner, or the merchant that issues it."""
    who = scope.require(right)
    if who.merchant_id is not None and campaign.issuer_merchant_id != who.merchant_id:
        raise Refused(NO_CAMPAIGN)
    return campaign


def piece_of(member_id: int, piece_id: int) -> Piece:
    """A member's own piece; another member's does not exist for them."""
    row = Piece.rows().filter(id=piece_id, member_id=member_id).select_related("campaign").first()
    if row is None:
        raise Refused(NO_PIECE)
    return row


def entry_to_read(entry_id: int) -> ShelfEntry:
    who = scope.require("coupons.read")
    row = ShelfEntry.rows().filter(id=entry_id).select_related("campaign").first()
    if row is None or (who.merchant_id is not None and row.merchant_id != who.merchant_id):
        raise Refused(NO_ENTRY)
    return row


def rule_to_edit(rule_id: int) -> IssueRule:
    require_owner("coupons.publish")
    row = IssueRule.rows().filter(id=rule_id).select_related("campaign").first()
    if row is None:
        raise Refused(NO_RULE)
    return row
