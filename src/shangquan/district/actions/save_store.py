from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.district import access, rules
from shangquan.district.contracts import BAD_UNIT, NO_PLACE, UNIT_TAKEN, StoreDraft
from shangquan.district.models import Floor, Store
from shangquan.kernel import audit
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required


@required
def add_store(merchant_id: int, draft: StoreDraft, *, now: datetime) -> int:
    """Open a branch store of a merchant; answers its id. Needs `merchants.edit` for that merchant.

    Refuses a badly written unit (D-4002), one held by an open store (D-4093, the constraint `store_unit_once`) and an
    unknown floor (D-4044).
    """
    access.merchant_for("merchants.edit", merchant_id)
    [row] = insert_stores([(merchant_id, draft)], now=now)
    audit.record(
        action="district.add_store",
        subject="store",
        subject_id=row.id,
        after={"merchant_id": merchant_id, "unit": row.unit, "name": row.name},
    )
    return row.id


@required
def change_store(store_id: int, draft: StoreDraft, *, now: datetime) -> None:
    """Give a store these values. Needs `merchants.edit`; refuses as `add_store` does."""
    row = access.store_for("merchants.edit", store_id, lock=True)
    fresh = _row(row.merchant_id, draft, _floors([draft]), now=now)
    fields = ("floor_id", "name", "name_en", "unit", "open_from", "open_to", "tables", "phone")
    before = {field: str(getattr(row, field)) for field in fields}
    for field in fields:
        setattr(row, field, getattr(fresh, field))
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError:
        raise Refused(UNIT_TAKEN, unit=row.unit) from None
    after = {field: str(getattr(row, field)) for field in fields}
    audit.record(action="district.change_store", subject="store", subject_id=store_id, before=before, after=after)


@required
def close_store(store_id: int, *, now: datetime) -> None:
    """Close a store for good; its unit is free again and its history stays. Repeating changes nothing."""
    row = access.store_for("merchants.edit", store_id, lock=True)
    if row.closed_at is None:
        row.closed_at = now
        row.save(update_fields=["closed_at"])
        audit.record(action="district.close_store", subject="store", subject_id=store_id, after={"unit": row.unit})


def insert_stores(drafts: Sequence[tuple[int, StoreDraft]], *, now: datetime) -> list[Store]:
    """Write the stores of (merchant id, draft) in one statement."""
    floors = _floors([draft for _, draft in drafts])
    rows = [_row(merchant_id, draft, floors, now=now) for merchant_id, draft in drafts]
    try:
        with transaction.atomic():
            return Store.objects.bulk_create(rows)
    except IntegrityError:
        raise Refused(UNIT_TAKEN, unit=_taken(rows)) from None


def _taken(rows: Sequence[Store]) -> str:
    units = [row.unit for row in rows]
    twice = next((unit for unit in units if units.count(unit) > 1), "")
    open_rows = Store.rows().filter(unit__in=units, closed_at__isnull=True)
    return twice or open_rows.values_list("unit", flat=True).first() or ""


def _floors(drafts: Sequence[StoreDraft]) -> dict[str, int]:
    """Floors by code; a unit without a named floor lies on the floor it begins with, where there is one."""
    return dict(Floor.rows().order_by("-building__sort", "-id").values_list("code", "id")) if drafts else {}


def _row(merchant_id: int, draft: StoreDraft, floors: dict[str, int], *, now: datetime) -> Store:
    unit = rules.unit(draft.unit)
    if unit is None:
        raise Refused(BAD_UNIT, unit=draft.unit)
    if draft.floor and draft.floor not in floors:
        raise Refused(NO_PLACE, floor=draft.floor)
    if not draft.name.strip() or not 0 <= draft.tables <= 999:
        raise Refused(BAD_INPUT, why="门店要有名称，桌数在 0 到 999 之间")
    return Store(
        merchant_id=merchant_id,
        floor_id=floors.get(draft.floor or rules.floor_of(unit)),
        name=draft.name.strip(),
        name_en=draft.name_en.strip(),
        unit=unit,
        open_from=draft.open_from,
        open_to=draft.open_to,
        tables=draft.tables,
        phone=draft.phone.strip(),
        added_at=now,
    )
