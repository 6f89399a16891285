from datetime import datetime

from shangquan.kernel import audit, personal, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.messaging import jobs, locks
from shangquan.messaging.contracts import ANSWERED, OutMessageCard
from shangquan.messaging.models import OutMessage
from shangquan.messaging.queries import fan_print, out_card


@required
def answer(*, message_id: int, text: str, now: datetime) -> OutMessageCard:
    """A person answers a fan; a job sends it as a customer-service message.

    Needs `messages.reply`. Refuses G-4043 and, when somebody else was faster, G-4092.
    """
    who = scope.require("messages.reply")
    if not 1 <= len(text.encode()) <= 2048:
        raise Refused(BAD_INPUT, why="回复要有内容，最多 2048 字节")
    row = locks.in_message(message_id)
    if row.answered_at is not None:
        raise Refused(ANSWERED)
    row.waits_for_person, row.answered_by, row.answered_at = False, who.name[:80], now
    row.save(update_fields=["waits_for_person", "answered_by", "answered_at"])
    openid = personal.unseal("openid", row.sealed_openid)
    out = OutMessage.objects.create(
        key=f"answer:{row.id}", kind="answer", member_id=row.member_id, sealed_openid=personal.seal("openid", openid),
        fan_print=fan_print(openid), data={"text": text}, created_at=now,
    )  # fmt: skip
    audit.record(action="messaging.answer", subject="in_message", subject_id=row.id)
    jobs.send.later(message_id=out.id)
    return out_card(out)
