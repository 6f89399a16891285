from datetime import datetime

from shangquan.codes import queries
from shangquan.codes.contracts import CredentialCard, CredentialKind, CredentialState
from shangquan.codes.models import Credential
from shangquan.kernel import ids
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required


@required
def issue_credential(
    kind: CredentialKind,
    *,
    subject_kind: str,
    subject_id: int,
    holder_member_id: int | None = None,
    valid_until: datetime | None = None,
    now: datetime,
) -> CredentialCard:
    """Issue a credential with an unguessable payload; it waits to be activated. Refuses an end in the past (K-4001)."""
    if valid_until is not None and valid_until <= now:
        raise Refused(BAD_INPUT, why="有效期要在现在之后")
    row = Credential.objects.create(
        kind=kind.value,
        subject_kind=subject_kind,
        subject_id=subject_id,
        holder_member_id=holder_member_id,
        state=CredentialState.ISSUED.value,
        payload=f"V{ids.code(19)}",
        valid_until=valid_until,
        issued_at=now,
        changed_at=now,
    )
    return queries.credential_card(row)
