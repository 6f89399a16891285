"""Row and right in one step: absent and forbidden get the same answer."""

from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.settlement import locks
from shangquan.settlement.contracts import NO_STATEMENT
from shangquan.settlement.models import Statement


def statement(statement_id: int, right: str, *, lock: bool = False) -> Statement:
    """A statement that the acting person may handle: the owner's staff any, a merchant's staff their own."""
    who = scope.require(right)
    row = (
        locks.statement(statement_id)
        if lock
        else Statement.rows().select_related("period").filter(id=statement_id).first()
    )
    if row is None or (who.merchant_id is not None and row.merchant_id != who.merchant_id):
        raise Refused(NO_STATEMENT)
    return row


def merchant_wall(merchant_id: int | None) -> int | None:
    """The merchant to whose rows a list is bound: one's own for a merchant's staff, else the one asked for."""
    own = scope.actor().merchant_id
    return own if own is not None else merchant_id
