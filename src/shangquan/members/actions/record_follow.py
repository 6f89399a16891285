from datetime import datetime

from django.db import connection

from shangquan.kernel import scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import queries
from shangquan.members.contracts import FanCard, Followed, KeyKind, Unfollowed
from shangquan.members.identities import identity
from shangquan.members.models import Fan, FollowEvent


@required
def record_follow(
    *, openid: str, appid: str, followed: bool, source: str = "", source_code_id: int | None = None, now: datetime
) -> FanCard:
    """Record a follow or an unfollow; the fan's history keeps each change with its source.

    News that changes nothing (a follow of somebody who follows) adds no event, so a repeated callback is harmless.
    One statement decides it on the constraint `fan_once`.
    """
    if len(source) > 60:
        raise Refused(BAD_INPUT, why="来源最多 60 个字")
    who = identity(KeyKind.OPENID, openid)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into members_fan as f (district_id, appid, fingerprint, sealed, following, first_source,
                                          latest_source, first_followed_at, changed_at)
            values (%(district)s, %(appid)s, %(fingerprint)s, %(sealed)s, %(followed)s, %(source)s, %(source)s,
                    %(now)s, %(now)s)
            on conflict (district_id, appid, fingerprint) do update
              set following = excluded.following, changed_at = excluded.changed_at,
                  first_source = case when f.first_source = '' and excluded.following
                                 then excluded.first_source else f.first_source end,
                  latest_source = case when excluded.following then excluded.latest_source else f.latest_source end
              where f.following <> excluded.following
            returning id, (xmax = 0)
            """,
            {
                "district": scope.district_id(), "appid": appid, "fingerprint": who.fingerprint, "sealed": who.sealed,
                "followed": followed, "source": source, "now": now,
            },
        )  # fmt: skip
        changed = cursor.fetchone()
    if changed is not None:
        fan_id, is_new = int(changed[0]), bool(changed[1])
        FollowEvent.objects.create(
            fan_id=fan_id, followed=followed, source=source, source_code_id=source_code_id, at=now
        )
        if followed:
            publish(Followed(fan_id=fan_id, source=source, first=is_new, source_code_id=source_code_id))
        else:
            publish(Unfollowed(fan_id=fan_id))
    return queries.fan_card(Fan.rows().get(appid=appid, fingerprint=who.fingerprint))
