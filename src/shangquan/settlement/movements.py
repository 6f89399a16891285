"""A statement as a merchant reads it: one row for each bill, refund, correction or carried total, each with its lines.

Every list has a constant number of statements; merchants' staff see their own rows.
"""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from shangquan.settlement import access
from shangquan.settlement.contracts import EQUATION, LineCard, MovementCard, OpenCard
from shangquan.settlement.models import SettlementLine
from shangquan.settlement.queries import line_card

_VIEWS = {
    "": Q(),
    "sales": Q(source="bill"),
    "refunds": Q(source="refund"),
    "other": ~Q(source__in=["bill", "refund"]),
}
_DISPUTED = {"disputed": ["open"], "answered": ["stands", "corrected"]}


def movements(
    statement_id: int,
    *,
    view: str = "",
    text: str = "",
    store_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[MovementCard]:
    """Latest first, by key. `view` is sales, refunds, other, disputed or answered; `text` a part of the bill's number."""
    rows = _grouped(_lines(statement_id))
    rows = rows.filter(Q(**{f"{view}__gt": 0}) if view in _DISPUTED else _VIEWS.get(view, Q()))
    if text:
        rows = rows.filter(bill_number__icontains=text)
    if store_id is not None:
        rows = rows.filter(store=store_id)
    if before is not None:
        rows = rows.filter(key__lt=before)
    return [_movement(row) for row in rows.order_by("-key")[:limit]]


def movement(statement_id: int, source: str, source_id: int) -> tuple[MovementCard, list[LineCard]] | None:
    """One row of a statement with its lines, oldest first; None when the statement has no such row."""
    found = _lines(statement_id).filter(source=source, source_id=source_id)
    row = _grouped(found).order_by("-key").first()
    if row is None:
        return None
    return _movement(row), [line_card(line) for line in found.select_related("dispute").order_by("id")]


def movement_of_line(statement_id: int, line_id: int) -> tuple[MovementCard, list[LineCard]] | None:
    """The row that a line belongs to."""
    line = _lines(statement_id).filter(id=line_id).first()
    return None if line is None else movement(statement_id, line.source, line.source_id)


def movement_counts(statement_id: int) -> dict[str, int]:
    """How many rows each view of the statement has."""
    counted: dict[str, int] = _grouped(_lines(statement_id)).aggregate(
        all=Count("key"),
        sales=Count("key", filter=Q(source="bill")),
        refunds=Count("key", filter=Q(source="refund")),
        other=Count("key", filter=_VIEWS["other"]),
        disputed_rows=Count("key", filter=Q(disputed__gt=0)),
        answered_rows=Count("key", filter=Q(answered__gt=0)),
    )
    return {name.removesuffix("_rows"): n for name, n in counted.items()}


def open_figures(*, until: datetime | None = None, merchant_id: int | None = None) -> list[OpenCard]:
    """What stands in no period yet (before `until`), by merchant, larger totals first: what a closing would issue."""
    rows = SettlementLine.rows().filter(period__isnull=True)
    if until is not None:
        rows = rows.filter(happened_at__lt=until)
    wall = access.merchant_wall(merchant_id)
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    kinds: dict[int, dict[str, int]] = {}
    counts: dict[int, int] = {}
    for merchant, kind, total, n in rows.values_list("merchant_id", "kind").annotate(
        total=Sum("amount_fen"), n=Count("id")
    ):
        kinds.setdefault(merchant, {})[kind] = total
        counts[merchant] = counts.get(merchant, 0) + n
    cards = [
        OpenCard(
            merchant_id=merchant,
            equation={part: sum(sums.get(kind, 0) for kind in members) for part, members in EQUATION.items()},
            total_fen=sum(sums.values()),
            line_count=counts[merchant],
        )
        for merchant, sums in kinds.items()
    ]
    return sorted(cards, key=lambda card: (-card.total_fen, card.merchant_id))


def _lines(statement_id: int) -> QuerySet[SettlementLine]:
    row = access.statement(statement_id, "settlement.read")
    return SettlementLine.rows().filter(period_id=row.period_id, merchant_id=row.merchant_id)


def _grouped(rows: QuerySet[SettlementLine]) -> Any:
    """A query of rows; its annotated names are its own."""
    part = {
        name: Sum("amount_fen", filter=Q(kind__in=kinds), default=0)
        for name, kinds in {
            "customer": [*EQUATION["sales"], *EQUATION["refunds"]],
            "subsidy": EQUATION["subsidies"],
            "commission": EQUATION["commission"],
            "other": [*EQUATION["cash"], *EQUATION["corrections"]],
        }.items()
    }
    return (
        rows.order_by()
        .values("source", "source_id", "bill_id", "bill_number")
        .annotate(
            key=Max("id"),
            at=Max("happened_at"),
            store=Max("store_id"),
            total=Sum("amount_fen"),
            line_count=Count("id"),
            disputed=Count("id", filter=Q(dispute__state="open")),
            answered=Count("id", filter=Q(dispute__state__in=_DISPUTED["answered"])),
            **part,
        )
    )


def _movement(row: dict[str, Any]) -> MovementCard:
    return MovementCard(
        key=row["key"], source=row["source"], source_id=row["source_id"], bill_id=row["bill_id"],
        bill_number=row["bill_number"], store_id=row["store"], happened_at=row["at"], customer_fen=row["customer"],
        subsidy_fen=row["subsidy"], commission_fen=row["commission"], other_fen=row["other"], total_fen=row["total"],
        line_count=row["line_count"], disputed=row["disputed"], answered=row["answered"],
    )  # fmt: skip
