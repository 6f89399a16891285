from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

NO_MERCHANT = Reason("D-4041", "no_such_merchant", 404, "没有这家商户。", "There is no such merchant.")
NO_STORE = Reason("D-4042", "no_such_store", 404, "没有这家门店。", "There is no such store.")
NO_PRODUCT = Reason("D-4043", "no_such_product", 404, "没有这个商品。", "There is no such product.")
NO_PLACE = Reason("D-4044", "no_such_place", 404, "没有这个楼层或业态。", "There is no such floor or category.")
NAME_TAKEN = Reason(
    "D-4091", "merchant_name_taken", 409, "已经有一家叫「{name}」的商户。", "There is a merchant called {name} already."
)
ILLEGAL_STEP = Reason(
    "D-4092",
    "merchant_state",
    409,
    "商户现在是「{state}」，不能这样做。",
    "The merchant is {state} now; this step is not possible.",
)
UNIT_TAKEN = Reason(
    "D-4093",
    "unit_taken",
    409,
    "铺位 {unit} 已经登记给另一家门店。",
    "Unit {unit} is registered to another store.",
)
BARCODE_TAKEN = Reason(
    "D-4094",
    "barcode_taken",
    409,
    "条码 {barcode} 已经是另一个商品。",
    "Bar code {barcode} belongs to another product of this merchant.",
)
NOT_TRADING = Reason("D-4095", "merchant_not_trading", 409, "这家商户现在不营业。", "This merchant is not trading now.")
BAD_BARCODE = Reason(
    "D-4001",
    "bad_barcode",
    400,
    "条码 {barcode} 的校验位不对，请核对 13 位数字。",
    "Bar code {barcode} fails its check digit; compare the 13 digits.",
)
BAD_UNIT = Reason("D-4002", "bad_unit", 400, "铺位写法如 2F-207、B1-012。", "Write a unit like 2F-207 or B1-012.")


class MerchantStatus(StrEnum):
    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"


@dataclass(frozen=True)
class CategoryCard:
    id: int
    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class FloorCard:
    id: int
    code: str
    name: str
    name_en: str
    sort: int
    building_id: int
    building: str


@dataclass(frozen=True)
class MerchantCard:
    """`commission_bp`: what the owner keeps of a sale, in basis points. `is_own`: the owner's own business."""

    id: int
    name: str
    name_en: str
    category_id: int | None
    category: str
    status: MerchantStatus
    commission_bp: int
    joins_tiers: bool
    joins_points: bool
    is_own: bool
    story: str
    logo: str

    @property
    def is_active(self) -> bool:
        return self.status is MerchantStatus.ACTIVE


@dataclass(frozen=True)
class StoreCard:
    """`is_trading`: the store is open to the public and its merchant is active. `tables`: 0 for no table service."""

    id: int
    merchant_id: int
    merchant: str
    name: str
    name_en: str
    unit: str
    floor_id: int | None
    floor: str
    building: str
    open_from: time
    open_to: time
    tables: int
    phone: str
    is_trading: bool

    def is_open_at(self, local: datetime) -> bool:
        """Whether the doors are open at that moment of the district's clock; hours may run past midnight."""
        moment = local.time()
        if self.open_from <= self.open_to:
            return self.open_from <= moment < self.open_to
        return moment >= self.open_from or moment < self.open_to


@dataclass(frozen=True)
class ProductCard:
    """`points_multiplier_bp`: 10 000 earns the usual points, 20 000 twice as many."""

    id: int
    merchant_id: int
    barcode: str
    name: str
    name_en: str
    spec: str
    price_fen: int
    category: str
    picture: str
    points_multiplier_bp: int
    is_active: bool


@dataclass(frozen=True)
class StoreDraft:
    """What a merchant says of a store. `floor` is the floor's code; the unit is unique in the district."""

    name: str
    unit: str
    floor: str = ""
    name_en: str = ""
    open_from: time = time(10)
    open_to: time = time(22)
    tables: int = 0
    phone: str = ""


@dataclass(frozen=True)
class MerchantDraft:
    """What an applicant says. `category` is the category's code."""

    name: str
    name_en: str = ""
    category: str = ""
    story: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    logo: str = ""
    commission_bp: int = 0
    joins_tiers: bool = False
    joins_points: bool = True
    stores: Sequence[StoreDraft] = field(default=())


@dataclass(frozen=True)
class ProductDraft:
    """What a merchant says of a product. An empty bar code is allowed (a dish, a service)."""

    name: str
    price_fen: int
    barcode: str = ""
    name_en: str = ""
    spec: str = ""
    category: str = ""
    picture: str = ""
    points_multiplier_bp: int = 10_000
    is_active: bool = True


@dataclass(frozen=True)
class DirectoryEntry:
    """A merchant as a visitor finds it, with its trading stores."""

    merchant: MerchantCard
    stores: tuple[StoreCard, ...]


@event("merchant_applied")
@dataclass(frozen=True)
class MerchantApplied(Event):
    merchant_id: int


@event("merchant_accepted")
@dataclass(frozen=True)
class MerchantAccepted(Event):
    merchant_id: int


@event("merchant_refused")
@dataclass(frozen=True)
class MerchantRefused(Event):
    merchant_id: int


@event("merchant_suspended")
@dataclass(frozen=True)
class MerchantSuspended(Event):
    """Its goods, coupons and bookings are out of sight at once; its staff may no longer sign in."""

    merchant_id: int


@event("merchant_resumed")
@dataclass(frozen=True)
class MerchantResumed(Event):
    merchant_id: int
