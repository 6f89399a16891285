"""Whatever a scanner reads gets a safe answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shangquan.codes import door, registry
from shangquan.codes.contracts import UNKNOWN, Resolved
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members

pytestmark = pytest.mark.usefixtures("district_id")


@pytest.fixture
def coupons() -> Iterator[None]:
    kept = dict(registry.resolvers)
    registry.resolvers.clear()
    door.register_resolver(
        "coupons",
        lambda text, now: Resolved("coupon", "piece", 4, ("redeem",), "active") if text == "CPN4" else None,
    )
    yield
    registry.resolvers.clear()
    registry.resolvers.update(kept)


def test_pay_codes_are_told_by_their_first_digits(now: datetime) -> None:
    for text, channel in (
        ("134567890123456789", "wechat"),
        ("2844169073521688", "alipay"),
        ("30" + "1" * 22, "alipay"),
    ):
        found = door.resolve(text, now=now)
        assert (found.kind, found.data, found.actions) == ("pay_code", {"channel": channel}, ("charge",))
    for text in ("164567890123456789", "2" * 15, "31" + "1" * 16, "13456789012345678"):
        assert door.resolve(text, now=now).kind != "pay_code"


def test_a_member_code_is_read_without_being_used_up(now: datetime) -> None:
    with transaction():
        card = members.open_card(openid="oLin-000001", channel="pos", now=now)
    digits = door.member_code(card.id, now=now).digits
    for _ in range(2):
        found = door.resolve(digits, now=now)
        assert (found.kind, found.subject_id, found.state) == (
            "member_code",
            card.id,
            "active",
        ) and "pay" in found.actions
    with transaction():
        door.verify_member_code(digits, now=now, by="till")
    assert (door.resolve(digits, now=now).state, door.resolve(digits, now=now).actions) == ("used", ())
    expired = door.resolve(digits, now=now + timedelta(minutes=9))
    assert (expired.state, expired.actions) == ("expired", ())


def test_a_card_number_identifies_but_never_pays(now: datetime) -> None:
    with transaction():
        card = members.open_card(openid="oLin-000001", channel="pos", name="林小雨", now=now)
    found = door.resolve(card.card_no_grouped, now=now)
    assert (found.kind, found.subject_id, found.title) == ("card", card.id, "林**") and "pay" not in found.actions


def test_a_bar_code_is_the_product_of_the_shop(now: datetime) -> None:
    with transaction():
        shops = [district.apply_merchant(MerchantDraft(name=name), now=now, own=True) for name in ("甲", "乙")]
        goods = [
            district.save_product(shop, ProductDraft(name="水", price_fen=200 + shop, barcode="4006381333931"), now=now)
            for shop in shops
        ]
    found = [door.resolve("4006381333931", now=now, merchant_id=shop) for shop in shops]
    assert [each.subject_id for each in found] == goods and found[0].data["price_fen"] == 200 + shops[0]
    assert door.resolve("4006381333931", now=now).state == "unknown"
    assert door.resolve("4006381333932", now=now) == UNKNOWN


def test_rooms_above_recognise_their_own_texts(now: datetime, coupons: None) -> None:
    assert door.resolve("CPN4", now=now).actions == ("redeem",)
    assert door.resolve("CPN5", now=now) == UNKNOWN


def test_two_resolvers_may_not_share_a_name(coupons: None) -> None:
    with pytest.raises(ValueError, match="coupons"):
        door.register_resolver("coupons", lambda text, now: None)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\x00", "a" * 5000, "https://evil.example/c/../admin", "javascript:alert(1)", "' or 1=1 --",
        "88", "٨٨١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", "{{7*7}}", "line\nbreak", "V" + "A" * 19, "😀" * 100,
    ],
)  # fmt: skip
def test_anything_else_is_unknown_and_offers_nothing(now: datetime, text: str) -> None:
    found = door.resolve(text, now=now)
    assert found.kind == "unknown" and found.actions == () and found.subject_id is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.from_regex(r"[0-9]{10,24}", fullmatch=True))
def test_no_text_breaks_the_resolver(now: datetime, text: str) -> None:
    found = door.resolve(text, now=now)
    assert found.actions == () or found.kind == "pay_code"
