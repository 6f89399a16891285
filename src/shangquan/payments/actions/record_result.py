from datetime import datetime

from django.db.transaction import atomic

from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.payments import jobs, locks, ports, rules
from shangquan.payments.actions.note import note
from shangquan.payments.contracts import (
    ALREADY_PAID,
    TOO_LATE,
    ChannelAnswer,
    IntentCard,
    MoneySentBack,
    PaymentFailed,
    PaymentSucceeded,
    Settlement,
    State,
)
from shangquan.payments.models import Intent, Refund
from shangquan.payments.queries import intent_card

OWN_SOURCE = "payments"  # of refunds that this room opens by itself


@forbidden
def record_result(*, number: str, answer: ChannelAnswer, now: datetime) -> IntentCard:
    """Write down what the channel said of a payment: the one place where notice, query, charge and time-out meet.

    Runs in a transaction of its own with the intent locked. However often and in whatever order answers come, the
    settler hears of success once, in that same transaction. Refuses P-4041 for an unknown number.
    """
    with transaction():
        row = locks.intent(number=number)
        moved = take(row, answer, now)
        return intent_card(row, 0 if moved else None)


@required
def take(row: Intent, answer: ChannelAnswer, now: datetime) -> bool:
    """`record_result` for a row that is locked already; answers whether the answer was news."""
    following = rules.after(State(row.state), answer.state)
    if following is None or row.needs_person:
        return False
    if following is State.PAID:
        _paid(row, answer, now)
    else:
        _not_paid(row, following, answer, now)
    return True


def _not_paid(row: Intent, following: State, answer: ChannelAnswer, now: datetime) -> None:
    was, row.state = row.state, following
    row.code, row.message = answer.code[:64], answer.message[:256]
    if following in rules.FINAL:
        row.final_at, row.next_look_at = now, None
    row.save()
    note(row, "answered", at=now, was=was, answer=answer)
    if following in rules.FINAL:
        ports.settler(row.source).on_failed(intent_card(row), now)
        publish(PaymentFailed(row.id, row.source, row.source_id, row.amount_fen, row.channel, row.state))


def _paid(row: Intent, answer: ChannelAnswer, now: datetime) -> None:
    if not rules.amount_agrees(row.amount_fen, answer):
        row.needs_person, row.code = True, "amount_differs"
        row.message = f"{answer.paid_fen} {answer.currency}"
        row.save()
        note(row, "amount_differs", at=now, was=row.state, answer=answer, message=row.message)
        return
    was, row.state = row.state, State.PAID
    row.transaction_id, row.paid_at = answer.transaction_id, answer.paid_at or now
    row.payer_openid = answer.payer_openid or row.payer_openid
    row.code, row.message, row.final_at, row.next_look_at = "", "", now, None
    try:
        if was not in rules.LIVE:
            raise Refused(TOO_LATE)
        with atomic():
            _settle(row, now)
    except Refused as no:
        if no.reason not in (TOO_LATE, ALREADY_PAID):
            raise
        _send_back(row, no, now)
    note(row, "paid" if row.settlement == Settlement.TAKEN else "sent_back", at=now, was=was, answer=answer)


def _settle(row: Intent, now: datetime) -> None:
    row.settlement = Settlement.TAKEN
    row.save()
    ports.settler(row.source).on_paid(intent_card(row, 0), now)
    publish(PaymentSucceeded(row.id, row.source, row.source_id, row.amount_fen, row.channel))


def _send_back(row: Intent, no: Refused, now: datetime) -> None:
    row.settlement, row.code, row.message = Settlement.RETURNED, no.reason.code, no.zh[:256]
    row.save()
    refund = Refund.objects.create(
        number=ids.number("R", now), intent=row, source=OWN_SOURCE, source_id=row.number,
        amount_fen=row.amount_fen, reason=no.zh[:80], created_at=now, next_look_at=now,
    )  # fmt: skip
    jobs.run_refund.later(refund_id=refund.id)
    publish(MoneySentBack(row.id, refund.id, row.source, row.source_id, row.amount_fen))
