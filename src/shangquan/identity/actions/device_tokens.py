from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shangquan.identity import access, ports, queries, rules
from shangquan.identity.contracts import WRONG_PLACE, DeviceCard
from shangquan.identity.models import DeviceToken
from shangquan.kernel import audit, ids, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required


@dataclass(frozen=True)
class NewDevice:
    """`token` is shown this once: only its hash is kept."""

    card: DeviceCard
    token: str


@required
def make_device_token(
    *,
    name: str,
    rights: Iterable[str],
    merchant_id: int | None = None,
    store_id: int | None = None,
    now: datetime,
) -> NewDevice:
    """Make a token for a till, a printer or an integrator. Needs the right `devices.manage`, inside the actor's walls.

    Refuses rights that the maker lacks and the owner's rights for a partner's device (403), unknown rights (A-4003),
    a store without its merchant (A-4002).
    """
    who = scope.require("devices.manage")
    wanted = tuple(sorted(set(rights)))
    rules.check_wall(who, merchant_id, store_id)
    rules.check_device_rights(who, wanted, merchant_id)
    if store_id is not None and merchant_id is None:
        raise Refused(WRONG_PLACE, role="设备")
    ports.check_store(merchant_id, store_id, named="设备")
    if not 1 <= len(name.strip()) <= 60:
        raise Refused(BAD_INPUT, why="设备名要 1 到 60 个字")
    token = f"sq_{ids.token()}"
    row = DeviceToken.objects.create(
        name=name.strip(),
        token_hash=access.token_hash(token),
        rights=list(wanted),
        merchant_id=merchant_id,
        store_id=store_id,
        made_at=now,
    )
    audit.record(
        action="identity.make_device",
        subject="device",
        subject_id=row.id,
        after={"name": row.name, "rights": list(wanted), "merchant_id": merchant_id, "store_id": store_id},
    )
    return NewDevice(card=queries.device_card(row), token=token)


@required
def revoke_device_token(*, device_id: int, now: datetime) -> None:
    """The token is worth nothing from the commit on. Needs `devices.manage` inside the actor's walls; A-4043 if none."""
    row = access.device_to_revoke(device_id)
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    audit.record(action="identity.revoke_device", subject="device", subject_id=row.id, before={"name": row.name})
