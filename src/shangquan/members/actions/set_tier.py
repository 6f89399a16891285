from datetime import datetime

from shangquan.kernel import audit
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import locks
from shangquan.members.contracts import TierChanged


@required
def set_tier(member_id: int, tier: str, *, now: datetime) -> None:
    """Put a member into a tier; which tiers there are is known by the room of points. Repeating changes nothing."""
    if not 1 <= len(tier) <= 20:
        raise Refused(BAD_INPUT, why="等级代号要 1 到 20 个字")
    row = locks.member(member_id)
    if row.tier == tier:
        return
    before, row.tier, row.tier_since = row.tier, tier, now
    row.save(update_fields=["tier", "tier_since"])
    audit.record(action="members.tier", subject="member", subject_id=member_id, before=before, after=tier)
    publish(TierChanged(member_id=member_id, before=before, after=tier))
