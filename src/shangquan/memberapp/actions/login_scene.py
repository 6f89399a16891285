"""Signing a browser in by a phone: open, confirm, take. Each scene is confirmed once and taken once (C8, A7)."""

from datetime import datetime, timedelta

from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.memberapp import locks
from shangquan.memberapp.contracts import LOGIN_GONE
from shangquan.memberapp.models import LoginScene

LIFE = timedelta(minutes=3)


@required
def open_login(*, now: datetime) -> str:
    """A fresh scene; answers its text, which goes into the code and into the browser's session."""
    token = ids.token()
    LoginScene.objects.create(token_hash=locks.hashed(token), made_at=now, expires_at=now + LIFE)
    return token


@required
def confirm_login(token: str, *, member_id: int, now: datetime) -> None:
    """The phone says yes. A repeat by the same member changes nothing; anyone later is refused (O-4108)."""
    row = locks.login_scene(token)
    if row is None or now >= row.expires_at or row.member_id not in (None, member_id):
        raise Refused(LOGIN_GONE)
    if row.member_id is None:
        row.member_id, row.confirmed_at = member_id, now
        row.save(update_fields=["member_id", "confirmed_at"])


@required
def take_login(token: str, *, now: datetime) -> int | None:
    """The waiting browser asks: the member who confirmed, once; None while nobody has. Refuses O-4108 when it is over."""
    row = locks.login_scene(token)
    if row is None or row.taken_at is not None or now >= row.expires_at:
        raise Refused(LOGIN_GONE)
    if row.member_id is None:
        return None
    row.taken_at = now
    row.save(update_fields=["taken_at"])
    return row.member_id


def is_confirmed(token: str, now: datetime) -> bool | None:
    """For the waiting page, without taking it; None when it is over."""
    row = LoginScene.rows().filter(token_hash=locks.hashed(token), taken_at__isnull=True, expires_at__gt=now).first()
    return None if row is None else row.member_id is not None
