"""The bill and the right to it in one step."""

from shangquan.checkout.contracts import NO_BILL
from shangquan.checkout.models import Bill
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused


def bill_for(right: str, **key: object) -> Bill:
    """A bill for staff or a device that holds `right` at its store. Refuses B-4041 for what lies behind a wall, 403."""
    bill = Bill.rows().filter(**key).first()
    who = scope.actor()
    if bill is None or (who.merchant_id is not None and who.merchant_id != bill.merchant_id):
        raise Refused(NO_BILL)
    scope.require(right, merchant_id=bill.merchant_id, store_id=bill.store_id)
    return bill


def own_bill(**key: object) -> Bill:
    """A bill of the member who asks. Refuses B-4041 for everybody else's."""
    who = scope.actor()
    bill = Bill.rows().filter(member_id=who.id, **key).first() if who.kind == "member" else None
    if bill is None:
        raise Refused(NO_BILL)
    return bill
