"""Reads: who works here, with which grants; what was done. Each a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from shangquan.identity import rules
from shangquan.identity.contracts import ROLES, AuditCard, AuditPage, DeviceCard, GrantCard, StaffCard
from shangquan.identity.models import Account, DeviceToken, Grant, SuspendedMerchant
from shangquan.kernel.models import AuditLine

_ACCOUNT_COLUMNS = ("id", "username", "name", "is_active", "totp_secret", "last_login")


def grants_of(account_ids: Iterable[int], *, working: bool = False) -> dict[int, tuple[GrantCard, ...]]:
    """Grants in force by account, highest first; with `working`, without those of suspended merchants. One query."""
    rows = Grant.rows().filter(account_id__in=list(account_ids), revoked_at__isnull=True)
    if working:
        rows = rows.filter(~Exists(SuspendedMerchant.rows().filter(merchant_id=OuterRef("merchant_id"))))
    found: dict[int, list[GrantCard]] = defaultdict(list)
    for row in rows:
        if row.role in ROLES:
            found[row.account_id].append(grant_card(row))
    return {account_id: rules.highest_first(cards) for account_id, cards in found.items()}


def grant_card(row: Grant) -> GrantCard:
    return GrantCard(
        id=row.id,
        role=ROLES[row.role],
        merchant_id=row.merchant_id,
        store_id=row.store_id,
        granted_at=row.granted_at,
    )


def staff_cards(account_ids: Iterable[int]) -> dict[int, StaffCard]:
    """Of accounts that work, or worked, in the open district; others are not in the answer. Two queries."""
    ids = set(account_ids)
    worked = Exists(Grant.rows().filter(account_id=OuterRef("id")))
    return _with_grants(Account.objects.filter(worked, id__in=ids))


def staff_page(
    *,
    merchant_id: int | None = None,
    store_id: int | None = None,
    text: str = "",
    after: str = "",
    limit: int = 50,
) -> list[StaffCard]:
    """Who works here now, by user name; `after` is the last name of the page before. Two queries.

    Named, `merchant_id` and `store_id` show that merchant's or store's people only, and only their grants there.
    """
    inside = Grant.rows().filter(account_id=OuterRef("id"), revoked_at__isnull=True)
    if merchant_id is not None:
        inside = inside.filter(merchant_id=merchant_id)
    if store_id is not None:
        inside = inside.filter(Q(store_id=store_id))
    rows = Account.objects.filter(Exists(inside), username__gt=after)
    if text:
        rows = rows.filter(Q(username__icontains=text) | Q(name__icontains=text))
    cards = _with_grants(rows.order_by("username")[:limit], merchant_id=merchant_id, store_id=store_id)
    return sorted(cards.values(), key=lambda card: card.username)


def _with_grants(
    accounts: QuerySet[Account], *, merchant_id: int | None = None, store_id: int | None = None
) -> dict[int, StaffCard]:
    rows = list(accounts.only(*_ACCOUNT_COLUMNS))
    grants = grants_of(row.id for row in rows)
    return {
        row.id: StaffCard(
            id=row.id,
            username=row.username,
            name=row.name,
            is_active=row.is_active,
            has_code=bool(row.totp_secret),
            last_sign_in=row.last_login,
            grants=tuple(
                grant
                for grant in grants.get(row.id, ())
                if merchant_id in (None, grant.merchant_id) and store_id in (None, grant.store_id)
            ),
        )
        for row in rows
    }


def devices(*, merchant_id: int | None = None, store_id: int | None = None) -> list[DeviceCard]:
    """Device tokens, revoked ones too, newest first."""
    rows = DeviceToken.rows()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if store_id is not None:
        rows = rows.filter(store_id=store_id)
    return [device_card(row) for row in rows.order_by("-id")[:500]]


def device_card(row: DeviceToken) -> DeviceCard:
    return DeviceCard(
        id=row.id,
        name=row.name,
        rights=tuple(row.rights),
        merchant_id=row.merchant_id,
        store_id=row.store_id,
        made_at=row.made_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def audit_page(
    *,
    merchant_id: int | None = None,
    actor_id: int | None = None,
    action: str = "",
    subject: str = "",
    subject_id: str = "",
    refused_only: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> AuditPage:
    """The audit, newest first, by key. `action` ending in a dot means every action of that room.

    `merchant_id` shows only what that merchant's own staff and devices did. One query.
    """
    rows = AuditLine.rows()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id, actor_kind="staff")
    if action:
        rows = rows.filter(action__startswith=action) if action.endswith(".") else rows.filter(action=action)
    if subject:
        rows = rows.filter(subject=subject)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    if refused_only:
        rows = rows.exclude(refused="")
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = [_audit_card(row) for row in rows.order_by("-id")[: limit + 1]]
    lines = tuple(found[:limit])
    return AuditPage(lines=lines, before=lines[-1].id if len(found) > limit else None)


def _audit_card(row: AuditLine) -> AuditCard:
    return AuditCard(
        id=row.id,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        role=row.role,
        merchant_id=row.merchant_id,
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        before=row.before,
        after=row.after,
        refused=row.refused,
        ip=row.ip,
    )
