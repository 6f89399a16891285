from datetime import datetime, timedelta

from shangquan.kernel.transactions import forbidden, transaction
from shangquan.payments import jobs, locks, ports, rules
from shangquan.payments.actions.note import note
from shangquan.payments.actions.record_result import record_result, take
from shangquan.payments.contracts import Channel, ChannelAnswer, IntentCard, Outcome, State
from shangquan.payments.models import Intent
from shangquan.payments.queries import intent_card


@forbidden
def poll(*, intent_id: int, now: datetime, eager: bool = False) -> IntentCard:
    """Ask the channel how a payment stands, and undo or close it when its time is over. Must not run in a transaction.

    A page may call this as often as it likes: the channel is asked no sooner than its rule allows, unless `eager`.
    """
    with transaction():
        row = locks.intent(id=intent_id)
        if not _is_due(row, now, eager):
            return intent_card(row)
        if row.state == State.CREATED:
            if row.cancel_wanted or now >= row.expires_at:
                take(row, ChannelAnswer(Outcome.CLOSED, code="never_sent"), now)
            return intent_card(row)
        row.looks += 1
        row.next_look_at = now + rules.next_look(Channel(row.channel), row.looks)
        row.save(update_fields=["looks", "next_look_at"])
        card, cancel_wanted = intent_card(row), row.cancel_wanted
    port = ports.channel(card.channel)
    card = record_result(number=card.number, answer=port.query(card), now=now)
    if card.is_final or card.needs_person or card.sent_at is None:
        return card
    over = rules.give_up(
        card.channel, sent_at=card.sent_at, expires_at=card.expires_at, cancel_wanted=cancel_wanted, now=now
    )
    if not over:
        return card
    answer = port.reverse(card) if card.channel is Channel.WECHAT_CODE else port.close(card)
    return record_result(number=card.number, answer=answer, now=now)


@forbidden
def cancel(*, intent_id: int, now: datetime) -> IntentCard:
    """Ask that this be not paid: asks the channel first, then closes or reverses. Must not run inside a transaction.

    Answers how it stands: `paid` when the payer was faster; still live when the channel must not be asked to reverse
    within 15 s of the charge (it is done as soon as it may).
    """
    with transaction():
        row = locks.intent(id=intent_id)
        if row.state in rules.FINAL:
            return intent_card(row)
        if not row.cancel_wanted:
            row.cancel_wanted = True
            row.save(update_fields=["cancel_wanted"])
            note(row, "cancel_asked", at=now, was=row.state)
            if row.sent_at is not None:
                soon = max(row.sent_at + rules.CODE_REVERSE_AFTER, now + timedelta(seconds=1))
                jobs.look.later(at=soon, once=f"pay-cancel:{row.id}", intent_id=row.id)
    return poll(intent_id=intent_id, now=now, eager=True)


def _is_due(row: Intent, now: datetime, eager: bool) -> bool:
    if row.state in rules.FINAL or row.needs_person:
        return False
    return eager or row.cancel_wanted or row.next_look_at is None or now >= row.next_look_at
