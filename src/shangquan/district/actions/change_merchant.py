from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.district import access
from shangquan.district.actions.apply_merchant import category_id
from shangquan.district.contracts import NAME_TAKEN
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required

# What the merchant may change itself, and what is the owner's to grant.
_OF_THE_MERCHANT = frozenset({"name", "name_en", "category", "story", "logo"})
_OF_THE_OWNER = frozenset({"commission_bp", "joins_tiers", "joins_points"})


@required
def change_merchant(merchant_id: int, *, now: datetime, **changes: str | int | bool) -> None:
    """Change what a merchant shows (`merchants.edit`) or its terms (`merchants.review`).

    Fields: name, name_en, category (code), story, logo · commission_bp, joins_tiers, joins_points. Refuses others
    (K-4001), a name in use (D-4091) and an unknown category (D-4044). New terms count from the next payment on.
    """
    unknown = set(changes) - _OF_THE_MERCHANT - _OF_THE_OWNER
    if unknown:
        raise Refused(BAD_INPUT, why=f"不能改 {', '.join(sorted(unknown))}")
    if set(changes) & _OF_THE_OWNER:
        scope.require("merchants.review")
    row = access.merchant_for("merchants.edit", merchant_id, lock=True)
    values: dict[str, object] = dict(changes)
    if "category" in values:
        values["category_id"] = category_id(str(values.pop("category")))
    if not str(values.get("name", row.name)).strip() or not 0 <= int(changes.get("commission_bp", 0)) <= 10_000:
        raise Refused(BAD_INPUT, why="名称不能空，佣金要在 0 到 100% 之间")
    before = {field: getattr(row, field) for field in values}
    for field, value in values.items():
        setattr(row, field, value)
    row.changed_at = now
    try:
        with transaction.atomic():
            row.save(update_fields=[*values, "changed_at"])
    except IntegrityError:
        raise Refused(NAME_TAKEN, name=row.name) from None
    audit.record(
        action="district.change_merchant", subject="merchant", subject_id=merchant_id, before=before, after=values
    )
