from datetime import datetime

from shangquan.district import access, rules
from shangquan.district.contracts import ILLEGAL_STEP, MerchantResumed, MerchantStatus, MerchantSuspended
from shangquan.identity import door as identity
from shangquan.kernel import audit
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def suspend_merchant(merchant_id: int, *, reason: str, now: datetime) -> None:
    """Stop a merchant's trade with the commit: out of sight for consumers, its staff signed out. Needs `merchants.review`.

    Nothing is deleted: its rows stay readable by the owner. Refuses another state than active (D-4092).
    """
    if not reason.strip():
        raise Refused(BAD_INPUT, why="请写明停业的原因")
    step(merchant_id, "suspend", reason=reason, now=now)
    identity.suspend_staff(merchant_id=merchant_id, now=now)
    publish(MerchantSuspended(merchant_id=merchant_id))


@required
def resume_merchant(merchant_id: int, *, now: datetime) -> None:
    """Let a suspended merchant trade again, with all it had. Needs `merchants.review`; refuses D-4092."""
    step(merchant_id, "resume", reason="", now=now)
    identity.resume_staff(merchant_id=merchant_id)
    publish(MerchantResumed(merchant_id=merchant_id))


def step(merchant_id: int, name: str, *, reason: str, now: datetime, **terms: object) -> None:
    """One step of a merchant's life (`rules.STEPS`), with the terms it sets, audited."""
    row = access.merchant_for("merchants.review", merchant_id, lock=True)
    before = MerchantStatus(row.status)
    after = rules.next_status(before, name)
    if after is None:
        raise Refused(ILLEGAL_STEP, state=rules.STATUS_ZH[before], status=before.value)
    row.status, row.status_reason, row.changed_at = after.value, reason.strip()[:200], now
    if name in ("accept", "refuse"):
        row.reviewed_at = now
    for field, value in terms.items():
        setattr(row, field, value)
    row.save()
    audit.record(
        action=f"district.{name}",
        subject="merchant",
        subject_id=merchant_id,
        before={"status": before.value},
        after={"status": after.value, "reason": row.status_reason, **terms},
    )
