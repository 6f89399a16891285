from datetime import datetime

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.pos.contracts import Part
from shangquan.pos.models import CommissionRule


@required
def set_commission(*, merchant_id: int, part: Part, rate_bp: int, starts_at: datetime, now: datetime) -> None:
    """What clerks or referrers earn of the money paid, in basis points, from `starts_at` on. Needs `till.setup`.

    Rules are added, never changed: what was sold before keeps its rate. Refuses K-4001 for a rate above 100 % or a
    start in the past.
    """
    scope.require("till.setup", merchant_id=merchant_id)
    if not 0 <= rate_bp <= 10_000 or starts_at < now:
        raise Refused(BAD_INPUT, why="比例在 0 到 100% 之间，从现在或以后开始")
    CommissionRule.objects.create(merchant_id=merchant_id, part=part, rate_bp=rate_bp, starts_at=starts_at)
    audit.record(
        action="till.set_commission",
        subject="merchant",
        subject_id=merchant_id,
        after={"part": part.value, "bp": rate_bp},
    )
