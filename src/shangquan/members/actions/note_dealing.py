from datetime import datetime
from typing import Literal

from django.db import connection

from shangquan.kernel import scope
from shangquan.kernel.transactions import required

What = Literal["bought", "claimed", "subscribed"]


@required
def note_dealing(member_id: int, merchant_id: int, what: What, *, now: datetime) -> None:
    """Count that a member bought, claimed or subscribed at a merchant (D13). One statement, on `dealing_once`.

    Called by reactions, each of which runs once.
    """
    counts = {kind: int(kind == what) for kind in ("bought", "claimed", "subscribed")}
    if sum(counts.values()) != 1:
        raise ValueError(f"not a dealing: {what}")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into members_dealing as d
              (district_id, member_id, merchant_id, bought, claimed, subscribed, first_at, last_at)
            values (%(district)s, %(member)s, %(merchant)s, %(bought)s, %(claimed)s, %(subscribed)s, %(now)s, %(now)s)
            on conflict (district_id, merchant_id, member_id) do update
              set bought = d.bought + excluded.bought, claimed = d.claimed + excluded.claimed,
                  subscribed = d.subscribed + excluded.subscribed,
                  first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at)
            """,
            {"district": scope.district_id(), "member": member_id, "merchant": merchant_id, "now": now, **counts},
        )
