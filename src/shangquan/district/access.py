"""Row and right in one step. A merchant's staff see and change their own merchant's rows only."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from shangquan.district import locks
from shangquan.district.contracts import NO_MERCHANT, NO_PRODUCT, NO_STORE
from shangquan.district.models import Merchant, Product, Store
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused

M = TypeVar("M", bound=Model)


def merchant_rows() -> QuerySet[Merchant]:
    """The merchants that the actor may see in the console: all for the owner's staff, one for a merchant's."""
    wall = scope.actor().merchant_id
    rows = Merchant.rows()
    return rows if wall is None else rows.filter(id=wall)


def walled(rows: QuerySet[M]) -> QuerySet[M]:
    """The rows (of a table with `merchant_id`) behind the actor's wall."""
    wall = scope.actor().merchant_id
    return rows if wall is None else rows.filter(merchant_id=wall)


def merchant_for(right: str, merchant_id: int, *, lock: bool = False) -> Merchant:
    """The merchant's row if the actor holds `right` for it. Refuses 403, then D-4041."""
    scope.require(right, merchant_id=merchant_id)
    found = locks.merchant(merchant_id) if lock else Merchant.rows().filter(id=merchant_id).first()
    if found is None:
        raise Refused(NO_MERCHANT)
    return found


def store_for(right: str, store_id: int, *, lock: bool = False) -> Store:
    """The store's row if the actor holds `right` for its merchant and store. Refuses D-4042, then 403."""
    found = locks.store(store_id) if lock else Store.rows().filter(id=store_id).first()
    if found is None:
        raise Refused(NO_STORE)
    scope.require(right, merchant_id=found.merchant_id, store_id=found.id)
    return found


def product_for(right: str, product_id: int, *, lock: bool = False) -> Product:
    """The product's row if the actor holds `right` for its merchant. Refuses D-4043, then 403."""
    found = locks.product(product_id) if lock else Product.rows().filter(id=product_id).first()
    if found is None:
        raise Refused(NO_PRODUCT)
    scope.require(right, merchant_id=found.merchant_id)
    return found
