from collections.abc import Sequence
from datetime import datetime

from shangquan.checkout import locks
from shangquan.checkout.actions.fill import choice_json, choice_of, lines_from, put_quote
from shangquan.checkout.actions.states import require_open
from shangquan.checkout.contracts import BillCard, Choice, Line, LineDraft
from shangquan.checkout.models import BillLine
from shangquan.checkout.queries.cards import bill_card
from shangquan.checkout.queries.pricing import quote_bill
from shangquan.district import door as district
from shangquan.kernel.transactions import required

KEEP = -1  # "leave the member as it is": None means a guest


@required
def reprice(
    *,
    bill_id: int,
    now: datetime,
    lines: Sequence[LineDraft] | None = None,
    member_id: int | None = KEEP,
    choice: Choice | None = None,
    referrer_id: int | None = KEEP,
    fillers: Sequence[Line] = (),
) -> BillCard:
    """Price an open bill anew, after other lines, another member or another choice; what is not given stays.

    `fillers` are goods at hand for the "add a little" offers. Refuses B-4041, B-4092 unless it is open, B-4001, B-4002.
    """
    bill = locks.bill(bill_id)
    require_open(bill)
    if member_id != KEEP:
        bill.member_id = member_id
    if referrer_id != KEEP:
        bill.referrer_id = referrer_id
    if choice is not None:
        bill.choice = choice_json(choice)
    rows = None
    if lines is not None:
        rows = lines_from(bill, lines, district.merchant(bill.merchant_id))
        BillLine.rows().filter(bill=bill).delete()
        BillLine.objects.bulk_create(rows)
    put_quote(bill, quote_bill(bill, choice_of(bill, fillers), now, rows))
    bill.save()
    return bill_card(bill, rows)
