from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from shangquan.kernel import audit, scope
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.payments import locks, ports
from shangquan.payments.contracts import BillRow, DifferenceCard, DifferenceFound, Reconciliation
from shangquan.payments.models import BillImport, BillLine, Difference
from shangquan.payments.queries import difference_card

# Our payments and refunds of the day against the rows of its bill. A payment belongs to the day it was paid on, a
# refund to the day it was sent on; a row of the bill may agree with one of ours of any day.
_COMPARE = """
with line as (
  select number, refund_number, amount_fen from payments_bill_line where district_id = %(d)s and bill_id = %(bill)s
), own as (
  select i.number, '' as refund_number, i.amount_fen, i.id as intent_id,
         i.paid_at >= %(start)s and i.paid_at < %(end)s as of_day
    from payments_intent i
   where i.district_id = %(d)s and i.channel = any(%(channels)s) and i.state = 'paid'
     and (i.paid_at >= %(start)s and i.paid_at < %(end)s or i.number in (select number from line))
  union all
  select i.number, r.number, r.amount_fen, i.id, r.sent_at >= %(start)s and r.sent_at < %(end)s and r.state = 'done'
    from payments_refund r join payments_intent i on i.id = r.intent_id
   where r.district_id = %(d)s and i.channel = any(%(channels)s) and r.state in ('done', 'waiting', 'sent')
     and (r.sent_at >= %(start)s and r.sent_at < %(end)s or r.number in (select refund_number from line))
)
select coalesce(own.number, line.number), coalesce(own.refund_number, line.refund_number),
       own.amount_fen, line.amount_fen, own.intent_id,
       case when line.number is null then 'missing' when own.number is null then 'extra'
            when own.amount_fen <> line.amount_fen then 'amount' else '' end
  from own full join line on line.number = own.number and line.refund_number = own.refund_number
 where line.number is not null or own.of_day
"""


@required
def reconcile(*, provider: str, day: date, rows: Sequence[BillRow], now: datetime) -> Reconciliation:
    """Compare a day's bill with our own payments and refunds; each difference is kept once (H14).

    Importing a day again replaces its rows; differences that are gone disappear unless a person has resolved them.
    """
    channels, port = ports.bill(provider)
    bill = _import(provider, day, rows, now)
    start, end = bounds(day, port.zone)
    with connection.cursor() as cursor:
        cursor.execute(
            _COMPARE,
            {
                "d": scope.district_id(),
                "bill": bill.id,
                "start": start,
                "end": end,
                "channels": [c.value for c in channels],
            },
        )
        compared = cursor.fetchall()
    bill.matched = sum(1 for row in compared if not row[5])
    bill.own_fen = sum((-1 if row[1] else 1) * row[2] for row in compared if row[2] is not None)
    bill.save(update_fields=["matched", "own_fen"])
    _keep(provider, day, [row for row in compared if row[5]], now)
    cards = [difference_card(row) for row in Difference.rows().filter(provider=provider, day=day).order_by("id")]
    return Reconciliation(provider, day, bill.rows_count, bill.matched, bill.bill_fen, bill.own_fen, tuple(cards))


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a calendar day and of the next, in UTC."""
    start, end = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return start, end


def _import(provider: str, day: date, rows: Sequence[BillRow], now: datetime) -> BillImport:
    total = sum((-1 if row.refund_number else 1) * row.amount_fen for row in rows)
    bill, _ = BillImport.rows().update_or_create(
        provider=provider, day=day, defaults={"rows_count": len(rows), "bill_fen": total, "imported_at": now}
    )
    BillLine.rows().filter(bill=bill).delete()
    BillLine.objects.bulk_create(
        BillLine(
            bill=bill, number=row.number, refund_number=row.refund_number, amount_fen=row.amount_fen,
            transaction_id=row.transaction_id, happened_at=row.happened_at,
        )
        for row in rows
    )  # fmt: skip
    return bill


def _keep(
    provider: str, day: date, found: Sequence[tuple[str, str, int | None, int | None, int | None, str]], now: datetime
) -> None:
    known = {
        (row.kind, row.number, row.refund_number): row for row in Difference.rows().filter(provider=provider, day=day)
    }
    wanted = {(row[5], row[0], row[1]): row for row in found}
    gone = [row.id for key, row in known.items() if key not in wanted and row.resolved_at is None]
    Difference.rows().filter(id__in=gone).delete()
    fresh = Difference.objects.bulk_create(
        Difference(
            provider=provider, day=day, kind=kind, number=number, refund_number=refund_number, own_fen=row[2],
            bill_fen=row[3], intent_id=row[4], found_at=now,
        )
        for (kind, number, refund_number), row in wanted.items()
        if (kind, number, refund_number) not in known
    )  # fmt: skip
    publish(*(DifferenceFound(row.id, row.kind, row.number) for row in fresh))


@required
def resolve_difference(*, difference_id: int, note: str, now: datetime) -> DifferenceCard:
    """A person says why it differs and that it is dealt with. Needs `payments.reconcile`; refuses P-4043."""
    who = scope.require("payments.reconcile")
    row = locks.difference(difference_id)
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by, row.note = now, who.name[:80], note[:200]
        row.save()
        audit.record(
            action="payments.resolve_difference", subject="difference", subject_id=row.id,
            before={"kind": row.kind, "number": row.number}, after={"note": row.note},
        )  # fmt: skip
    return difference_card(row)
