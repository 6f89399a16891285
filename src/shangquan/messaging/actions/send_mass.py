from datetime import datetime

from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, transaction
from shangquan.members import door as members
from shangquan.messaging import locks, ports, queries
from shangquan.messaging.actions.send import WINDOW_CLOSED, TryAgain, finish
from shangquan.messaging.contracts import PushSent, SendAnswer
from shangquan.messaging.models import OutMessage

MOST = 1000  # of one call; the platform takes 10,000
FEWEST = 2  # the platform's own rule


@forbidden
def send_mass(*, push_id: int, now: datetime, last: bool) -> bool:
    """Send a push to those whom no open window reaches, many in one call. Answers whether one is left to wait for more.

    A batch is written down before it is sent, and its number is the platform's key: repeated, it goes out once. With
    `last` a single one that is left is given up. Raises TryAgain for what may succeed later.
    """
    while True:
        with transaction():
            batch = locks.gathered(push_id, MOST)
            if len(batch) < FEWEST and not (batch and batch[0].outside_id):
                for row in batch if last else ():
                    finish(row, "failed", WINDOW_CLOSED)
                return bool(batch) and not last
            key = batch[0].outside_id or f"push-{push_id}-{batch[0].id}"
            OutMessage.rows().filter(id__in=[row.id for row in batch]).update(outside_id=key)
            account = queries.main_account()
            openids = [found for row in batch if row.member_id and (found := members.openid_of(row.member_id))]
        if account is None:
            answer = SendAnswer(False, code="no_account")
        else:
            answer = ports.account_port().send_mass(account.appid, openids, queries.article_of(batch[0].data), key)
        if answer.again:
            raise TryAgain(f"{answer.code} {answer.message}")
        with transaction():
            _record(push_id, key, answer, now)


def _record(push_id: int, key: str, answer: SendAnswer, now: datetime) -> None:
    for row in locks.gathered(push_id, MOST):
        if row.outside_id != key:
            continue
        row.via, row.message, row.outside_id = "mass", answer.message[:200], answer.outside_id[:40]
        row.sent_at = now if answer.ok else None
        finish(row, "sent" if answer.ok else "failed", answer.code[:40])
        if answer.ok and row.member_id is not None:
            publish(PushSent(push_id, row.member_id, str(row.data.get("campaign_ref", ""))))
