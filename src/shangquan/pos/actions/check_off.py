from datetime import datetime

from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import PieceCard
from shangquan.kernel.transactions import required
from shangquan.pos.access import till_for


@required
def check_off(*, till_id: int, code: str, key: str, now: datetime, spend_fen: int = 0) -> PieceCard:
    """Consume a coupon at this till without a bill: a group voucher, an exchange coupon (F8, I3).

    Needs `till.use` and `coupons.redeem` at the store; every wrong piece is refused with its own reason, a repeat of
    `key` answers the first result.
    """
    till = till_for("till.use", till_id)
    return coupons.check_off(
        code, merchant_id=till.merchant_id, store_id=till.store_id, key=key, now=now, spend_fen=spend_fen
    )
