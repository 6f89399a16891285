"""The only select_for_update of this room."""

from shangquan.codes.contracts import NO_CREDENTIAL
from shangquan.codes.models import Credential
from shangquan.kernel.errors import Refused


def credential(credential_id: int) -> Credential:
    """Refuses Q-4043."""
    row = Credential.rows().select_for_update(no_key=True).filter(id=credential_id).first()
    if row is None:
        raise Refused(NO_CREDENTIAL)
    return row
