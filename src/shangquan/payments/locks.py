"""The only row locks of this room: an intent, then its refund."""

from shangquan.kernel.errors import Refused
from shangquan.payments.contracts import NO_DIFFERENCE, NO_INTENT, NO_REFUND
from shangquan.payments.models import Difference, Intent, Refund


def intent(*, id: int | None = None, number: str | None = None) -> Intent:
    """Refuses P-4041."""
    wanted = {"id": id} if number is None else {"number": number}
    row = Intent.rows().filter(**wanted).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_INTENT)
    return row


def refund(*, id: int | None = None, number: str | None = None) -> tuple[Refund, Intent]:
    """Locks the intent first, as every action does. Refuses P-4042."""
    wanted = {"id": id} if number is None else {"number": number}
    found = Refund.rows().filter(**wanted).values_list("intent_id", "id").first()
    if found is None:
        raise Refused(NO_REFUND)
    owner = intent(id=found[0])
    row = Refund.rows().filter(id=found[1]).select_for_update(no_key=True).get()
    return row, owner


def difference(id: int) -> Difference:
    """Refuses P-4043."""
    row = Difference.rows().filter(id=id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_DIFFERENCE)
    return row
