"""Reads for consoles and doors. Every list has a constant number of statements; merchants' staff see their own rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, Sum

from shangquan.kernel.errors import Refused
from shangquan.settlement import access
from shangquan.settlement.contracts import (
    EQUATION,
    KIND_WORDS,
    NO_PAYOUT,
    DisputeCard,
    LineCard,
    LineKind,
    PayoutCard,
    PeriodCard,
    StatementCard,
)
from shangquan.settlement.models import Dispute, Payout, Period, SettlementLine, Statement


def periods(limit: int = 24) -> list[PeriodCard]:
    rows = list(Period.rows().order_by("-ends_on")[:limit])
    ids = [row.id for row in rows]
    sums = {
        item["period_id"]: item
        for item in Statement.rows()
        .filter(period_id__in=ids)
        .values("period_id")
        .annotate(
            statements=Count("id"),
            confirmed=Count("id", filter=Q(state="confirmed")),
            paid=Count("id", filter=Q(payout__state="paid")),
            total=Sum("total_fen"),
        )
    }
    disputes = dict(
        Dispute.rows()
        .filter(statement__period_id__in=ids, state="open")
        .values_list("statement__period_id")
        .annotate(n=Count("id"))
    )
    none = {"statements": 0, "confirmed": 0, "paid": 0, "total": 0}
    return [
        PeriodCard(
            id=row.id, starts_on=row.starts_on, ends_on=row.ends_on, closed_at=row.closed_at,
            statements=(found := sums.get(row.id, none))["statements"], confirmed=found["confirmed"], paid=found["paid"],
            disputes=disputes.get(row.id, 0), total_fen=found["total"],
        )
        for row in rows
    ]  # fmt: skip


def statements(
    *, period_id: int | None = None, merchant_id: int | None = None, limit: int = 500
) -> list[StatementCard]:
    """Newest period first, larger totals first."""
    rows = Statement.rows().select_related("period").order_by("-period__ends_on", "-total_fen", "id")
    if period_id is not None:
        rows = rows.filter(period_id=period_id)
    wall = access.merchant_wall(merchant_id)
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    return _cards(list(rows[:limit]))


def statement(statement_id: int, right: str = "settlement.read") -> StatementCard:
    return _cards([access.statement(statement_id, right)])[0]


def lines(statement_id: int, *, kind: str = "", before: int | None = None, limit: int = 50) -> list[LineCard]:
    """Of one statement, newest first, by key."""
    row = access.statement(statement_id, "settlement.read")
    found = SettlementLine.rows().filter(period_id=row.period_id, merchant_id=row.merchant_id)
    if kind:
        found = found.filter(kind=kind)
    if before is not None:
        found = found.filter(id__lt=before)
    return [line_card(line) for line in found.select_related("dispute").order_by("-id")[:limit]]


def open_lines(*, merchant_id: int | None = None, before: int | None = None, limit: int = 50) -> list[LineCard]:
    """Lines that are in no period yet."""
    found = SettlementLine.rows().filter(period__isnull=True)
    wall = access.merchant_wall(merchant_id)
    if wall is not None:
        found = found.filter(merchant_id=wall)
    if before is not None:
        found = found.filter(id__lt=before)
    return [line_card(line) for line in found.select_related("dispute").order_by("-id")[:limit]]


def lines_of_bill(bill_id: int) -> list[LineCard]:
    wall = access.merchant_wall(None)
    found = SettlementLine.rows().filter(bill_id=bill_id)
    if wall is not None:
        found = found.filter(merchant_id=wall)
    return [line_card(line) for line in found.select_related("dispute").order_by("id")]


_RECEIVED = ("sale", "subsidy_in", "points_in")
_RECEIVED_BACK = ("refund", "subsidy_in_back", "points_in_back")


def booked(bill_id: int) -> list[tuple[int, int, int, int, int]]:
    """By merchant: received, commission, received back, commission back of a bill so far, all as positive fen."""
    rows = (
        SettlementLine.rows()
        .filter(bill_id=bill_id, source__in=["bill", "refund"])
        .values_list("merchant_id")
        .annotate(
            received=Sum("amount_fen", filter=Q(kind__in=_RECEIVED), default=0),
            commission=Sum("amount_fen", filter=Q(kind="commission"), default=0),
            back=Sum("amount_fen", filter=Q(kind__in=_RECEIVED_BACK), default=0),
            commission_back=Sum("amount_fen", filter=Q(kind="commission_back"), default=0),
        )
    )
    return [(merchant, into, -charged, -back, given) for merchant, into, charged, back, given in rows]


def open_disputes(limit: int = 100) -> list[DisputeCard]:
    wall = access.merchant_wall(None)
    rows = Dispute.rows().select_related("line", "statement").filter(state="open").order_by("id")
    if wall is not None:
        rows = rows.filter(statement__merchant_id=wall)
    return [_dispute(row) for row in rows[:limit]]


def payouts(*, statement_ids: Iterable[int]) -> dict[int, PayoutCard]:
    """By statement."""
    wall = access.merchant_wall(None)
    rows = Payout.rows().filter(statement_id__in=list(statement_ids))
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    return {row.statement_id: _payout(row) for row in rows}


def recent_payouts(*, before: int | None = None, limit: int = 50) -> list[PayoutCard]:
    """Newest first, by key; a merchant's staff see their own."""
    wall = access.merchant_wall(None)
    rows = Payout.rows()
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_payout(row) for row in rows.order_by("-id")[:limit]]


