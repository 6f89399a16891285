from datetime import datetime

from django.db import IntegrityError
from django.db.models import Count, Sum
from django.db.transaction import atomic

from shangquan.kernel import audit, ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.payments import jobs, locks, ports, rules
from shangquan.payments.actions.note import note
from shangquan.payments.actions.record_result import OWN_SOURCE
from shangquan.payments.contracts import (
    NOT_PAID,
    REFUND_DIFFERS,
    REFUND_TOO_MUCH,
    TOO_MANY_REFUNDS,
    ChannelAnswer,
    Outcome,
    RefundCard,
    RefundFailed,
    RefundState,
    RefundSucceeded,
    Settlement,
    State,
)
from shangquan.payments.models import Intent, Refund
from shangquan.payments.queries import intent_card, refund_card


@required
def open_refund(
    *, intent_id: int, amount_fen: int, reason: str, source: str, source_id: str, now: datetime
) -> RefundCard:
    """Write down that money goes back; a job sends it after the commit.

    (source, source_id) names the refund: a repeat answers the first, another amount is refused P-4096. Refuses P-4094
    when the payment did not succeed, P-4095 beyond what was paid and P-4097 beyond 50 refunds. The lock on the intent
    is what keeps two refunds at once within the amount.
    """
    intent = locks.intent(id=intent_id)
    known = Refund.rows().filter(source=source, source_id=source_id).exclude(state=RefundState.FAILED).first()
    if known is not None:
        if (known.intent_id, known.amount_fen) != (intent.id, amount_fen):
            raise Refused(REFUND_DIFFERS)
        return refund_card(known, intent)
    if intent.state != State.PAID or intent.settlement != Settlement.TAKEN:
        raise Refused(NOT_PAID)
    _require_room(intent, amount_fen)
    row = Refund(
        number=ids.number("R", now), intent=intent, source=source, source_id=source_id, amount_fen=amount_fen,
        reason=reason[:80], created_at=now, next_look_at=now,
    )  # fmt: skip
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(REFUND_DIFFERS) from None
    note(intent, "refund_opened", at=now, was=intent.state, refund_id=row.id, message=reason)
    audit.record(
        action="payments.refund", subject="refund", subject_id=row.number,
        after={"payment": intent.number, "amount_fen": amount_fen, "reason": reason[:80]},
    )  # fmt: skip
    jobs.run_refund.later(refund_id=row.id)
    return refund_card(row, intent)


def _require_room(intent: Intent, amount_fen: int) -> None:
    made = (
        Refund.rows()
        .filter(intent=intent)
        .exclude(state=RefundState.FAILED)
        .aggregate(n=Count("id"), s=Sum("amount_fen"))
    )
    back = made["s"] or 0
    no = rules.why_not_refundable(
        amount_fen=intent.amount_fen, asked_fen=amount_fen, refunded_fen=back, refunds=made["n"]
    )
    if no == "too_many":
        raise Refused(TOO_MANY_REFUNDS)
    if no == "too_much":
        raise Refused(REFUND_TOO_MUCH, left_fen=intent.amount_fen - back)


@forbidden
def run_refund(*, refund_id: int, now: datetime) -> RefundCard:
    """Send a refund to the channel, or ask about one that was sent before. Must not run inside a transaction.

    What was sent once is asked about first; only when the channel never heard of it is it sent again, under its number.
    """
    with transaction():
        row, intent = locks.refund(id=refund_id)
        if row.state in (RefundState.DONE, RefundState.FAILED):
            return refund_card(row, intent)
        first = row.state == RefundState.CREATED
        if first:
            row.state, row.sent_at = RefundState.SENT, now
            note(intent, "refund_sent", at=now, was=intent.state, refund_id=row.id)
        row.looks += 1
        row.next_look_at = now + rules.next_refund_look(row.looks - 1)
        row.save()
        card, paid = refund_card(row, intent), intent_card(intent)
    port = ports.channel(paid.channel)
    answer = port.refund(card, paid) if first else port.query_refund(card, paid)
    if not first and answer.state is Outcome.ABSENT:
        answer = port.refund(card, paid)
    return record_refund(number=card.number, answer=answer, now=now)


@forbidden
def record_refund(*, number: str, answer: ChannelAnswer, now: datetime) -> RefundCard:
    """Write down what the channel said of a refund, in a transaction of its own; idempotent. Refuses P-4042.

    The settler hears of success once, in the same transaction; it does not hear of money it never took.
    """
    with transaction():
        row, intent = locks.refund(number=number)
        following = rules.refund_after(RefundState(row.state), answer.state)
        if following is None:
            return refund_card(row, intent)
        if following is RefundState.DONE and not rules.amount_agrees(row.amount_fen, answer):
            row.code, row.message = "amount_differs", f"{answer.paid_fen} {answer.currency}"
            row.save(update_fields=["code", "message"])
            note(intent, "refund_amount_differs", at=now, refund_id=row.id, answer=answer, message=row.message)
            return refund_card(row, intent)
        _move(row, intent, following, answer, now)
        return refund_card(row, intent)


def _move(row: Refund, intent: Intent, following: RefundState, answer: ChannelAnswer, now: datetime) -> None:
    was, row.state = row.state, following
    row.code, row.message = answer.code[:64], answer.message[:256]
    row.channel_refund_id = answer.transaction_id or row.channel_refund_id
    if following in (RefundState.DONE, RefundState.FAILED):
        row.next_look_at = None
    if following is RefundState.DONE:
        row.done_at = answer.paid_at or now
    row.save()
    note(intent, f"refund_{following}", at=now, was=was, to=following, answer=answer, refund_id=row.id)
    told = (row.id, intent.id, row.source, row.source_id, row.amount_fen)
    if following is RefundState.DONE:
        if row.source != OWN_SOURCE:
            ports.settler(intent.source).on_refunded(refund_card(row, intent), now)
        publish(RefundSucceeded(*told))
    elif following is RefundState.FAILED:
        publish(RefundFailed(*told))
