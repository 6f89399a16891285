from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.payments import ports, rules
from shangquan.payments.actions.note import note
from shangquan.payments.contracts import (
    ALREADY_PAID,
    BAD_AMOUNT,
    INTENT_LIVE,
    NEEDS_PAYER,
    Channel,
    IntentCard,
    Settlement,
    State,
)
from shangquan.payments.models import Intent
from shangquan.payments.queries import intent_card


@required
def open_intent(
    *,
    source: str,
    source_id: str,
    amount_fen: int,
    channel: Channel,
    description: str,
    now: datetime,
    payer_openid: str | None = None,
    expires_at: datetime | None = None,
) -> IntentCard:
    """Write down that something is to be paid; no channel hears of it yet.

    One thing is paid by one live intent at a time (constraint `intent_one_at_a_time`): a repeat with the same channel
    and amount answers the first, another one is refused P-4091, and P-4092 once it is paid. Also refuses P-4001,
    P-4002 (a page payment without the payer) and P-4031 (the channel is not connected).
    """
    if amount_fen <= 0:
        raise Refused(BAD_AMOUNT)
    if channel is Channel.WECHAT_JSAPI and not payer_openid:
        raise Refused(NEEDS_PAYER)
    ports.channel(channel)
    ports.settler(source)
    known = _standing(source, source_id)
    if known is None:
        due = expires_at or now + rules.ORDER_LIFE
        row = Intent(
            number=ids.number("P", now), source=source, source_id=source_id, amount_fen=amount_fen, channel=channel,
            description=description[:120], created_at=now, expires_at=due, next_look_at=due,
        )  # fmt: skip
        row.payer_openid = payer_openid or ""
        known = _insert(row)
    if known.settlement == Settlement.TAKEN:
        raise Refused(ALREADY_PAID)
    if (known.channel, known.amount_fen) != (channel.value, amount_fen):
        raise Refused(INTENT_LIVE, channel=known.channel)
    return intent_card(known)


def _standing(source: str, source_id: str) -> Intent | None:
    rows = Intent.rows().filter(source=source, source_id=source_id)
    live = rows.filter(state__in=list(rules.LIVE)) | rows.filter(settlement=Settlement.TAKEN)
    return live.first()


def _insert(row: Intent) -> Intent:
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        first = _standing(row.source, row.source_id)
        if first is None:
            raise
        return first
    note(row, "opened", at=row.created_at, to=State.CREATED)
    return row
