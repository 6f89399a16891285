from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.messaging import locks
from shangquan.messaging.contracts import ACCOUNT_TAKEN, AccountBound, AccountCard, AccountKind, Capability
from shangquan.messaging.models import OfficialAccount
from shangquan.messaging.queries import account_card


@required
def bind_account(
    *, appid: str, name: str, kind: AccountKind, verified: bool, now: datetime, is_main: bool = True
) -> AccountCard:
    """Bind an official account, or correct what is known of it (C1). The main one is the district's voice.

    Needs `accounts.bind`. Refuses G-4093 when another district has it.
    """
    scope.require("accounts.bind")
    if is_main:
        OfficialAccount.rows().filter(is_main=True).exclude(appid=appid).update(is_main=False)
    old = OfficialAccount.rows().filter(appid=appid).first()
    before = None if old is None else {"kind": old.kind, "verified": old.verified}
    try:
        with atomic():
            row, _ = OfficialAccount.rows().update_or_create(
                appid=appid,
                defaults={"name": name[:60], "kind": kind.value, "verified": verified, "is_main": is_main},
                create_defaults={
                    "name": name[:60], "kind": kind.value, "verified": verified, "is_main": is_main, "bound_at": now,
                },
            )  # fmt: skip
    except IntegrityError:
        raise Refused(ACCOUNT_TAKEN) from None
    audit.record(
        action="messaging.bind", subject="official_account", subject_id=appid, before=before,
        after={"kind": kind.value, "verified": verified, "is_main": is_main},
    )  # fmt: skip
    publish(AccountBound(row.id, kind.value, verified))
    return account_card(row)


@required
def switch_capability(*, appid: str, capability: Capability, on: bool) -> AccountCard:
    """Stop or resume the use of one interface (Y5). Needs `messages.manage`; refuses G-4041."""
    scope.require("messages.manage")
    row = locks.account(appid)
    before = list(row.switched_off)
    row.switched_off = sorted({*before} - {capability.value} if on else {*before, capability.value})
    row.save(update_fields=["switched_off"])
    audit.record(
        action="messaging.switch", subject="official_account", subject_id=appid, before=before, after=row.switched_off
    )
    return account_card(row)
