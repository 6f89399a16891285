"""The only row locks of this room: the bill, before anything of it is read to be changed."""

from shangquan.checkout.contracts import NO_BILL
from shangquan.checkout.models import Bill
from shangquan.kernel.errors import Refused


def bill(bill_id: int) -> Bill:
    """Refuses B-4041."""
    row = Bill.rows().select_for_update(no_key=True).filter(id=bill_id).first()
    if row is None:
        raise Refused(NO_BILL)
    return row
