"""The only select_for_update of this room: the weaker lock that still lets others point at the row."""

from shangquan.district.models import Merchant, Product, Store


def merchant(merchant_id: int) -> Merchant | None:
    return Merchant.rows().select_for_update(no_key=True).filter(id=merchant_id).first()


def store(store_id: int) -> Store | None:
    return Store.rows().select_for_update(no_key=True).filter(id=store_id).first()


def product(product_id: int) -> Product | None:
    return Product.rows().select_for_update(no_key=True).filter(id=product_id).first()
