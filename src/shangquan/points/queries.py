"""Reads of the rules in force."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from shangquan.kernel import scope
from shangquan.points.contracts import EarnRuleCard, EarnTerms, SpendRuleCard, TierCard
from shangquan.points.models import EarnRule, SpendRule, Tier


def earn_terms(merchant_ids: Iterable[int], at: datetime) -> dict[int, EarnTerms]:
    """For each merchant the newest rule of its own in force at that moment, else the newest one for all. One query."""
    wanted = sorted(set(merchant_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select w.merchant_id, r.id, r.fen_per_point
              from unnest(%s::bigint[]) w(merchant_id)
              join lateral (
                select id, fen_per_point from points_earnrule
                 where district_id = %s and starts_at <= %s and (merchant_id = w.merchant_id or merchant_id is null)
                 order by merchant_id nulls last, starts_at desc, id desc limit 1
              ) r on true
            """,
            [wanted, scope.district_id(), at],
        )
        return {merchant: EarnTerms(rule, fen) for merchant, rule, fen in cursor.fetchall()}


def spend_rule(at: datetime) -> SpendRule | None:
    return SpendRule.rows().filter(starts_at__lte=at).order_by("-starts_at", "-id").first()


def earn_rules() -> list[EarnRuleCard]:
    """All versions, those of the past and those to come, the newest first."""
    rows = EarnRule.rows().order_by("-starts_at", "-id")[:100]
    return [EarnRuleCard(row.id, row.merchant_id, row.fen_per_point, row.starts_at) for row in rows]


def spend_rules() -> list[SpendRuleCard]:
    """As `earn_rules`."""
    return [
        SpendRuleCard(row.id, row.points_per_yuan, row.step, row.minimum, row.max_share_bp, row.owner_bp, row.starts_at)
        for row in SpendRule.rows().order_by("-starts_at", "-id")[:100]
    ]


def tiers() -> list[TierCard]:
    return [_tier(row) for row in Tier.rows().order_by("rank")]


def tier(code: str) -> TierCard | None:
    row = Tier.rows().filter(code=code).first()
    return _tier(row) if row else None


def _tier(row: Tier) -> TierCard:
    return TierCard(code=row.code, name=row.name, name_en=row.name_en, rank=row.rank, payable_bp=row.payable_bp)
