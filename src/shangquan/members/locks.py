"""The only locks of this room."""

from collections.abc import Iterable

from django.db import connection

from shangquan.kernel.errors import Refused
from shangquan.members.contracts import NO_MEMBER
from shangquan.members.models import Member


def identities(fingerprints: Iterable[str]) -> None:
    """Make those who come with the same identity wait for each other until the transaction ends.

    In the order of the lock numbers, so that two callers with the same two identities cannot block each other.
    """
    numbers = sorted(int(fingerprint[:15], 16) for fingerprint in fingerprints)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("select pg_advisory_xact_lock(%s)", [number])


def member(member_id: int) -> Member:
    """Refuses M-4041."""
    row = Member.rows().select_for_update(no_key=True).filter(id=member_id).first()
    if row is None:
        raise Refused(NO_MEMBER)
    return row
