"""Tokens and tickets of the platform, shared by all processes through the database, fetched by one at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from zlib import crc32

from django.db import connection

from shangquan.connectors.models import PlatformToken
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import refuse_inside, transaction

_EARLY = timedelta(minutes=5)  # fetched again before its end, since calls under way still use the old one
_LOCK = 7052


def value(appid: str, kind: str, fetch: Callable[[], tuple[str, int]], *, refused: str = "") -> str:
    """The stored value while it lasts, else what `fetch` brings: (value, seconds). Must not run inside a transaction.

    With `refused` a stored value equal to it is fetched anew; when somebody has renewed it meanwhile, theirs is taken.
    """
    refuse_inside("fetching a platform token")
    known = _stored(appid, kind)
    if known and known != refused:
        return known
    with _alone(appid, kind):
        known = _stored(appid, kind)
        if known and known != refused:
            return known
        fresh, seconds = fetch()
        with transaction():
            PlatformToken.rows().update_or_create(
                appid=appid,
                kind=kind,
                defaults={"value": fresh, "expires_at": clock.now() + timedelta(seconds=seconds)},
            )
        return fresh


def _stored(appid: str, kind: str) -> str:
    rows = PlatformToken.rows().filter(appid=appid, kind=kind, expires_at__gt=clock.now() + _EARLY)
    return rows.values_list("value", flat=True).first() or ""


@contextmanager
def _alone(appid: str, kind: str) -> Iterator[None]:
    """A lock of the session, not of a transaction: the call outside happens under it."""
    name = crc32(f"{scope.district_id()}:{appid}:{kind}".encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [_LOCK, name])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", [_LOCK, name])
