from datetime import datetime

from shangquan.kernel import audit
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.members import locks
from shangquan.members.contracts import NEEDS_CONSENT, Purpose
from shangquan.members.models import Consent, MemberKey


@required
def give_consent(member_id: int, purpose: Purpose, *, wording: str, now: datetime) -> None:
    """Record a yes under the wording (its version) that was shown. A standing consent stays as it is."""
    if not 1 <= len(wording) <= 40:
        raise Refused(BAD_INPUT, why="要写明同意的是哪一版文字")
    row = locks.member(member_id)
    Consent.objects.bulk_create(
        [Consent(member=row, purpose=purpose, wording=wording, given_at=now)], ignore_conflicts=True
    )
    audit.record(action="members.consent", subject="member", subject_id=member_id, after={"purpose": purpose.value})


@required
def withdraw_consent(member_id: int, purpose: Purpose, *, now: datetime) -> None:
    """Record a no. Identities that stood on this consent are forgotten here. Repeating changes nothing."""
    row = locks.member(member_id)
    ended = Consent.rows().filter(member=row, purpose=purpose, withdrawn_at__isnull=True).update(withdrawn_at=now)
    if not ended:
        return
    kinds = [kind for kind, needed in NEEDS_CONSENT.items() if needed is purpose]
    MemberKey.rows().filter(member=row, key__kind__in=kinds).delete()
    audit.record(action="members.withdraw", subject="member", subject_id=member_id, after={"purpose": purpose.value})
