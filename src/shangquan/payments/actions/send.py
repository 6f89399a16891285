from datetime import datetime

from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.payments import jobs, locks, ports, rules
from shangquan.payments.actions.note import note
from shangquan.payments.actions.record_result import record_result, take
from shangquan.payments.contracts import (
    ALREADY_PAID,
    BAD_AUTH_CODE,
    CHANNEL_REFUSED,
    INTENT_OVER,
    Channel,
    ChannelAnswer,
    IntentCard,
    Outcome,
    State,
)
from shangquan.payments.models import Intent
from shangquan.payments.queries import intent_card


@forbidden
def charge(*, intent_id: int, auth_code: str = "", now: datetime) -> IntentCard:
    """Charge the payer whose code was scanned, or take cash. Must not run inside a transaction.

    The intent is marked as sent and committed first: whatever is lost after that, it is asked about and never charged
    again; calling this twice charges once. Refuses P-4003 for what is not a payment code.
    """
    with transaction():
        row = locks.intent(id=intent_id)
        if row.state != State.CREATED:
            return intent_card(row)
        if row.channel == Channel.CASH:
            moved = take(row, ChannelAnswer(Outcome.PAID, paid_fen=row.amount_fen, paid_at=now), now)
            return intent_card(row, 0 if moved else None)
        if row.channel != Channel.WECHAT_CODE:
            raise Refused(CHANNEL_REFUSED, message="这笔支付不是扫付款码的")
        if not rules.looks_like_auth_code(auth_code):
            raise Refused(BAD_AUTH_CODE)
        port = ports.channel(Channel(row.channel))
        _mark_sent(row, now)
        card = intent_card(row)
    return record_result(number=card.number, answer=port.charge_code(card, auth_code), now=now)


@forbidden
def start(*, intent_id: int, now: datetime) -> dict[str, str]:
    """Place the order at the channel; answers `{"code_url"}` or what the page's payment call needs.

    Repeating it is safe: the channel knows the order by our number. Must not run inside a transaction. Refuses P-4092
    when it is paid, P-4098 when it is over, P-4221 and P-5031 as the channel does.
    """
    with transaction():
        row = locks.intent(id=intent_id)
        if row.state in rules.FINAL:
            raise Refused(ALREADY_PAID if row.state == State.PAID else INTENT_OVER)
        if row.channel not in (Channel.WECHAT_NATIVE, Channel.WECHAT_JSAPI):
            raise Refused(CHANNEL_REFUSED, message="这笔支付不在手机页面上付")
        if row.channel == Channel.WECHAT_NATIVE and row.order_data:
            return dict(row.order_data)
        first = row.state == State.CREATED
        port = ports.channel(Channel(row.channel))
        if first:
            _mark_sent(row, now)
        card = intent_card(row)
    try:
        placed = port.order(card, card.payer_openid or None)
    except Refused as no:
        if first and no.reason is CHANNEL_REFUSED:
            said = ChannelAnswer(Outcome.FAILED, code=no.reason.code, message=str(no.data.get("message", "")))
            record_result(number=card.number, answer=said, now=now)
        raise
    with transaction():
        row = locks.intent(id=intent_id)
        row.order_data = {"code_url": placed["code_url"]} if "code_url" in placed else {}
        row.save(update_fields=["order_data"])
        take(row, ChannelAnswer(Outcome.WAITING), now)
    return placed


@required
def _mark_sent(row: Intent, now: datetime) -> None:
    row.state, row.sent_at = State.SENT, now
    row.next_look_at = now + rules.next_look(Channel(row.channel), 0)
    row.save()
    note(row, "sent", at=now, was=State.CREATED)
    jobs.look.later(at=row.next_look_at, once=f"pay-look:{row.id}", intent_id=row.id)
