"""The inbox: outside news is verified by its connector, stored raw, answered, and handled afterwards by a job."""

import json
from collections.abc import Callable, Mapping

from django.db import connection

from shangquan.kernel import clock, scope
from shangquan.kernel.jobs import job
from shangquan.kernel.models import InboxItem
from shangquan.kernel.transactions import required, transaction

Handler = Callable[[InboxItem], None]
_handlers: dict[str, Handler] = {}


def handler(source: str) -> Callable[[Handler], Handler]:
    """Declare who handles the news of a source. A handler gets no open transaction and must be safe to repeat."""

    def register(handle: Handler) -> Handler:
        _handlers[source] = handle
        return handle

    return register


@required
def receive(*, source: str, outside_id: str, body: str, headers: Mapping[str, str] | None = None) -> tuple[int, bool]:
    """Store a verified message of the open district; answers (item id, whether it is new). Repeats only count up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into kernel_inbox (district_id, source, outside_id, headers, body, received_at, times_received, error)
            values (%s, %s, %s, %s::jsonb, %s, %s, 1, '')
            on conflict (district_id, source, outside_id)
              do update set times_received = kernel_inbox.times_received + 1
            returning id, times_received = 1
            """,
            [scope.district_id(), source, outside_id, json.dumps(dict(headers or {})), body, clock.now()],
        )
        item_id, fresh = cursor.fetchone()
    if fresh:
        handle_item.later(item_id=item_id)
    return item_id, fresh


@job("kernel.handle_inbox", queue="inbox")
def handle_item(item_id: int) -> None:
    item = InboxItem.rows().get(id=item_id)
    if item.handled_at is not None:
        return
    try:
        _handlers[item.source](item)
    except Exception as error:
        with transaction():
            InboxItem.rows().filter(id=item_id).update(error=repr(error)[:2000])
        raise
    with transaction():
        InboxItem.rows().filter(id=item_id).update(handled_at=clock.now(), error="")
