"""Row and right in one step, and who a request's bearer is."""

import hashlib
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from shangquan.identity import locks, queries, rules
from shangquan.identity.contracts import NO_ACCOUNT, NO_DEVICE, NO_GRANT
from shangquan.identity.models import Account, DeviceToken, Grant, SuspendedMerchant
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.scope import Actor


def grant_to_revoke(grant_id: int) -> Grant:
    """The grant, locked. Refuses 403 outside the actor's wall or above the actor's rank, A-4042 when there is none."""
    who = scope.require("staff.manage")
    row = locks.grant(grant_id)
    if row is None:
        raise Refused(NO_GRANT)
    rules.check_wall(who, row.merchant_id, row.store_id)
    rules.check_rank(who, rules.role_card(row.role))
    return row


def device_to_revoke(device_id: int) -> DeviceToken:
    who = scope.require("devices.manage")
    row = DeviceToken.rows().filter(id=device_id, revoked_at__isnull=True).first()
    if row is None:
        raise Refused(NO_DEVICE)
    rules.check_wall(who, row.merchant_id, row.store_id)
    return row


def own_account(account_id: int) -> Account:
    """One's own account, locked: nobody changes another's password or second step."""
    who = scope.actor()
    if who.kind != "system" and (who.kind, who.id) != ("staff", account_id):
        raise Refused(FORBIDDEN, right="own account")
    row = locks.account(account_id)
    if row is None:
        raise Refused(NO_ACCOUNT)
    return row


def staff_actor(account: Account, modules: frozenset[str], grant_id: int | None = None) -> Actor | None:
    """The account as an actor in the open district; None without a grant that works. One query.

    Grants with the same walls act together; `grant_id` chooses between walls, else the highest role leads.
    """
    if not account.is_active:
        return None
    grants = queries.grants_of([account.id], working=True).get(account.id, ())
    together = rules.grants_together(grants, grant_id)
    if not together:
        return None
    lead = together[0]
    return Actor(
        kind="staff",
        id=account.id,
        name=account.name,
        role=max(together, key=lambda grant: grant.role.rank).role.role.value,
        merchant_id=lead.merchant_id,
        store_id=lead.store_id,
        rights=rules.live_rights({right for grant in together for right in grant.role.rights}, modules),
    )


_TOUCH = timedelta(minutes=1)


def token_hash(token: str) -> str:
    """Tokens hold 256 random bits, so a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def device_actor(token: str, modules: frozenset[str], now: datetime) -> Actor | None:
    """The device that bears the token, in the open district; None for a wrong or revoked one or a suspended merchant's."""
    row = (
        DeviceToken.rows()
        .filter(
            ~Exists(SuspendedMerchant.rows().filter(merchant_id=OuterRef("merchant_id"))),
            token_hash=token_hash(token),
            revoked_at__isnull=True,
        )
        .first()
    )
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at < now - _TOUCH:
        locks.touch_device(row.id, now, now - _TOUCH)
    return Actor(
        kind="device",
        id=row.id,
        name=row.name,
        role="device",
        merchant_id=row.merchant_id,
        store_id=row.store_id,
        rights=rules.live_rights(row.rights, modules),
    )
