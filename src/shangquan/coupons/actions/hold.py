"""Setting pieces aside for a bill that is being paid, and letting them go."""

from collections.abc import Sequence
from datetime import datetime

from shangquan.coupons import locks
from shangquan.coupons.actions.refuse import check_free
from shangquan.coupons.contracts import CouponState
from shangquan.coupons.models import Piece
from shangquan.kernel.transactions import required


@required
def hold(piece_ids: Sequence[int], *, bill_id: int, now: datetime) -> None:
    """Set all of the pieces aside for the bill, or none.

    Repeating it for the same bill changes nothing. Refuses C-4094 used (who, where, when), C-4095 held for another
    payment, C-4096 given, C-4097 withdrawn, C-4101 expired, C-4221 too early, C-4099 blocked by a pause.
    """
    rows = locks.pieces(piece_ids).values()
    fresh = [row for row in rows if not (row.state == CouponState.HELD and row.held_bill_id == bill_id)]
    for row in fresh:
        check_free(row, now)
        row.state, row.held_bill_id, row.held_at = CouponState.HELD, bill_id, now
    Piece.rows().bulk_update(fresh, ["state", "held_bill_id", "held_at"])


@required
def release(bill_id: int, *, now: datetime) -> int:
    """Let go of what the bill holds: usable again at once. Answers how many; repeating it lets go of nothing more."""
    rows = locks.pieces_of_bill(bill_id)
    return Piece.rows().filter(id__in=rows).update(state=CouponState.UNUSED, held_bill_id=None, held_at=None)
