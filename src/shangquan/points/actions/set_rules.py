"""Kind and value of points are the owner's alone (right `points.manage`); a change is a new version, never backwards."""

from datetime import datetime

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.points.contracts import BAD_RULE, RULE_IN_THE_PAST
from shangquan.points.models import EarnRule, SpendRule, Tier


@required
def set_earn_rule(*, fen_per_point: int, merchant_id: int | None = None, starts_at: datetime, now: datetime) -> int:
    """From `starts_at` on, `fen_per_point` fen earn a point (at one merchant, or everywhere else). Refuses J-4221, J-4222."""
    scope.require("points.manage")
    _not_backwards(starts_at, now)
    if not 1 <= fen_per_point <= 1_000_000:
        raise Refused(BAD_RULE, why="每积分要花 0.01 到 10,000 元")
    row = EarnRule.objects.create(
        merchant_id=merchant_id, fen_per_point=fen_per_point, starts_at=starts_at, made_at=now
    )
    after = {"merchant_id": merchant_id, "fen_per_point": fen_per_point, "starts_at": starts_at.isoformat()}
    audit.record(action="points.set_earn_rule", subject="earn_rule", subject_id=row.id, after=after)
    return int(row.id)


@required
def set_spend_rule(
    *,
    points_per_yuan: int,
    step: int = 1,
    minimum: int = 0,
    max_share_bp: int = 10_000,
    owner_bp: int = 10_000,
    starts_at: datetime,
    now: datetime,
) -> int:
    """From `starts_at` on, that many points pay one yuan; the owner bears `owner_bp` of it, the merchant the rest."""
    scope.require("points.manage")
    _not_backwards(starts_at, now)
    if points_per_yuan < 1 or step < 1 or minimum < 0:
        raise Refused(BAD_RULE, why="积分数要大于 0")
    if not (0 <= max_share_bp <= 10_000 and 0 <= owner_bp <= 10_000):
        raise Refused(BAD_RULE, why="比例要在 0 到 100% 之间")
    terms = {
        "points_per_yuan": points_per_yuan,
        "step": step,
        "minimum": minimum,
        "max_share_bp": max_share_bp,
        "owner_bp": owner_bp,
    }
    row = SpendRule.objects.create(**terms, starts_at=starts_at, made_at=now)
    after = {**terms, "starts_at": starts_at.isoformat()}
    audit.record(action="points.set_spend_rule", subject="spend_rule", subject_id=row.id, after=after)
    return int(row.id)


@required
def set_tier(*, code: str, name: str, name_en: str, rank: int, payable_bp: int) -> None:
    """Make or change a tier. Needs `points.manage`."""
    scope.require("points.manage")
    if not 1 <= payable_bp <= 10_000:
        raise Refused(BAD_RULE, why="折扣要在 0.1 折到不打折之间")
    before = Tier.rows().filter(code=code).values("name", "name_en", "rank", "payable_bp").first()
    after = {"name": name, "name_en": name_en, "rank": rank, "payable_bp": payable_bp}
    Tier.objects.update_or_create(district_id=scope.district_id(), code=code, defaults=after)
    audit.record(action="points.set_tier", subject="tier", subject_id=code, before=before, after=after)


def _not_backwards(starts_at: datetime, now: datetime) -> None:
    if starts_at < now:
        raise Refused(RULE_IN_THE_PAST)
