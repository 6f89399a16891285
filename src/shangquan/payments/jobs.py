"""Timers and jobs: ask about what is not final, send refunds, compare the daily bill."""

from datetime import date, timedelta

from procrastinate import RetryStrategy

from shangquan.kernel import clock
from shangquan.kernel.jobs import every, job
from shangquan.kernel.transactions import transaction


@job("payments.look", queue="payments")
def look(intent_id: int) -> None:
    """Ask about one payment, again and again until it is final."""
    from shangquan.payments.actions.poll import poll
    from shangquan.payments.models import Intent

    card = poll(intent_id=intent_id, now=clock.now())
    if not card.is_final and not card.needs_person:
        at = Intent.rows().filter(id=intent_id).values_list("next_look_at", flat=True).get()
        look.later(at=at, once=f"pay-look:{intent_id}", intent_id=intent_id)


@job("payments.run_refund", queue="payments")
def run_refund(refund_id: int) -> None:
    from shangquan.payments.actions.refund import run_refund as run
    from shangquan.payments.contracts import RefundState
    from shangquan.payments.models import Refund

    card = run(refund_id=refund_id, now=clock.now())
    if card.state not in (RefundState.DONE, RefundState.FAILED):
        at = Refund.rows().filter(id=refund_id).values_list("next_look_at", flat=True).get()
        run_refund.later(at=at, once=f"pay-refund:{refund_id}", refund_id=refund_id)


@every("* * * * *", name="payments.sweep")
def sweep() -> None:
    """Find what a lost job left behind: payments and refunds whose next look is overdue, orders never sent."""
    from shangquan.payments import rules
    from shangquan.payments.models import Intent, Refund

    overdue = clock.now() - timedelta(seconds=20)
    waiting = Intent.rows().filter(state__in=list(rules.LIVE), needs_person=False, next_look_at__lt=overdue)
    for intent_id in waiting.order_by("next_look_at").values_list("id", flat=True)[:500]:
        look.later(once=f"pay-look:{intent_id}", intent_id=intent_id)
    back = Refund.rows().filter(state__in=["created", "sent", "waiting"], next_look_at__lt=overdue)
    for refund_id in back.order_by("next_look_at").values_list("id", flat=True)[:500]:
        run_refund.later(once=f"pay-refund:{refund_id}", refund_id=refund_id)


@every("40 2 * * *", name="payments.reconcile")  # 10:40 in Shanghai: the bill is out after 10:00
def reconcile_yesterday() -> None:
    from shangquan.payments import ports

    for provider in ports.bill_providers():
        _, port = ports.bill(provider)
        yesterday = clock.now().astimezone(port.zone).date() - timedelta(days=1)
        reconcile_day.later(once=f"bill:{provider}:{yesterday}", provider=provider, day=yesterday.isoformat())


# The bill may be late ("being made"): every 10 minutes for a day.
@job("payments.reconcile_day", queue="payments", retry=RetryStrategy(max_attempts=144, wait=600))
def reconcile_day(provider: str, day: str) -> None:
    from shangquan.payments import ports
    from shangquan.payments.actions.reconcile import reconcile

    _, port = ports.bill(provider)
    rows = port.bill(date.fromisoformat(day))
    with transaction():
        reconcile(provider=provider, day=date.fromisoformat(day), rows=rows, now=clock.now())
