"""What journeys count and consoles ask."""

from shangquan.insight.actions.count import count_bill, count_new_member, count_redemption, count_refund, count_visit
from shangquan.insight.queries import campaign_return, channels, days, flows, funnel, hours, stores, sums

__all__ = [
    "campaign_return", "channels", "count_bill", "count_new_member", "count_redemption", "count_refund", "count_visit",
    "days", "flows", "funnel", "hours", "stores", "sums",
]  # fmt: skip
