"""What other rooms may do with payments."""

from datetime import datetime

from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.payments import jobs
from shangquan.payments.actions.open_intent import open_intent
from shangquan.payments.actions.poll import cancel, poll
from shangquan.payments.actions.reconcile import reconcile, resolve_difference
from shangquan.payments.actions.record_result import record_result
from shangquan.payments.actions.refund import open_refund, record_refund, run_refund
from shangquan.payments.actions.send import charge
from shangquan.payments.actions.send import start as _start
from shangquan.payments.contracts import NO_INTENT, NO_REFUND, Channel, IntentCard, RefundCard
from shangquan.payments.models import Intent, Refund
from shangquan.payments.ports import register_bill, register_channel, register_settler
from shangquan.payments.queries import differences, history, intent_card, payments, refund_card, refunds, totals

__all__ = [
    "Channel", "cancel", "charge", "differences", "history", "intent", "intent_by_number", "intents_of", "open_intent",
    "open_refund", "payments", "poll", "reconcile", "reconcile_later", "record_refund", "record_result", "refund",
    "refund_later", "refunds", "refunds_of", "register_bill", "register_channel", "register_settler",
    "resolve_difference", "run_refund", "start", "totals",
]  # fmt: skip


def start(intent_id: int, now: datetime | None = None) -> dict[str, str]:
    """Place the order at the channel; see `actions/send.py`. Must not run inside a transaction."""
    return _start(intent_id=intent_id, now=now or clock.now())


def intent(intent_id: int) -> IntentCard:
    """Refuses P-4041."""
    row = Intent.rows().filter(id=intent_id).first()
    if row is None:
        raise Refused(NO_INTENT)
    return intent_card(row)


def intent_by_number(number: str) -> IntentCard:
    """Refuses P-4041."""
    row = Intent.rows().filter(number=number).first()
    if row is None:
        raise Refused(NO_INTENT)
    return intent_card(row)


def intents_of(source: str, source_id: str) -> list[IntentCard]:
    """All tries to pay one thing, oldest first."""
    return [intent_card(row) for row in Intent.rows().filter(source=source, source_id=source_id).order_by("id")]


def refund(refund_id: int) -> RefundCard:
    """Refuses P-4042."""
    row = Refund.rows().filter(id=refund_id).select_related("intent").first()
    if row is None:
        raise Refused(NO_REFUND)
    return refund_card(row, row.intent)


def refunds_of(intent_id: int) -> list[RefundCard]:
    rows = Refund.rows().filter(intent_id=intent_id).select_related("intent").order_by("id")
    return [refund_card(row, row.intent) for row in rows]


def refund_later(refund_id: int) -> None:
    """Have a refund looked at again by a job, such as after a person has topped up the channel's balance."""
    jobs.run_refund.later(once=f"pay-refund:{refund_id}", refund_id=refund_id)


def reconcile_later(provider: str, day: str) -> None:
    """Fetch and compare a day's bill (ISO date) by a job."""
    jobs.reconcile_day.later(once=f"bill:{provider}:{day}", provider=provider, day=day)
