"""The audit of every change: who, when, on what, before and after. Written with the change, never altered."""

from typing import Any

from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import required, transaction


@required
def record(*, action: str, subject: str, subject_id: object, before: Any = None, after: Any = None) -> None:
    """Add a line in the transaction of the change. `before`/`after` hold plain values; never secrets or whole phones."""
    _line(action, subject, subject_id, before, after, refused="").save(force_insert=True)


def record_refusal(refused: Refused, *, action: str, subject: str, subject_id: object = "") -> None:
    """Add a line for an attempt that was refused; the edge calls it after the attempt has rolled back."""
    with transaction():
        _line(action, subject, subject_id, None, refused.data, refused=refused.reason.code).save(force_insert=True)


def _line(action: str, subject: str, subject_id: object, before: Any, after: Any, refused: str) -> AuditLine:
    opened = scope.current()
    who = opened.actor
    return AuditLine(
        at=clock.now(),
        actor_kind=who.kind,
        actor_id=who.id,
        actor_name=who.name[:80],
        role=who.role,
        merchant_id=who.merchant_id,
        action=action,
        subject=subject,
        subject_id=str(subject_id),
        before=before,
        after=after,
        refused=refused,
        request_id=opened.request_id,
        ip=opened.ip,
    )
