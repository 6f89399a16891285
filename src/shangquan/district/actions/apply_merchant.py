from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.district.actions.save_store import insert_stores
from shangquan.district.contracts import NAME_TAKEN, NO_PLACE, MerchantApplied, MerchantDraft
from shangquan.district.models import Category, Merchant
from shangquan.kernel import audit, personal, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def apply_merchant(draft: MerchantDraft, *, now: datetime, own: bool = False) -> int:
    """Take an application with its stores; answers the merchant's id. It waits for review.

    `own`: the owner's own business, active at once (needs `merchants.review`): a district needs no partner.
    Commission and tiers in the draft are the owner's to grant, so they count for `own` only; review sets them
    otherwise. Refuses a name in use (D-4091, the constraint `merchant_name_once`), an unknown category (D-4044), units
    (D-4002, D-4093).
    """
    if own:
        scope.require("merchants.review")
    row = new_row(draft, now=now, category_id=category_id(draft.category))
    if own:
        row.status, row.is_own, row.reviewed_at = Merchant.Status.ACTIVE, True, now
    else:
        row.commission_bp, row.joins_tiers = 0, False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(NAME_TAKEN, name=row.name) from None
    insert_stores([(row.id, store) for store in draft.stores], now=now)
    audit.record(action="district.apply", subject="merchant", subject_id=row.id, after={"name": row.name, "own": own})
    publish(MerchantApplied(merchant_id=row.id))
    return row.id


def new_row(draft: MerchantDraft, *, now: datetime, category_id: int | None) -> Merchant:
    """An applied merchant, not saved. Refuses K-4001 for a missing name or a commission above all of it."""
    name = draft.name.strip()
    if not 1 <= len(name) <= 60:
        raise Refused(BAD_INPUT, why="商户名称要 1 到 60 个字")
    if not 0 <= draft.commission_bp <= 10_000:
        raise Refused(BAD_INPUT, why="佣金要在 0 到 100% 之间")
    phone = draft.contact_phone.strip()
    return Merchant(
        name=name,
        name_en=draft.name_en.strip(),
        category_id=category_id,
        commission_bp=draft.commission_bp,
        joins_tiers=draft.joins_tiers,
        joins_points=draft.joins_points,
        story=draft.story.strip(),
        logo=draft.logo,
        contact_name=draft.contact_name.strip(),
        contact_phone_sealed=personal.seal("contact", phone) if phone else None,
        applied_at=now,
        changed_at=now,
    )


def category_id(code: str) -> int | None:
    """Refuses D-4044."""
    if not code:
        return None
    found = Category.rows().filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise Refused(NO_PLACE)
    return found
