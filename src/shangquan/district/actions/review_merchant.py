from datetime import datetime

from shangquan.district.actions.suspend_merchant import step
from shangquan.district.contracts import MerchantAccepted, MerchantRefused
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def review_merchant(
    merchant_id: int,
    *,
    accepted: bool,
    reason: str = "",
    commission_bp: int = 0,
    joins_tiers: bool = False,
    joins_points: bool = True,
    now: datetime,
) -> None:
    """Accept an application on these terms, or refuse it saying why. Needs `merchants.review`.

    A refused one may be accepted later. Refuses another state (D-4092) and a refusal without a reason (K-4001).
    """
    if not 0 <= commission_bp <= 10_000:
        raise Refused(BAD_INPUT, why="佣金要在 0 到 100% 之间")
    if accepted:
        terms = {"commission_bp": commission_bp, "joins_tiers": joins_tiers, "joins_points": joins_points}
        step(merchant_id, "accept", reason=reason, now=now, **terms)
        publish(MerchantAccepted(merchant_id=merchant_id))
        return
    if not reason.strip():
        raise Refused(BAD_INPUT, why="请写明拒绝的原因")
    step(merchant_id, "refuse", reason=reason, now=now)
    publish(MerchantRefused(merchant_id=merchant_id))
