from datetime import datetime
from typing import Any

import pytest

from shangquan.district import door, rules
from shangquan.district.contracts import BAD_BARCODE, BARCODE_TAKEN, MerchantDraft, ProductDraft
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction


@pytest.fixture
def merchant_id(district_id: int, now: datetime) -> int:
    with transaction():
        return door.apply_merchant(MerchantDraft(name="栖梧里自营"), now=now, own=True)


def save(merchant_id: int, now: datetime, **fields: Any) -> int:
    with transaction():
        return door.save_product(merchant_id, ProductDraft(**({"name": "矿泉水", "price_fen": 200} | fields)), now=now)


# 4006381333931 is the example of the GS1 standard's readers; the others are of our own goods.
@pytest.mark.parametrize("text", ["4006381333931", "6901234567892", "6901234567120"])
def test_a_right_check_digit_passes_and_every_other_digit_fails(text: str) -> None:
    assert rules.is_ean13(text) is (rules.ean13_check_digit(text[:12]) == int(text[12]))
    right = text[:12] + str(rules.ean13_check_digit(text[:12]))
    assert rules.is_ean13(right)
    assert not any(rules.is_ean13(right[:12] + digit) for digit in "0123456789" if digit != right[12])


def test_a_known_bar_code_is_right() -> None:
    assert rules.is_ean13("4006381333931")
    assert not rules.is_ean13("400638133393") and not rules.is_ean13("４006381333931") and not rules.is_ean13("")


def test_a_wrong_check_digit_is_refused(merchant_id: int, now: datetime) -> None:
    with pytest.raises(Refused) as caught:
        save(merchant_id, now, barcode="4006381333932")
    assert caught.value.reason is BAD_BARCODE and door.products(merchant_id) == []


def test_a_bar_code_is_one_product_of_a_merchant_and_may_be_another_merchants_too(
    merchant_id: int, now: datetime
) -> None:
    first = save(merchant_id, now, barcode="4006381333931")
    with pytest.raises(Refused) as caught:
        save(merchant_id, now, barcode="4006381333931", name="另一个")
    assert caught.value.reason is BARCODE_TAKEN
    with transaction():
        other = door.apply_merchant(MerchantDraft(name="便利店"), now=now, own=True)
    second = save(other, now, barcode="4006381333931", price_fen=250)
    here, there = door.find_product("4006381333931", merchant_id), door.find_product("4006381333931", other)
    assert here and there and (here.id, there.id) == (first, second)
    assert door.find_product("4006381333931") is None  # two sell it: no guess
    assert door.find_product("") is None


def test_goods_without_a_bar_code_are_many(merchant_id: int, now: datetime) -> None:
    save(merchant_id, now, name="手冲咖啡")
    save(merchant_id, now, name="拿铁")
    assert {product.name for product in door.products(merchant_id)} == {"手冲咖啡", "拿铁"}


def test_a_product_out_of_sale_is_not_found(merchant_id: int, now: datetime) -> None:
    product_id = save(merchant_id, now, barcode="4006381333931")
    with transaction():
        draft = ProductDraft(name="矿泉水", price_fen=200, barcode="4006381333931", is_active=False)
        assert door.save_product(merchant_id, draft, product_id=product_id, now=now) == product_id
    assert door.find_product("4006381333931", merchant_id) is None
    assert door.products(merchant_id) == [] and len(door.products(merchant_id, for_sale_only=False)) == 1


@pytest.mark.parametrize("fields", [{"price_fen": -1}, {"name": " "}, {"points_multiplier_bp": 1_000_001}])
def test_bad_values_are_refused(merchant_id: int, now: datetime, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        save(merchant_id, now, **fields)
    assert caught.value.reason.code == "K-4001" and door.products(merchant_id) == []


def test_many_products_load_at_once_or_not_at_all(merchant_id: int, now: datetime) -> None:
    drafts = [ProductDraft(name=f"商品{n}", price_fen=100) for n in range(50)]
    twice = [*drafts, *[ProductDraft(name="同码", price_fen=1, barcode="4006381333931")] * 2]
    with pytest.raises(Refused), transaction():
        door.load_products(merchant_id, twice, now=now)
    assert door.products(merchant_id) == []
    with transaction():
        door.load_products(merchant_id, drafts, now=now)
    assert len(door.products(merchant_id)) == 50
