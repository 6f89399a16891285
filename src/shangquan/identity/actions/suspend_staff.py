from datetime import datetime

from shangquan.identity.models import SuspendedMerchant
from shangquan.kernel import audit, scope
from shangquan.kernel.transactions import required


@required
def suspend_staff(*, merchant_id: int, now: datetime) -> None:
    """Shut a merchant's staff and devices out, in the transaction that suspends the merchant.

    Holds for open sessions and for grants made later, from the commit on. Needs the right `merchants.review`.
    """
    scope.require("merchants.review")
    _, made = SuspendedMerchant.rows().get_or_create(merchant_id=merchant_id, defaults={"since": now})
    if made:
        audit.record(action="identity.suspend_staff", subject="merchant", subject_id=merchant_id)


@required
def resume_staff(*, merchant_id: int) -> None:
    """Let them in again, with the grants and tokens they had. Needs the right `merchants.review`."""
    scope.require("merchants.review")
    gone, _ = SuspendedMerchant.rows().filter(merchant_id=merchant_id).delete()
    if gone:
        audit.record(action="identity.resume_staff", subject="merchant", subject_id=merchant_id)
