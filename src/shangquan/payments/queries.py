from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from shangquan.payments.contracts import (
    Channel,
    DifferenceCard,
    DifferenceKind,
    IntentCard,
    RefundCard,
    RefundState,
    Settlement,
    State,
)
from shangquan.payments.models import Difference, Intent, IntentEvent, Refund


def intent_card(row: Intent, refunded: int | None = None) -> IntentCard:
    """`refunded` spares asking again what is known: by a list for all its rows, or 0 for a payment of this moment."""
    if row.state != State.PAID:
        refunded = 0
    elif refunded is None:
        refunded = Refund.rows().filter(intent=row, state=RefundState.DONE).aggregate(s=Sum("amount_fen"))["s"] or 0
    return IntentCard(
        id=row.id, number=row.number, source=row.source, source_id=row.source_id, amount_fen=row.amount_fen,
        channel=Channel(row.channel), state=State(row.state), settlement=Settlement(row.settlement),
        description=row.description, payer_openid=row.payer_openid, transaction_id=row.transaction_id,
        created_at=row.created_at, sent_at=row.sent_at, paid_at=row.paid_at, expires_at=row.expires_at,
        refunded_fen=refunded, code=row.code, message=row.message, needs_person=row.needs_person,
    )  # fmt: skip


def refund_card(row: Refund, intent: Intent) -> RefundCard:
    return RefundCard(
        id=row.id, number=row.number, intent_id=intent.id, intent_number=intent.number, source=row.source,
        source_id=row.source_id, amount_fen=row.amount_fen, reason=row.reason, state=RefundState(row.state),
        created_at=row.created_at, done_at=row.done_at, code=row.code, message=row.message,
    )  # fmt: skip


def difference_card(row: Difference) -> DifferenceCard:
    return DifferenceCard(
        id=row.id, provider=row.provider, day=row.day, kind=DifferenceKind(row.kind), number=row.number,
        refund_number=row.refund_number, own_fen=row.own_fen, bill_fen=row.bill_fen, intent_id=row.intent_id,
        found_at=row.found_at, resolved_at=row.resolved_at, note=row.note,
    )  # fmt: skip


def payments(
    *,
    states: Sequence[State] = (),
    channel: Channel | None = None,
    text: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[IntentCard]:
    """Newest first; `text` matches a payment number, the channel's number or a source id exactly. Two queries."""
    rows = Intent.rows()
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if channel is not None:
        rows = rows.filter(channel=channel.value)
    if text:
        rows = rows.filter(Q(number=text) | Q(transaction_id=text) | Q(source_id=text))
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[:limit])
    done = Refund.rows().filter(intent_id__in=[row.id for row in found], state=RefundState.DONE)
    back = dict(done.values_list("intent_id").annotate(fen=Sum("amount_fen")))
    return [intent_card(row, back.get(row.id, 0)) for row in found]


def refunds(*, state: RefundState | None = None, before: int | None = None, limit: int = 50) -> list[RefundCard]:
    rows = Refund.rows().select_related("intent")
    if state is not None:
        rows = rows.filter(state=state.value)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [refund_card(row, row.intent) for row in rows.order_by("-id")[:limit]]


def history(intent_id: int) -> list[dict[str, Any]]:
    """All that happened to an intent, oldest first."""
    rows = IntentEvent.rows().filter(intent_id=intent_id).order_by("id")
    return [dict(row) for row in rows.values("at", "what", "from_state", "to_state", "code", "message", "refund_id")]


def differences(
    *, day: date | None = None, kind: DifferenceKind | None = None, open_only: bool = False, limit: int = 200
) -> list[DifferenceCard]:
    rows = Difference.rows()
    if day is not None:
        rows = rows.filter(day=day)
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    if open_only:
        rows = rows.filter(resolved_at__isnull=True)
    return [difference_card(row) for row in rows.order_by("-day", "kind", "number")[:limit]]


def totals(*, start: datetime, end: datetime) -> dict[str, tuple[int, int]]:
    """Taken money between two moments: channel -> (count, fen)."""
    found = (
        Intent.rows()
        .filter(paid_at__gte=start, paid_at__lt=end, settlement=Settlement.TAKEN)
        .values("channel")
        .annotate(n=Count("id"), fen=Sum("amount_fen"))
    )
    return {row["channel"]: (row["n"], row["fen"]) for row in found}