def payout(payout_id: int) -> PayoutCard:
    row = Payout.rows().filter(id=payout_id).first()
    if row is None or access.merchant_wall(row.merchant_id) != row.merchant_id:
        raise Refused(NO_PAYOUT)
    return _payout(row)


def figures(*, since: datetime, until: datetime, merchant_id: int | None = None) -> dict[str, int]:
    """Signed sums by kind of line over a time, closed or not."""
    rows = SettlementLine.rows().filter(happened_at__gte=since, happened_at__lt=until)
    wall = access.merchant_wall(merchant_id)
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    return dict(rows.values_list("kind").annotate(total=Sum("amount_fen")))


def line_card(line: SettlementLine) -> LineCard:
    zh, en = KIND_WORDS[LineKind(line.kind)]
    dispute = getattr(line, "dispute", None)
    return LineCard(
        id=line.id, merchant_id=line.merchant_id, store_id=line.store_id, kind=line.kind, kind_zh=zh, kind_en=en,
        amount_fen=line.amount_fen, bill_id=line.bill_id, bill_number=line.bill_number, happened_at=line.happened_at,
        memo=line.memo, dispute=_dispute(dispute) if dispute else None,
    )  # fmt: skip


def _cards(rows: list[Statement]) -> list[StatementCard]:
    sums: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    periods_of = {row.period_id for row in rows}
    merchants = {row.merchant_id for row in rows}
    grouped = (
        SettlementLine.rows()
        .filter(period_id__in=periods_of, merchant_id__in=merchants)
        .values_list("period_id", "merchant_id", "kind")
        .annotate(total=Sum("amount_fen"))
    )
    for period_id, merchant_id, kind, total in grouped:
        sums[period_id, merchant_id][kind] = total
    frozen: dict[int, list[int]] = defaultdict(list)
    for dispute in Dispute.rows().filter(statement__in=rows, state="open").select_related("line"):
        frozen[dispute.statement_id].append(dispute.line.amount_fen)
    return [_card(row, sums[row.period_id, row.merchant_id], frozen[row.id]) for row in rows]


def _card(row: Statement, kinds: dict[str, int], frozen: list[int]) -> StatementCard:
    held = sum(frozen) if row.payable_fen is None else row.total_fen - row.payable_fen
    return StatementCard(
        id=row.id, number=row.number, merchant_id=row.merchant_id, starts_on=row.period.starts_on,
        ends_on=row.period.ends_on, state=row.state,
        equation={part: sum(kinds.get(kind, 0) for kind in members) for part, members in EQUATION.items()},
        total_fen=row.total_fen, frozen_fen=held, line_count=row.line_count, dispute_count=len(frozen),
        confirmed_by=row.confirmed_by, confirmed_at=row.confirmed_at,
    )  # fmt: skip


def _dispute(row: Dispute) -> DisputeCard:
    return DisputeCard(
        id=row.id, line_id=row.line_id, statement_id=row.statement_id, merchant_id=row.line.merchant_id,
        reason=row.reason, state=row.state, answer=row.answer, made_by=row.made_by, made_at=row.made_at,
        amount_fen=row.line.amount_fen,
    )  # fmt: skip


def _payout(row: Payout) -> PayoutCard:
    return PayoutCard(
        id=row.id, number=row.number, statement_id=row.statement_id, merchant_id=row.merchant_id,
        amount_fen=row.amount_fen, state=row.state, maker_id=row.maker_id, maker=row.maker, checker=row.checker,
        bank_reference=row.bank_reference, proof=row.proof, paid_at=row.paid_at,
    )  # fmt: skip
