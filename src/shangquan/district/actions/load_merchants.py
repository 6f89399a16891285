from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.district.actions.apply_merchant import new_row
from shangquan.district.actions.save_store import insert_stores
from shangquan.district.contracts import NAME_TAKEN, NO_PLACE, MerchantAccepted, MerchantDraft
from shangquan.district.models import Category, Merchant
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def load_merchants(drafts: Sequence[MerchantDraft], *, now: datetime) -> list[int]:
    """Bring in many invited partners at once, already accepted on their drafts' terms; answers their ids in order.

    All or none, in a fixed number of statements. Needs `merchants.review`. Refuses as `apply_merchant` does.
    """
    scope.require("merchants.review")
    categories = dict(Category.rows().values_list("code", "id"))
    if any(draft.category and draft.category not in categories for draft in drafts):
        raise Refused(NO_PLACE)
    rows = [new_row(draft, now=now, category_id=categories.get(draft.category)) for draft in drafts]
    for row in rows:
        row.status, row.reviewed_at = Merchant.Status.ACTIVE, now
    try:
        with transaction.atomic():
            rows = Merchant.objects.bulk_create(rows)
    except IntegrityError:
        raise Refused(NAME_TAKEN, name=_taken(drafts)) from None
    stores = [(row.id, store) for row, draft in zip(rows, drafts, strict=True) for store in draft.stores]
    insert_stores(stores, now=now)
    audit.record(
        action="district.load",
        subject="merchant",
        subject_id="",
        after={"merchants": len(rows), "stores": len(stores)},
    )
    publish(*(MerchantAccepted(merchant_id=row.id) for row in rows))
    return [row.id for row in rows]


def _taken(drafts: Sequence[MerchantDraft]) -> str:
    names = [draft.name.strip() for draft in drafts]
    twice = next((name for name in names if names.count(name) > 1), "")
    held = Merchant.rows().filter(name__in=names).exclude(status=Merchant.Status.REFUSED)
    return twice or held.values_list("name", flat=True).first() or ""
