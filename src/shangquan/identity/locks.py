"""The only row locks of this room."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from shangquan.identity.contracts import Role
from shangquan.identity.models import Account, Grant


def grant(grant_id: int) -> Grant | None:
    """A grant in force."""
    return Grant.rows().filter(id=grant_id, revoked_at__isnull=True).select_for_update().first()


def administrators() -> list[Grant]:
    """The district's administrators, in the order of their ids: two who revoke each other wait here."""
    return list(Grant.rows().filter(role=Role.OWNER_ADMIN, revoked_at__isnull=True).order_by("id").select_for_update())


def account(account_id: int) -> Account | None:
    return Account.objects.filter(id=account_id).select_for_update().first()


def tries(keys: Iterable[tuple[int, str]]) -> None:
    """Queue the tries for the same name, then for the same address, until the transaction ends: none is counted late."""
    with connection.cursor() as cursor:
        for kind, key in keys:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [kind, key])


def use_code(account_id: int, step: int) -> bool:
    """Mark a time step's code as used; False when it, or a later one, was used before."""
    return bool(Account.objects.filter(id=account_id, totp_last_step__lt=step).update(totp_last_step=step))


def touch_device(device_id: int, now: datetime, older_than: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update identity_devicetoken set last_used_at = %s"
            " where id = %s and (last_used_at is null or last_used_at < %s)",
            [now, device_id, older_than],
        )
