from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.connectors import keys, locks
from shangquan.connectors.contracts import BOUND_ELSEWHERE, NO_KEYS, ConnectedCard, Kind
from shangquan.connectors.models import ConnectedAccount
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import AccountCard, AccountKind


@required
def bind(*, kind: Kind, outside_id: str, now: datetime) -> ConnectedCard:
    """Bind a merchant number or an Official Account to the open district. A merchant number replaces the one before.

    Needs `accounts.bind`. Refuses W-4041 when the key file does not know it and W-4091 when another district has it.
    """
    scope.require("accounts.bind")
    if outside_id not in keys.known(kind):
        raise Refused(NO_KEYS, outside_id=outside_id)
    same = locks.bound(kind, outside_id)
    if same is not None:
        return card(same)
    old = locks.bound(kind) if kind is Kind.PAY else None
    try:
        with atomic():
            if old is not None:
                old.unbound_at = now
                old.save(update_fields=["unbound_at"])
            made = ConnectedAccount.objects.create(kind=kind, outside_id=outside_id, bound_at=now)
    except IntegrityError:
        raise Refused(BOUND_ELSEWHERE, outside_id=outside_id) from None
    audit.record(
        action="connectors.bind", subject=kind.value, subject_id=outside_id,
        before=old.outside_id if old else None, after=outside_id,
    )  # fmt: skip
    return card(made)


@required
def bind_official_account(
    *, appid: str, name: str, kind: AccountKind, verified: bool, now: datetime, is_main: bool = True
) -> AccountCard:
    """Bind an Official Account for its callbacks and as an account of messaging, in one step. Refusals of both."""
    bind(kind=Kind.ACCOUNT, outside_id=appid, now=now)
    return messaging.bind_account(appid=appid, name=name, kind=kind, verified=verified, now=now, is_main=is_main)


@required
def unbind(*, kind: Kind, outside_id: str = "", now: datetime) -> None:
    """Needs `accounts.bind`. What was begun through the account goes on to its end."""
    scope.require("accounts.bind")
    row = locks.bound(kind, outside_id)
    if row is None:
        return
    row.unbound_at = now
    row.save(update_fields=["unbound_at"])
    audit.record(action="connectors.unbind", subject=kind.value, subject_id=row.outside_id, before=row.outside_id)


def card(row: ConnectedAccount) -> ConnectedCard:
    return ConnectedCard(row.id, Kind(row.kind), row.outside_id, row.bound_at)
