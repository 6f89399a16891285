from datetime import datetime

from django.db import connection

from shangquan.codes.contracts import CredentialChanged
from shangquan.kernel import scope
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def expire_credentials(*, now: datetime, limit: int = 1000) -> int:
    """Move living credentials whose time is over to `expired`, with their log lines; answers how many. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with ending as (
              select id, state from codes_credential
               where district_id = %(district)s and state in ('issued', 'active') and valid_until <= %(now)s
               order by valid_until limit %(limit)s for no key update skip locked
            ), ended as (
              update codes_credential c set state = 'expired', changed_at = %(now)s
                from ending e where c.id = e.id
              returning c.id, c.kind, c.subject_kind, c.subject_id, e.state as before
            ), logged as (
              insert into codes_credential_log (district_id, credential_id, before, wanted, refused, actor, at)
              select %(district)s, id, before, 'expired', '', 'system:0', %(now)s from ended
            )
            select id, kind, subject_kind, subject_id, before from ended order by id
            """,
            {"district": scope.district_id(), "now": now, "limit": limit},
        )
        ended = cursor.fetchall()
    if ended:
        publish(
            *(
                CredentialChanged(
                    credential_id=row[0], kind=row[1], subject_kind=row[2], subject_id=row[3], before=row[4],
                    after="expired",
                )
                for row in ended
            )
        )  # fmt: skip
    return len(ended)
