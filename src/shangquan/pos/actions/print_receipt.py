from datetime import datetime

from django.db import IntegrityError
from django.db.models import Max
from django.db.transaction import atomic

from shangquan.checkout import door as checkout
from shangquan.kernel import scope
from shangquan.kernel.transactions import required
from shangquan.pos.actions.write_receipt import refund_receipt, sale_receipt
from shangquan.pos.contracts import ReceiptCard
from shangquan.pos.models import Receipt, Till
from shangquan.pos.queries.cards import receipt_card


@required
def print_first(*, till_id: int, bill_id: int, refund_id: int | None = None, now: datetime) -> ReceiptCard:
    """The receipt of a paid bill or of a return, written once; a repeat answers it again (`receipt_copy_once`)."""
    known = Receipt.rows().filter(bill_id=bill_id, refund_id=refund_id, copy_no=0).first()
    if known is not None:
        return receipt_card(known)
    return _print(Till.rows().get(id=till_id), bill_id, refund_id, 0, now)


@required
def reprint(*, till_id: int, bill_id: int, refund_id: int | None = None, now: datetime) -> ReceiptCard:
    """Print again, after a power cut or on request: marked 副本 / COPY, except when nothing was printed yet."""
    last = Receipt.rows().filter(bill_id=bill_id, refund_id=refund_id).aggregate(last=Max("copy_no"))["last"]
    return _print(Till.rows().get(id=till_id), bill_id, refund_id, 0 if last is None else last + 1, now)


def _print(till: Till, bill_id: int, refund_id: int | None, copy_no: int, now: datetime) -> ReceiptCard:
    bill = checkout.bill(bill_id)
    if refund_id is None:
        content = sale_receipt(till, bill, copy_no=copy_no, now=now)
    else:
        content = refund_receipt(till, bill, checkout.refund_card(refund_id), copy_no=copy_no, now=now)
    row = Receipt(
        till=till,
        store_id=bill.store_id,
        bill_id=bill.id,
        refund_id=refund_id,
        copy_no=copy_no,
        columns=till.paper,
        content=content,
        printed_by=scope.actor().name[:80],
        printed_at=now,
    )
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:  # printed at the same moment
        row = Receipt.rows().get(bill_id=bill_id, refund_id=refund_id, copy_no=copy_no)
    return receipt_card(row)
