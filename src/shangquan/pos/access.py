"""The till and the right to it in one step."""

from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.pos.contracts import NO_TILL
from shangquan.pos.models import Till


def till_for(right: str, till_id: int) -> Till:
    """A till for staff or a device that holds `right` at its store. Refuses T-4041 beyond the merchant's wall, 403."""
    row = Till.rows().filter(id=till_id).first()
    who = scope.actor()
    if row is None or (who.merchant_id is not None and who.merchant_id != row.merchant_id):
        raise Refused(NO_TILL)
    scope.require(right, merchant_id=row.merchant_id, store_id=row.store_id)
    return row


def staff_id() -> int | None:
    who = scope.actor()
    return who.id if who.kind == "staff" else None
