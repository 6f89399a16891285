from datetime import datetime

from shangquan.identity import access, locks
from shangquan.identity.contracts import LAST_OWNER, Role, StaffRevoked
from shangquan.kernel import audit
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def revoke_role(*, grant_id: int, now: datetime) -> None:
    """Take a grant back; it is worth nothing from the commit on. Needs the right `staff.manage`, inside the same walls.

    Refuses to take the district's last administrator (A-4092), also when two try it at once, and A-4042 for a grant
    that is not in force.
    """
    administrators = locks.administrators()
    row = access.grant_to_revoke(grant_id)
    if row.role == Role.OWNER_ADMIN and [held.id for held in administrators] == [row.id]:
        raise Refused(LAST_OWNER)
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    place = {"role": row.role, "merchant_id": row.merchant_id, "store_id": row.store_id}
    audit.record(action="identity.revoke", subject="account", subject_id=row.account_id, before=place)
    publish(StaffRevoked(account_id=row.account_id, role=row.role, merchant_id=row.merchant_id, store_id=row.store_id))
