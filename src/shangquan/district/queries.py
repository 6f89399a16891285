"""Reads: each a constant number of queries, whatever the number of rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from shangquan.district import access
from shangquan.district.contracts import (
    CategoryCard,
    DirectoryEntry,
    FloorCard,
    MerchantCard,
    MerchantStatus,
    ProductCard,
    StoreCard,
)
from shangquan.district.models import Category, Floor, Merchant, Product, Store

ACTIVE = Merchant.Status.ACTIVE
NEW_FOR = timedelta(days=14)


def merchant_card(row: Merchant) -> MerchantCard:
    return MerchantCard(
        id=row.id,
        name=row.name,
        name_en=row.name_en,
        category_id=row.category_id,
        category=row.category.name if row.category else "",
        status=MerchantStatus(row.status),
        commission_bp=row.commission_bp,
        joins_tiers=row.joins_tiers,
        joins_points=row.joins_points,
        is_own=row.is_own,
        story=row.story,
        logo=row.logo,
    )


def store_card(row: Store) -> StoreCard:
    return StoreCard(
        id=row.id,
        merchant_id=row.merchant_id,
        merchant=row.merchant.name,
        name=row.name,
        name_en=row.name_en,
        unit=row.unit,
        floor_id=row.floor_id,
        floor=row.floor.code if row.floor else "",
        building=row.floor.building.name if row.floor else "",
        open_from=row.open_from,
        open_to=row.open_to,
        tables=row.tables,
        phone=row.phone,
        is_trading=row.closed_at is None and row.merchant.status == ACTIVE,
    )


def product_card(row: Product) -> ProductCard:
    return ProductCard(
        id=row.id,
        merchant_id=row.merchant_id,
        barcode=row.barcode,
        name=row.name,
        name_en=row.name_en,
        spec=row.spec,
        price_fen=row.price_fen,
        category=row.category,
        picture=row.picture,
        points_multiplier_bp=row.points_multiplier_bp,
        is_active=row.is_active,
    )


def merchant_rows() -> QuerySet[Merchant]:
    return Merchant.rows().select_related("category")


def store_rows() -> QuerySet[Store]:
    return Store.rows().select_related("merchant", "floor__building")


def trading_stores() -> QuerySet[Store]:
    """What a consumer may see."""
    return store_rows().filter(closed_at__isnull=True, merchant__status=ACTIVE)


def products_for_sale() -> QuerySet[Product]:
    """What a consumer may see."""
    return Product.rows().filter(is_active=True, merchant__status=ACTIVE)


def floors() -> list[FloorCard]:
    rows = Floor.rows().select_related("building").order_by("building__sort", "building_id", "sort", "id")
    return [
        FloorCard(row.id, row.code, row.name, row.name_en, row.sort, row.building_id, row.building.name) for row in rows
    ]


def categories() -> list[CategoryCard]:
    return [CategoryCard(row.id, row.code, row.name, row.name_en) for row in Category.rows().order_by("sort", "id")]


@dataclass(frozen=True)
class MerchantLine:
    """A line of the console's list."""

    merchant: MerchantCard
    stores: int
    products: int
    applied_at: datetime


def console_page(
    *, status: str = "", text: str = "", after: tuple[str, int] | None = None, limit: int = 50
) -> list[MerchantLine]:
    """The actor's merchants by name; `after` is (name, id) of the last line above. One query."""
    rows = access.merchant_rows().select_related("category")
    if status:
        rows = rows.filter(status=status)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(stores__unit__istartswith=text))
    if after is not None:
        rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    counted = rows.annotate(
        store_count=Count("stores", distinct=True), product_count=Count("products", distinct=True)
    ).order_by("name", "id")
    return [
        MerchantLine(merchant_card(row), row.store_count, row.product_count, row.applied_at) for row in counted[:limit]
    ]


def console_products(
    *, merchant_id: int | None = None, text: str = "", after: tuple[str, int] | None = None, limit: int = 50
) -> list[ProductCard]:
    """The products behind the actor's wall by name; `after` is (name, id) of the last line above. One query."""
    rows = access.walled(Product.rows())
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(barcode__startswith=text))
    if after is not None:
        rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    return [product_card(row) for row in rows.order_by("name", "id")[:limit]]


def with_new_products(now: datetime) -> set[int]:
    """Active merchants that added something for sale within the last 14 days."""
    return set(products_for_sale().filter(added_at__gt=now - NEW_FOR).values_list("merchant_id", flat=True).distinct())


def directory(
    *,
    only: Collection[int] | None,
    floor_id: int | None,
    category_id: int | None,
    text: str,
    after: tuple[str, int] | None,
    limit: int,
) -> list[DirectoryEntry]:
    """Active merchants with their trading stores, by name. Two queries."""
    rows = merchant_rows().filter(status=ACTIVE)
    if only is not None:
        rows = rows.filter(id__in=only)
    if category_id is not None:
        rows = rows.filter(category_id=category_id)
    if floor_id is not None:
        here = Store.rows().filter(merchant_id=OuterRef("pk"), floor_id=floor_id, closed_at__isnull=True)
        rows = rows.filter(Exists(here))
    if text:
        unit = Store.rows().filter(merchant_id=OuterRef("pk"), unit__istartswith=text, closed_at__isnull=True)
        goods = products_for_sale().filter(merchant_id=OuterRef("pk"), name__icontains=text)
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(Exists(unit)) | Q(Exists(goods)))
    if after is not None:
        rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    found = list(rows.order_by("name", "id")[:limit])
    by_merchant = stores_by_merchant([row.id for row in found])
    return [DirectoryEntry(merchant_card(row), tuple(by_merchant.get(row.id, ()))) for row in found]


def stores_by_merchant(merchant_ids: Sequence[int]) -> dict[int, list[StoreCard]]:
    grouped: dict[int, list[StoreCard]] = {}
    for row in trading_stores().filter(merchant_id__in=merchant_ids).order_by("unit"):
        grouped.setdefault(row.merchant_id, []).append(store_card(row))
    return grouped


def product_page(
    *, merchant_id: int | None, text: str, is_active: bool | None, before: int | None, limit: int
) -> list[ProductCard]:
    """See the door's `product_page`."""
    rows = access.walled(Product.rows())
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(barcode=text))
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [product_card(row) for row in rows.order_by("-id")[:limit]]
