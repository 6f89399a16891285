from datetime import date, datetime, time, timedelta

from django.db import connection

from shangquan.kernel import audit, ids, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.settlement import locks
from shangquan.settlement.contracts import PERIOD_EMPTY, LineKind, StatementIssued
from shangquan.settlement.models import Period, SettlementLine, Statement
from shangquan.tenancy import door as tenancy


@required
def close_period(*, ends_on: date, now: datetime) -> int:
    """Close the books up to the end of a local day that is over; answers the period's id.

    Every line of that time that is in no period yet goes in, and each merchant gets a statement. Closing the same day
    again answers the same period. A total below zero is carried into the next period. Needs `settlement.close`;
    refuses S-4091 for a day that is not over.
    """
    who = scope.require("settlement.close")
    locks.books()
    known = Period.rows().filter(ends_on__gte=ends_on).order_by("ends_on").first()
    if known is not None:
        return known.id
    zone = tenancy.district().zone
    cut = datetime.combine(ends_on + timedelta(days=1), time.min, zone)
    if cut > now:
        raise Refused(PERIOD_EMPTY)
    period = Period.objects.create(
        starts_on=_starts_on(ends_on, cut), ends_on=ends_on, closed_at=now, closed_by=who.name
    )
    SettlementLine.rows().filter(period__isnull=True, happened_at__lt=cut).update(period=period)
    statements = [
        Statement(
            number=ids.number("ST", now), period=period, merchant_id=merchant_id, total_fen=total, line_count=count,
            state=Statement.State.CARRIED if total < 0 else Statement.State.ISSUED,
        )
        for merchant_id, total, count in _totals(period.id)
    ]  # fmt: skip
    Statement.objects.bulk_create(statements)
    _carry([statement for statement in statements if statement.total_fen < 0], cut)
    publish(*(StatementIssued(s.id, s.merchant_id, s.total_fen) for s in statements))
    audit.record(
        action="settlement.close", subject="period", subject_id=period.id,
        after={"ends_on": ends_on.isoformat(), "statements": len(statements)},
    )  # fmt: skip
    return int(period.id)


def _starts_on(ends_on: date, cut: datetime) -> date:
    """The day after the period before; for the first one, the day of the oldest line."""
    before = Period.rows().order_by("-ends_on").first()
    if before is not None:
        return before.ends_on + timedelta(days=1)
    oldest = SettlementLine.rows().filter(happened_at__lt=cut).order_by("happened_at").first()
    return tenancy.local(oldest.happened_at).date() if oldest else ends_on


def _totals(period_id: int) -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select merchant_id, sum(amount_fen)::bigint, count(*) from settlement_settlementline"
            " where district_id = %s and period_id = %s group by merchant_id order by merchant_id",
            [scope.district_id(), period_id],
        )
        return list(cursor.fetchall())


def _carry(negative: list[Statement], cut: datetime) -> None:
    SettlementLine.objects.bulk_create(
        SettlementLine(
            merchant_id=row.merchant_id, kind=LineKind.CARRIED, amount_fen=row.total_fen,
            source="statement", source_id=row.id, step="carried", happened_at=cut, memo=row.number,
        )
        for row in negative
    )  # fmt: skip
