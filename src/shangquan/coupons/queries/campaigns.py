"""Lists of campaigns for the owner and for merchants."""

from collections.abc import Sequence

from django.db.models import Q

from shangquan.coupons.access import campaign_to_read
from shangquan.coupons.contracts import CampaignCard
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries.stored import campaign_card
from shangquan.kernel import scope


def campaign(campaign_id: int) -> CampaignCard:
    """Refuses C-4041, also for a merchant whom it does not concern. Needs `coupons.read`."""
    return campaign_card(campaign_to_read(campaign_id))


def campaigns(
    *,
    states: Sequence[str] = (),
    merchant_id: int | None = None,
    search: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[CampaignCard]:
    """Newest first, by key. A merchant sees what it issues and what works at it by name. Needs `coupons.read`."""
    who = scope.require("coupons.read")
    wall = who.merchant_id if who.merchant_id is not None else merchant_id
    rows = Campaign.rows()
    if wall is not None:
        rows = rows.filter(Q(issuer_merchant_id=wall) | Q(merchants_in__contains=[wall]))
    if states:
        rows = rows.filter(state__in=states)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(number=search))
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [campaign_card(row) for row in rows.order_by("-id")[:limit]]
