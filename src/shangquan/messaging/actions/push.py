from collections.abc import Collection
from datetime import datetime

from django.db import connection

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.messaging import jobs, locks
from shangquan.messaging.contracts import (
    BAD_ARTICLE,
    PUSH_DECIDED,
    Article,
    PushCard,
    PushDecided,
    PushRequested,
)
from shangquan.messaging.models import OutMessage, Push
from shangquan.messaging.queries import article_json, push_card
from shangquan.tenancy import door as tenancy

BATCH = 200


@required
def push(
    *, member_ids: Collection[int], article: Article, now: datetime, campaign_ref: str = "", priority: int = 0
) -> PushCard:
    """Content for members, in the owner's name (C6). Jobs send it.

    Only members who agreed to marketing and follow get it, and each of them one a day of the district's calendar: the
    constraint `one_push_a_day` decides, also among parallel senders. While nothing was sent yet, the higher priority
    takes the place (U12). Needs `push.send` (owner only) and the module push; refuses G-4003.
    """
    who = scope.require("push.send")
    tenancy.require_module("push")
    row = _write(member_ids, article, campaign_ref, priority, None, "sending", who.name, now)
    _spread(row, now)
    return push_card(row)


@required
def request_push(
    *, merchant_id: int, member_ids: Collection[int], article: Article, now: datetime, campaign_ref: str = ""
) -> PushCard:
    """A merchant asks the owner to push; nothing goes out before the owner has said yes. Needs `push.request`."""
    who = scope.require("push.request", merchant_id=merchant_id)
    tenancy.require_module("push")
    row = _write(member_ids, article, campaign_ref, 0, merchant_id, "requested", who.name, now)
    publish(PushRequested(row.id, merchant_id))
    return push_card(row)


@required
def decide_push(*, push_id: int, approve: bool, now: datetime, note: str = "", priority: int = 0) -> PushCard:
    """The owner says yes, and it goes out, or no. Needs `push.send`; refuses G-4044 and G-4091."""
    who = scope.require("push.send")
    row = locks.push(push_id)
    if row.state != "requested":
        raise Refused(PUSH_DECIDED)
    row.state, row.decided_by, row.decided_at = ("sending" if approve else "refused"), who.name[:80], now
    row.note, row.priority = note[:200], priority
    row.save()
    audit.record(action="messaging.decide_push", subject="push", subject_id=row.id, before="requested", after=row.state)
    publish(PushDecided(row.id, row.merchant_id, approve))
    if approve:
        _spread(row, now)
    return push_card(row)


def _write(
    member_ids: Collection[int],
    article: Article,
    campaign_ref: str,
    priority: int,
    merchant_id: int | None,
    state: str,
    by: str,
    now: datetime,
) -> Push:
    if not article.title.strip() or not article.url.startswith(("http://", "https://", "/")):
        raise Refused(BAD_ARTICLE)
    row: Push = Push.objects.create(
        article=article_json(article), campaign_ref=campaign_ref[:60], priority=priority, merchant_id=merchant_id,
        member_ids=sorted(set(member_ids)), state=state, wanted=len(set(member_ids)), asked_by=by[:80], created_at=now,
    )  # fmt: skip
    audit.record(
        action="messaging.push", subject="push", subject_id=row.id,
        after={"title": article.title[:60], "members": row.wanted, "state": state},
    )  # fmt: skip
    return row


def _spread(row: Push, now: datetime) -> None:
    """Take the day's place of each member who agreed; in the order of ids, so that parallel senders cannot deadlock."""
    agreed = sorted(members.consenting(row.member_ids, Purpose.MARKETING))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_marketing_day as d (district_id, member_id, day, push_id, priority, state)
            select %s, m, %s, %s, %s, 'waiting' from unnest(%s::bigint[]) m order by m
            on conflict (district_id, member_id, day) do update
              set push_id = excluded.push_id, priority = excluded.priority, state = 'waiting'
              where d.state = 'failed' or (d.state = 'waiting' and d.priority < excluded.priority)
            """,
            [scope.district_id(), tenancy.today(now), row.id, row.priority, agreed],
        )
    jobs.send_push.later(push_id=row.id)


@required
def queue_batch(*, push_id: int, now: datetime) -> int:
    """Turn up to 200 places that a push holds into messages to send; answers how many. Safe in parallel."""
    row = locks.push(push_id)
    places = locks.places(push_id, BATCH)
    for place in places:
        message = OutMessage.objects.create(
            key=f"push:{push_id}:{place.member_id}:{place.day}", kind="push", member_id=place.member_id,
            data={**row.article, "campaign_ref": row.campaign_ref}, url=row.article["url"], is_marketing=True,
            push_id=push_id, created_at=now,
        )  # fmt: skip
        place.state = "queued"
        place.save(update_fields=["state"])
        jobs.send.later(message_id=message.id)
    return len(places)
