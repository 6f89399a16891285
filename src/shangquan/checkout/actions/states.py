"""What a bill's state allows; each refusal names the state in both languages."""

from shangquan.checkout.contracts import BEING_PAID, NOT_OPEN, BillState
from shangquan.checkout.models import Bill
from shangquan.kernel.errors import Refused

_WORDS = {
    BillState.OPEN: ("未付", "open"),
    BillState.HELD: ("付款中", "being paid"),
    BillState.PAID: ("已付", "paid"),
    BillState.PARTLY_REFUNDED: ("部分退款", "partly refunded"),
    BillState.REFUNDED: ("已退款", "refunded"),
    BillState.CANCELLED: ("已取消", "cancelled"),
}


def require_open(bill: Bill) -> None:
    """Refuses B-4096 while it is being paid, else B-4092."""
    if bill.state == BillState.HELD:
        raise Refused(BEING_PAID)
    if bill.state != BillState.OPEN:
        raise not_open(bill)


def not_open(bill: Bill) -> Refused:
    zh, en = _WORDS[BillState(bill.state)]
    return Refused(NOT_OPEN, state=zh, state_en=en)
