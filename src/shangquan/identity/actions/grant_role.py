from datetime import datetime

from shangquan.identity import ports, rules
from shangquan.identity.contracts import NO_ACCOUNT, StaffGranted
from shangquan.identity.models import Account, Grant
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def grant_role(
    *, account_id: int, role: str, merchant_id: int | None = None, store_id: int | None = None, now: datetime
) -> int:
    """Give an account a role in the open district; answers the grant's id. Needs the right `staff.manage`.

    A merchant's staff grant within their own merchant, or store, and never a role above their own (403). Refuses an
    unknown role (A-4004), one whose place does not fit (A-4002), an unknown account (A-4041). A repeat, also at the
    same moment, answers the first grant: the constraint `grant_once` decides.
    """
    who = scope.require("staff.manage")
    card = rules.role_card(role)
    rules.check_wall(who, merchant_id, store_id)
    rules.check_rank(who, card)
    rules.check_place(card, merchant_id, store_id)
    ports.check_store(merchant_id, store_id, named=card.zh)
    if not Account.objects.filter(id=account_id).exists():
        raise Refused(NO_ACCOUNT)
    row, made = Grant.rows().get_or_create(
        account_id=account_id,
        role=role,
        merchant_id=merchant_id,
        store_id=store_id,
        revoked_at__isnull=True,
        defaults={"granted_at": now},
    )
    if made:
        place = {"role": role, "merchant_id": merchant_id, "store_id": store_id}
        audit.record(action="identity.grant", subject="account", subject_id=account_id, after=place)
        publish(StaffGranted(account_id=account_id, role=role, merchant_id=merchant_id, store_id=store_id))
    return row.id
