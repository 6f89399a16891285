from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.district import access, rules
from shangquan.district.contracts import BAD_BARCODE, BARCODE_TAKEN, NO_PRODUCT, ProductDraft
from shangquan.district.models import Product
from shangquan.kernel import audit
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required

_FIELDS = (
    "barcode", "name", "name_en", "spec", "price_fen", "category", "picture", "points_multiplier_bp", "is_active",
    "changed_at",
)  # fmt: skip


@required
def save_product(merchant_id: int, draft: ProductDraft, *, product_id: int | None = None, now: datetime) -> int:
    """Add a product of a merchant, or give an existing one these values; answers its id. Needs `products.edit`.

    Refuses a bar code with a wrong check digit (D-4001), one that is another product of this merchant (D-4094, the
    constraint `product_barcode_once`), a missing name and a price below 0 or above a million yuan (K-4001).
    """
    access.merchant_for("products.edit", merchant_id)
    fresh = _row(merchant_id, draft, now=now)
    row, before = fresh, None
    if product_id is not None:
        row = access.product_for("products.edit", product_id, lock=True)
        if row.merchant_id != merchant_id:
            raise Refused(NO_PRODUCT)
        before = {"name": row.name, "price_fen": row.price_fen, "is_active": row.is_active}
        for field in _FIELDS:
            setattr(row, field, getattr(fresh, field))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(BARCODE_TAKEN, barcode=row.barcode) from None
    audit.record(
        action="district.save_product",
        subject="product",
        subject_id=row.id,
        before=before,
        after={"name": row.name, "price_fen": row.price_fen, "is_active": row.is_active},
    )
    return row.id


@required
def load_products(merchant_id: int, drafts: Sequence[ProductDraft], *, now: datetime) -> list[int]:
    """Add many products of a merchant in one statement, all or none; refusals as for `save_product`."""
    access.merchant_for("products.edit", merchant_id)
    rows = [_row(merchant_id, draft, now=now) for draft in drafts]
    try:
        with transaction.atomic():
            rows = Product.objects.bulk_create(rows)
    except IntegrityError:
        raise Refused(BARCODE_TAKEN, barcode=_taken(merchant_id, rows)) from None
    audit.record(
        action="district.load_products", subject="merchant", subject_id=merchant_id, after={"products": len(rows)}
    )
    return [row.id for row in rows]


def _taken(merchant_id: int, rows: Sequence[Product]) -> str:
    codes = [row.barcode for row in rows if row.barcode]
    twice = next((code for code in codes if codes.count(code) > 1), "")
    held = Product.rows().filter(merchant_id=merchant_id, barcode__in=codes)
    return twice or held.values_list("barcode", flat=True).first() or ""


def _row(merchant_id: int, draft: ProductDraft, *, now: datetime) -> Product:
    barcode = draft.barcode.strip()
    if barcode and not rules.is_ean13(barcode):
        raise Refused(BAD_BARCODE, barcode=barcode[:20])
    if not draft.name.strip() or not 0 <= draft.price_fen <= 100_000_000:
        raise Refused(BAD_INPUT, why="商品要有名称，价格在 0 到一百万元之间")
    if not 0 <= draft.points_multiplier_bp <= 1_000_000:
        raise Refused(BAD_INPUT, why="积分倍数要在 0 到 100 倍之间")
    return Product(
        merchant_id=merchant_id,
        barcode=barcode,
        name=draft.name.strip(),
        name_en=draft.name_en.strip(),
        spec=draft.spec.strip(),
        price_fen=draft.price_fen,
        category=draft.category.strip(),
        picture=draft.picture,
        points_multiplier_bp=draft.points_multiplier_bp,
        is_active=draft.is_active,
        added_at=now,
        changed_at=now,
    )
