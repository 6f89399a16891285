from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.kernel import personal
from shangquan.kernel.transactions import required
from shangquan.messaging import jobs, kinds
from shangquan.messaging.contracts import OutMessageCard
from shangquan.messaging.models import OutMessage
from shangquan.messaging.queries import fan_print, out_card


@required
def notify(
    *,
    kind: str,
    data: Mapping[str, str],
    key: str,
    now: datetime,
    member_id: int | None = None,
    openid: str | None = None,
    url: str = "",
) -> OutMessageCard:
    """Tell somebody of their own business (C10): a service notice, never counted as marketing. A job sends it.

    `key` names what it tells of: a repeat answers the first and sends nothing (constraint `out_message_once`).
    Refuses G-4045 for an unknown kind and G-4002 when a value of the kind is missing.
    """
    if (member_id is None) == (openid is None):
        raise ValueError("a notice goes to a member or to an openid")
    kinds.kind(kind).check(data)
    row = OutMessage(
        key=key[:120], kind=kind, member_id=member_id, data={name: str(value) for name, value in data.items()},
        url=url[:500], created_at=now,
    )  # fmt: skip
    if openid is not None:
        row.sealed_openid, row.fan_print = personal.seal("openid", openid), fan_print(openid)
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return out_card(OutMessage.rows().get(key=key[:120]))
    jobs.send.later(message_id=row.id)
    return out_card(row)
