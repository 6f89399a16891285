"""What leaves the coupons room: what a coupon does and when, one member's piece of it, and why it may not be used.

Money is integer fen, rates are basis points, times are aware datetimes. No Django here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shangquan.points.contracts import OWNER, REDEEMER, Line, PayerShare, check_payers

__all__ = ["OWNER", "REDEEMER", "Basket", "CouponKind", "CouponPiece", "CouponState", "CouponTerms", "Hours", "Line"]
__all__ += ["PayerShare", "Scope", "Stacking", "Validity", "WhyNot"]


class CouponKind(StrEnum):
    CASH = "cash"  # 代金券 / 满减: an amount off
    DISCOUNT = "discount"  # 折扣券: a percentage off, optionally capped
    GROUP_BUY = "group_buy"  # 团购券: named items, bought before
    EXCHANGE = "exchange"  # 兑换券: one piece free or at a fixed price
    ECASH = "ecash"  # 电子现金券: counts as money
    PARKING = "parking"  # 停车券: minutes, at the gate only


class CouponState(StrEnum):
    UNUSED = "unused"
    HELD = "held"  # set aside for a bill that is being paid
    USED = "used"
    GIVING = "giving"  # offered to somebody who has not accepted yet
    GIVEN = "given"  # given to somebody else, who holds another piece
    VOID = "void"  # withdrawn


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and on what a coupon works. An empty "in" means all; "out" always wins.

    Place: the merchant AND the store must be in. Goods: the product OR the category must be in.
    """

    merchants_in: frozenset[int] = frozenset()
    merchants_out: frozenset[int] = frozenset()
    stores_in: frozenset[int] = frozenset()
    stores_out: frozenset[int] = frozenset()
    products_in: frozenset[int] = frozenset()
    products_out: frozenset[int] = frozenset()
    categories_in: frozenset[int] = frozenset()
    categories_out: frozenset[int] = frozenset()

    def has_merchant(self, line: Line) -> bool:
        return line.merchant_id not in self.merchants_out and (
            not self.merchants_in or line.merchant_id in self.merchants_in
        )

    def has_place(self, line: Line) -> bool:
        in_store = not self.stores_in or line.store_id in self.stores_in
        return self.has_merchant(line) and in_store and line.store_id not in self.stores_out

    def has_goods(self, line: Line) -> bool:
        if line.product_id in self.products_out or line.category_id in self.categories_out:
            return False
        if not self.products_in and not self.categories_in:
            return True
        return line.product_id in self.products_in or line.category_id in self.categories_in


@dataclass(frozen=True, slots=True)
class Hours:
    """Local wall-clock minutes of the day, `start` included, `end` not. 22:00–02:00 runs over midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stacking:
    """What may be used together on one bill.

    At most one campaign of a `group`. `stacks_with` names the groups it bears beside it, None means any; both sides
    must agree. `exclusive` stands alone. `per_bill` pieces of one campaign may be used on one bill; the n-th piece
    needs n times the minimum spend. Ecash, which is money, takes no part in this.
    """

    group: str = "default"
    stacks_with: frozenset[str] | None = None
    exclusive: bool = False
    with_tier: bool = True
    with_points: bool = True
    per_bill: int = 1


@dataclass(frozen=True, slots=True)
class Validity:
    """When pieces of a campaign are valid: fixed dates, or days counted from the claim, or both (the earlier end wins).

    `begins_after_days` 0 starts at once; 1 starts at the next local midnight. `days` 7 ends with the seventh local day.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    begins_after_days: int = 0
    days: int | None = None


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a coupon does (by its kind) and when.

    cash: `amount_fen` off. discount: the member pays `payable_bp` (9000 = 9 折), saving at most `cap_fen`.
    exchange: one piece of an eligible product for `fixed_price_fen`. group_buy: `items` (product id, pieces).
    ecash: `amount_fen` of money, used in parts only if `is_divisible`. parking: `minutes`.
    `sold_fen` is what the member paid for a piece (0 = free). `issuer_id` is a merchant, None the owner.
    """

    campaign_id: int
    kind: CouponKind
    title_zh: str
    title_en: str
    min_spend_fen: int = 0
    amount_fen: int = 0
    payable_bp: int = 10_000
    cap_fen: int | None = None
    fixed_price_fen: int = 0
    items: tuple[tuple[int, int], ...] = ()
    is_divisible: bool = True
    minutes: int = 0
    scope: Scope = Scope()
    weekdays: frozenset[int] = frozenset()
    hours: tuple[Hours, ...] = ()
    stacking: Stacking = Stacking()
    payers: tuple[PayerShare, ...] = (PayerShare(OWNER, 10_000),)
    issuer_id: int | None = None
    sold_fen: int = 0

    def __post_init__(self) -> None:
        check_payers(self.payers)
        if not 0 <= self.payable_bp <= 10_000:
            raise ValueError("payable_bp lies between 0 and 10000")
        if min(self.amount_fen, self.min_spend_fen, self.fixed_price_fen, self.cap_fen or 0) < 0:
            raise ValueError("amounts are not negative")


@dataclass(frozen=True, slots=True)
class CouponPiece:
    """One member's piece. `rest_fen` is what an ecash piece still holds, `items_left` what a group voucher still holds.

    Valid from `valid_from` (included) to `valid_to` (excluded). `held_for` is the bill for which it is set aside.
    """

    piece_id: int
    code: str
    state: CouponState
    terms: CouponTerms
    valid_from: datetime
    valid_to: datetime
    rest_fen: int = 0
    items_left: tuple[tuple[int, int], ...] = ()
    held_for: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """What is about to be paid. `bill_id` is known once a bill is opened: its own held coupons stay usable for it."""

    lines: tuple[Line, ...]
    bill_id: int | None = None

    def __post_init__(self) -> None:
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("line ids must differ")

    @property
    def list_fen(self) -> int:
        return sum(line.list_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a coupon is not used: a stable code, one sentence in Chinese and English, the data that explains it."""

    code: str
    zh: str
    en: str
    data: Mapping[str, int | str] = field(default_factory=dict)
