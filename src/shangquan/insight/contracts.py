"""Figures. Amounts in fen, shares as exact pairs so that a page decides how to round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Sums:
    """`net_fen` is what was paid less what went back."""

    bills: int = 0
    member_bills: int = 0
    list_fen: int = 0
    paid_fen: int = 0
    saved_fen: int = 0
    refunds: int = 0
    refunded_fen: int = 0
    visits: int = 0
    new_members: int = 0

    @property
    def net_fen(self) -> int:
        return self.paid_fen - self.refunded_fen

    @property
    def average_bill_fen(self) -> int:
        return self.paid_fen // self.bills if self.bills else 0


@dataclass(frozen=True)
class HourPoint:
    hour: int
    bills: int
    paid_fen: int


@dataclass(frozen=True)
class DayPoint:
    day: date
    bills: int
    paid_fen: int
    refunded_fen: int


@dataclass(frozen=True)
class StoreRow:
    store_id: int
    merchant_id: int
    bills: int
    paid_fen: int
    refunded_fen: int


@dataclass(frozen=True)
class FunnelStep:
    """`of_before` is (this step, the step before), for the rate between them."""

    name_zh: str
    name_en: str
    count: int
    of_before: tuple[int, int] | None


@dataclass(frozen=True)
class Funnel:
    """`basket_fen`: the average list amount of the bills on which the coupon was used."""

    campaign_id: int
    steps: tuple[FunnelStep, ...]
    basket_fen: int


@dataclass(frozen=True)
class CampaignReturn:
    """Cost against attributed sales. `ratio_tenths` 220 reads 1 : 22.0; None while nothing was spent."""

    campaign_id: int
    cost_fen: int
    sales_fen: int
    bills: int
    since: date
    until: date
    rule_zh: str
    rule_en: str

    @property
    def ratio_tenths(self) -> int | None:
        return (self.sales_fen * 20 + self.cost_fen) // (2 * self.cost_fen) if self.cost_fen else None

    @property
    def ratio(self) -> str:
        tenths = self.ratio_tenths
        return "—" if tenths is None else f"1 : {tenths // 10}.{tenths % 10}"


@dataclass(frozen=True)
class ChannelShare:
    """`share_permille` 150 reads 15.0 %."""

    channel: str
    count: int
    share_permille: int


@dataclass(frozen=True)
class FlowRow:
    from_merchant_id: int
    to_merchant_id: int
    pieces: int
    sales_fen: int


CHANNELS: Mapping[str, tuple[str, str]] = {
    "shelf": ("货架码", "Shelf code"),
    "store": ("门店码", "Store code"),
    "till": ("收银台", "Till"),
    "menu": ("公众号菜单", "Account menu"),
    "gift": ("好友转赠", "Gift from a friend"),
    "site": ("官网", "Site"),
    "mini": ("小程序", "Mini program"),
    "wifi": ("WiFi", "WiFi"),
    "share": ("分享", "Share"),
    "search": ("搜索关注", "Found by search"),
}
