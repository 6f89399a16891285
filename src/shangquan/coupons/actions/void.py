from shangquan.coupons import access, locks
from shangquan.coupons.contracts import ALREADY_USED, HELD_ELSEWHERE, CouponState
from shangquan.kernel import audit
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required


@required
def void_piece(piece_id: int, *, reason: str) -> None:
    """Withdraw a piece for good, with a reason for the audit. The stock does not grow back: counters count claims.

    Needs `coupons.publish` for its campaign. Repeating it changes nothing. Refuses C-4094 used, C-4095 being paid with.
    """
    row = locks.pieces([piece_id])[piece_id]
    access.check_editable(row.campaign, "coupons.publish")
    if row.state == CouponState.VOID:
        return
    if row.state in (CouponState.USED, CouponState.GIVEN):
        raise Refused(ALREADY_USED)
    if row.state == CouponState.HELD:
        raise Refused(HELD_ELSEWHERE)
    before, row.state, row.void_reason = row.state, CouponState.VOID, reason[:120]
    row.save(update_fields=["state", "void_reason"])
    audit.record(
        action="coupons.void", subject="piece", subject_id=row.id,
        before={"state": before}, after={"state": "void", "reason": reason[:120]},
    )  # fmt: skip
