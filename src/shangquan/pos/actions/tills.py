from collections.abc import Sequence

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.district import door as district
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.pos.contracts import NAME_TAKEN, TillCard
from shangquan.pos.models import QuickKey, Till
from shangquan.pos.queries.cards import till_card

MOST_KEYS = 24


@required
def add_till(*, store_id: int, name: str, paper: int = 32) -> TillCard:
    """Set up a till. Needs `till.setup` at the store; refuses D-4042, K-4001, T-4096 for a name that the store has."""
    store = district.store(store_id)
    scope.require("till.setup", merchant_id=store.merchant_id, store_id=store.id)
    shown = name.strip()
    if not 1 <= len(shown) <= 20 or paper not in (32, 48):
        raise Refused(BAD_INPUT, why="名称要 1 到 20 个字，纸宽为 32 或 48 列")
    row = Till(merchant_id=store.merchant_id, store_id=store.id, name=shown, paper=paper)
    try:
        with atomic():
            row.save()
    except IntegrityError:
        raise Refused(NAME_TAKEN, name=shown) from None
    audit.record(action="till.add", subject="till", subject_id=row.id, after={"store": store.id, "name": shown})
    return till_card(row)


@required
def set_quick_keys(*, store_id: int, product_ids: Sequence[int]) -> None:
    """The goods on the keys of a store's tills, in this order. Needs `till.setup`; refuses D-4043 for other goods."""
    store = district.store(store_id)
    scope.require("till.setup", merchant_id=store.merchant_id, store_id=store.id)
    wanted = list(dict.fromkeys(product_ids))[:MOST_KEYS]
    known = {card.id for card in district.products(store.merchant_id, ids=wanted)}
    for product_id in wanted:
        if product_id not in known:
            district.product(product_id)
            raise Refused(BAD_INPUT, why="只能放本店在卖的商品")
    QuickKey.rows().filter(store_id=store.id).delete()
    QuickKey.objects.bulk_create(
        QuickKey(store_id=store.id, product_id=product_id, place=place) for place, product_id in enumerate(wanted, 1)
    )
