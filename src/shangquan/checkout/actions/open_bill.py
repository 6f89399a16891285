from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.checkout.actions.fill import choice_json, lines_from, put_quote
from shangquan.checkout.contracts import BAD_KEY, KEY_TAKEN, BillCard, BillKind, Choice, LineDraft
from shangquan.checkout.models import Bill, BillLine
from shangquan.checkout.queries.cards import bill_card
from shangquan.checkout.queries.pricing import quote_bill
from shangquan.district import door as district
from shangquan.district.contracts import NOT_TRADING
from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.idempotency import fingerprint
from shangquan.kernel.transactions import required


@required
def open_bill(
    *,
    kind: BillKind,
    store_id: int,
    lines: Sequence[LineDraft],
    member_id: int | None = None,
    staff_id: int | None = None,
    referrer_id: int | None = None,
    client_key: str,
    now: datetime,
    choice: Choice | None = None,
) -> BillCard:
    """Open a bill and price it with the best combination.

    `client_key` is the caller's own name for it: a repeat answers the same bill, whatever became of it; under another
    question it is refused (B-4091). Refuses B-4001, B-4002, B-4003, D-4042 for an unknown store, D-4095 for one that
    is not trading.
    """
    if not 8 <= len(client_key) <= 80:
        raise Refused(BAD_KEY)
    asked = fingerprint(kind, store_id, [asdict(line) for line in lines], member_id)
    known = Bill.rows().filter(client_key=client_key).first()
    if known is not None:
        return _same(known, asked)
    store = district.store(store_id)
    if not store.is_trading:
        raise Refused(NOT_TRADING)
    bill = Bill(
        number=ids.number("B", now),
        kind=kind,
        merchant_id=store.merchant_id,
        store_id=store.id,
        member_id=member_id,
        staff_id=staff_id,
        referrer_id=referrer_id,
        client_key=client_key,
        fingerprint=asked,
        choice=choice_json(choice or Choice()),
        opened_at=now,
    )
    merchant = district.merchant(bill.merchant_id)
    rows = lines_from(bill, lines, merchant)
    put_quote(bill, quote_bill(bill, choice or Choice(), now, rows, merchant))
    try:
        with atomic():
            bill.save(force_insert=True)
    except IntegrityError:  # somebody else came first with this key
        known = Bill.rows().filter(client_key=client_key).first()
        if known is None:
            raise
        return _same(known, asked)
    BillLine.objects.bulk_create(rows)
    return bill_card(bill, rows)


def _same(known: Bill, asked: str) -> BillCard:
    if known.fingerprint != asked:
        raise Refused(KEY_TAKEN)
    return bill_card(known)
