from datetime import datetime

from shangquan.codes import locks, queries, rules
from shangquan.codes.contracts import (
    CREDENTIAL_EXPIRED,
    ILLEGAL_CHANGE,
    STATE_ZH,
    CredentialCard,
    CredentialChanged,
    CredentialState,
)
from shangquan.codes.models import Credential, CredentialLog
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required, transaction


@required
def move_credential(credential_id: int, wanted: CredentialState, *, now: datetime) -> CredentialCard | Refused:
    """Try a step of a credential's life; either way the log gets a line in the caller's transaction.

    An illegal step is *answered*, not raised, so that its log line is kept: Q-4092, or Q-4102 when the time is over.
    Refuses an unknown credential by raising Q-4043. An accepted step is told as `CredentialChanged`.
    """
    row = locks.credential(credential_id)
    before = CredentialState(row.state)
    refused = _why_not(row, before, wanted, now)
    who = scope.actor()
    CredentialLog.objects.create(
        credential=row,
        before=before.value,
        wanted=wanted.value,
        refused="" if refused is None else refused.reason.code,
        actor=f"{who.kind}:{who.id}",
        at=now,
    )
    if refused is not None:
        return refused
    row.state, row.changed_at = wanted.value, now
    row.save(update_fields=["state", "changed_at"])
    publish(
        CredentialChanged(
            credential_id=row.id,
            kind=row.kind,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            before=before.value,
            after=wanted.value,
        )
    )
    return queries.credential_card(row)


def change_credential(credential_id: int, wanted: CredentialState, *, now: datetime) -> CredentialCard:
    """`move_credential` for edges: opens the transaction, keeps the log line, then raises the refusal."""
    with transaction():
        answer = move_credential(credential_id, wanted, now=now)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _why_not(row: Credential, before: CredentialState, wanted: CredentialState, now: datetime) -> Refused | None:
    if not rules.may_become(before, wanted):
        return Refused(
            ILLEGAL_CHANGE,
            state=before.value, wanted=wanted.value, state_zh=STATE_ZH[before], wanted_zh=STATE_ZH[wanted],
        )  # fmt: skip
    living = (CredentialState.ACTIVE, CredentialState.USED, CredentialState.COMPLETED)
    if wanted in living and row.valid_until is not None and row.valid_until <= now:
        return Refused(CREDENTIAL_EXPIRED, expired_at=row.valid_until.isoformat(timespec="minutes"))
    return None
