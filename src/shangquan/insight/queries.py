"""Figures for pages. A merchant's staff see their own merchant's; every figure is one statement."""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, QuerySet, Sum

from shangquan.insight.contracts import (
    CampaignReturn,
    ChannelShare,
    DayPoint,
    FlowRow,
    Funnel,
    FunnelStep,
    HourPoint,
    StoreRow,
    Sums,
)
from shangquan.insight.models import CampaignSale, HourFigure, MerchantFlow, NewMemberFigure, Visit
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy

_SUMS = ("bills", "member_bills", "list_fen", "paid_fen", "saved_fen", "refunds", "refunded_fen")


def _figures(since: date, until: date, merchant_id: int | None) -> "QuerySet[HourFigure]":
    rows = HourFigure.rows().filter(day__gte=since, day__lte=until)
    wall = scope.actor().merchant_id if scope.actor().merchant_id is not None else merchant_id
    return rows if wall is None else rows.filter(merchant_id=wall)


def sums(since: date, until: date, *, merchant_id: int | None = None, up_to_hour: int | None = None) -> Sums:
    """Of whole local days, both included; with `up_to_hour` only what happened before that hour, to compare like with like."""
    rows = _figures(since, until, merchant_id)
    if up_to_hour is not None:
        rows = rows.filter(hour__lt=up_to_hour)
    found: dict[str, Any] = rows.aggregate(**{name: Sum(name) for name in _SUMS})
    visits = Visit.rows().filter(day__gte=since, day__lte=until)
    wall = scope.actor().merchant_id if scope.actor().merchant_id is not None else merchant_id
    if wall is not None:
        visits = visits.filter(merchant_id=wall)
    joined = NewMemberFigure.rows().filter(day__gte=since, day__lte=until).aggregate(n=Sum("count"))["n"]
    return Sums(
        **{name: found[name] or 0 for name in _SUMS},
        visits=visits.count(),
        new_members=(joined or 0) if wall is None else 0,
    )


def hours(day: date, *, merchant_id: int | None = None) -> list[HourPoint]:
    """By local hour, hours without a bill left out."""
    rows = _figures(day, day, merchant_id).values("hour").annotate(n=Sum("bills"), fen=Sum("paid_fen")).order_by("hour")
    return [HourPoint(row["hour"], row["n"], row["fen"]) for row in rows]


def days(since: date, until: date, *, merchant_id: int | None = None) -> list[DayPoint]:
    """Every day of the range, also those without a bill."""
    rows = (
        _figures(since, until, merchant_id)
        .values("day")
        .annotate(n=Sum("bills"), paid=Sum("paid_fen"), back=Sum("refunded_fen"))
    )
    found = {row["day"]: row for row in rows}
    none = {"n": 0, "paid": 0, "back": 0}
    every = [since + timedelta(days=i) for i in range((until - since).days + 1)]
    return [DayPoint(day, (row := found.get(day, none))["n"], row["paid"], row["back"]) for day in every]


def stores(since: date, until: date, *, merchant_id: int | None = None, limit: int = 500) -> list[StoreRow]:
    """Largest first."""
    rows = (
        _figures(since, until, merchant_id)
        .values("store_id", "merchant_id")
        .annotate(n=Sum("bills"), paid=Sum("paid_fen"), back=Sum("refunded_fen"))
        .order_by("-paid", "store_id")[:limit]
    )
    return [StoreRow(row["store_id"], row["merchant_id"], row["n"], row["paid"], row["back"]) for row in rows]


def channels(since: date, until: date) -> list[ChannelShare]:
    """Which surface brought how many of the new members; shares in permille, half up."""
    rows = list(
        NewMemberFigure.rows()
        .filter(day__gte=since, day__lte=until)
        .values_list("channel")
        .annotate(n=Sum("count"))
        .order_by("-n", "channel")
    )
    whole = sum(count for _, count in rows)
    return [ChannelShare(channel, count, (count * 2000 + whole) // (2 * whole)) for channel, count in rows]


def campaign_return(campaign_id: int, since: date, until: date) -> CampaignReturn:
    """Cost and attributed sales of a campaign. The rule: the bills on which a piece of it was used, within the window."""
    begin, end = tenancy.day_span(since, until)
    found = CampaignSale.rows().filter(campaign_id=campaign_id, at__gte=begin, at__lt=end)
    totals = found.aggregate(cost=Sum("cost_fen"))
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(sales_fen), 0), count(*) from (select distinct on (bill_id) sales_fen from insight_campaignsale"
            " where district_id = %s and campaign_id = %s and at >= %s and at < %s order by bill_id) b",
            [scope.district_id(), campaign_id, begin, end],
        )
        sales, bills = cursor.fetchone()
    return CampaignReturn(
        campaign_id=campaign_id,
        cost_fen=totals["cost"] or 0,
        sales_fen=int(sales),
        bills=bills,
        since=since,
        until=until,
        rule_zh="归因规则：窗口期内用了这张券的账单，按实付金额计",
        rule_en="Rule: bills on which a piece of the campaign was used within the window, by the amount paid",
    )


def funnel(campaign_id: int, *, issued: int, claimed: int, claimers: list[int], since: date) -> Funnel:
    """Issued → claimed → visited a store after that → used, and the basket. Claims come from the coupons room."""
    visited = (
        Visit.rows().filter(member_id__in=claimers, day__gte=since).values("member_id").distinct().count()
        if claimers
        else 0
    )
    used = CampaignSale.rows().filter(campaign_id=campaign_id).aggregate(n=Count("piece_id"), basket=Avg("sales_fen"))
    counts = [issued, claimed, visited, used["n"]]
    names = (("发放", "Issued"), ("领取", "Claimed"), ("领后到店", "Visited after"), ("核销", "Used"))
    steps = tuple(
        FunnelStep(zh, en, counts[i], None if i == 0 else (counts[i], counts[i - 1]))
        for i, (zh, en) in enumerate(names)
    )
    return Funnel(campaign_id, steps, int(used["basket"] or 0))


def flows(since: date, until: date) -> list[FlowRow]:
    """From where to where cross-merchant coupons led members, most first; a merchant sees the flows it is part of."""
    rows = MerchantFlow.rows().filter(day__gte=since, day__lte=until)
    wall = scope.actor().merchant_id
    found = (
        rows.values("from_merchant_id", "to_merchant_id")
        .annotate(n=Sum("pieces"), fen=Sum("sales_fen"))
        .order_by("-n", "from_merchant_id", "to_merchant_id")
    )
    return [
        FlowRow(row["from_merchant_id"], row["to_merchant_id"], row["n"], row["fen"])
        for row in found
        if wall is None or wall in (row["from_merchant_id"], row["to_merchant_id"])
    ]
