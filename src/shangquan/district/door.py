"""What other rooms may ask of the place and its merchants."""

from collections.abc import Callable, Collection
from datetime import datetime

from shangquan.district import queries
from shangquan.district.actions.apply_merchant import apply_merchant
from shangquan.district.actions.change_merchant import change_merchant
from shangquan.district.actions.lay_out import add_building, add_category, add_floor
from shangquan.district.actions.load_merchants import load_merchants
from shangquan.district.actions.review_merchant import review_merchant
from shangquan.district.actions.save_product import load_products, save_product
from shangquan.district.actions.save_store import add_store, change_store, close_store
from shangquan.district.actions.suspend_merchant import resume_merchant, suspend_merchant
from shangquan.district.contracts import (
    NO_MERCHANT,
    NO_PRODUCT,
    NO_STORE,
    CategoryCard,
    DirectoryEntry,
    FloorCard,
    MerchantCard,
    ProductCard,
    StoreCard,
)
from shangquan.district.models import Merchant, Product, Store
from shangquan.kernel.errors import BAD_INPUT, Refused

__all__ = [
    "active_merchant_ids", "add_building", "add_category", "add_floor", "add_store", "apply_merchant",
    "categories", "change_merchant", "change_store", "close_store", "directory", "find_product", "floors",
    "is_open_for_business", "load_merchants", "load_products", "merchant", "merchant_of_store", "merchants", "product", "product_page", "products",
    "register_merchant_filter", "resume_merchant", "review_merchant", "save_product", "store", "stores",
    "suspend_merchant",
]  # fmt: skip

MerchantFilter = Callable[[datetime], Collection[int]]
_filters: dict[str, MerchantFilter] = {"new": queries.with_new_products}


def register_merchant_filter(name: str, find: MerchantFilter) -> None:
    """Give the directory a classification that a room above knows, such as `offer` or `activity` (B7).

    `find(now)` answers the merchant ids; inactive ones are left out here.
    """
    if _filters.setdefault(name, find) is not find:
        raise ValueError(f"two rooms classify merchants by {name}")


def merchant(merchant_id: int) -> MerchantCard:
    """A merchant in any state, since history must stay readable. Refuses D-4041."""
    found = merchants([merchant_id])
    if not found:
        raise Refused(NO_MERCHANT)
    return found[0]


def merchants(ids: Collection[int] | None = None) -> list[MerchantCard]:
    """Merchants in any state by name; all of the district when no ids are given. One query."""
    rows = queries.merchant_rows().order_by("name", "id")
    return [queries.merchant_card(row) for row in (rows if ids is None else rows.filter(id__in=ids))]


def active_merchant_ids() -> set[int]:
    """Who trades at this moment: the consumer's pages show nothing of anyone else."""
    return set(Merchant.rows().filter(status=queries.ACTIVE).values_list("id", flat=True))


def is_open_for_business(merchant_id: int | None) -> bool:
    """Whether the merchant is active; its staff sign in and its goods are sold only then. None is the owner: True."""
    return merchant_id is None or Merchant.rows().filter(id=merchant_id, status=queries.ACTIVE).exists()


def store(store_id: int) -> StoreCard:
    """A store in any state (see `is_trading`). Refuses D-4042."""
    found = stores([store_id])
    if not found:
        raise Refused(NO_STORE)
    return found[0]


def stores(
    ids: Collection[int] | None = None, merchant_id: int | None = None, *, trading_only: bool = False
) -> list[StoreCard]:
    """Stores by unit, in any state unless `trading_only`. One query."""
    rows = queries.trading_stores() if trading_only else queries.store_rows()
    if ids is not None:
        rows = rows.filter(id__in=ids)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    return [queries.store_card(row) for row in rows.order_by("unit", "id")]


def merchant_of_store(store_id: int) -> int | None:
    """Whose a store is; None when there is no such store."""
    return Store.rows().filter(id=store_id).values_list("merchant_id", flat=True).first()


def floors() -> list[FloorCard]:
    """By building and position, lowest first."""
    return queries.floors()


def categories() -> list[CategoryCard]:
    return queries.categories()


def find_product(barcode: str, merchant_id: int | None = None) -> ProductCard | None:
    """What is for sale under a bar code; None when nobody (or, without a merchant, more than one) sells it."""
    rows = queries.products_for_sale().filter(barcode=barcode)
    if not barcode:
        return None
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found = list(rows[:2])
    return queries.product_card(found[0]) if len(found) == 1 else None


def product(product_id: int) -> ProductCard:
    """A product in any state. Refuses D-4043."""
    row = Product.rows().filter(id=product_id).first()
    if row is None:
        raise Refused(NO_PRODUCT)
    return queries.product_card(row)


def products(
    merchant_id: int | None = None, *, ids: Collection[int] | None = None, for_sale_only: bool = True
) -> list[ProductCard]:
    """Products by name; of an inactive merchant none unless `for_sale_only=False`. One query."""
    rows = queries.products_for_sale() if for_sale_only else Product.rows()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    return [queries.product_card(row) for row in rows.order_by("name", "id")]


def product_page(
    *,
    merchant_id: int | None = None,
    text: str = "",
    is_active: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ProductCard]:
    """Products in any state, newest first, by a part of the name or a bar code; a merchant's staff get their own.

    `before` is the last id of the page above. One query.
    """
    return queries.product_page(merchant_id=merchant_id, text=text, is_active=is_active, before=before, limit=limit)


def directory(
    *,
    now: datetime,
    has: str = "",
    floor_id: int | None = None,
    category_id: int | None = None,
    text: str = "",
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[DirectoryEntry]:
    """Active merchants with their trading stores (B7), by name; at most three queries.

    `has` is a classification: `new`, or one that a room above registered (`offer`, `activity`); an unknown one is
    refused (K-4001). `text` finds merchants by name, unit or goods. `after` is (name, id) of the last entry above.
    """
    if has and has not in _filters:
        raise Refused(BAD_INPUT, why=f"没有分类 {has}")
    return queries.directory(
        only=_filters[has](now) if has else None,
        floor_id=floor_id,
        category_id=category_id,
        text=text.strip(),
        after=after,
        limit=limit,
    )
