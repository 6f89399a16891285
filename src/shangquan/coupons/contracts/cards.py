"""What pages show: tickets, shelves, gifts, rules and figures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shangquan.coupons.contracts.requests import CampaignState
from shangquan.coupons.contracts.terms import CouponKind, WhyNot


class TicketAction(StrEnum):
    """The one button of a ticket."""

    CLAIM = "claim"  # 领取
    CLAIM_MORE = "claim_more"  # 再领一张
    USE = "use"  # 去使用
    REMIND = "remind"  # 提醒我: claiming has not started
    RECALL = "recall"  # 收回: being given
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TicketCard:
    """A coupon's face, the same on shelf, card, till and console (docs/design.md, Ticket).

    `status` is one of claim, claimed, use, starts_at, few_left, not_for_you, sold_out, day_full, over, paused, held,
    too_early, used, expired, giving, given, void. `left_bp` is the rest of the stock in basis points, None without a
    stock. Without a piece, `piece_id` is None and `code` is empty.
    """

    campaign_id: int
    piece_id: int | None
    code: str
    kind: CouponKind
    stub_zh: str
    stub_en: str
    threshold_zh: str
    threshold_en: str
    title_zh: str
    title_en: str
    place_zh: str
    place_en: str
    period_zh: str
    period_en: str
    status: str
    status_zh: str
    status_en: str
    action: TicketAction
    why_not: WhyNot | None = None
    left: int | None = None
    left_bp: int | None = None
    starts_at: datetime | None = None
    mine: int = 0
    per_member: int | None = None
    merchant_id: int | None = None
    is_giftable: bool = False
    save_fen: int = 0


@dataclass(frozen=True, slots=True)
class ShelfCard:
    id: int
    title: str
    title_en: str
    about: str
    deadline: datetime
    shown_from: datetime | None
    shown_to: datetime | None
    state: str
    accepted: int
    pending: int


@dataclass(frozen=True, slots=True)
class EntryCard:
    id: int
    shelf_id: int
    campaign_id: int
    campaign_title: str
    merchant_id: int | None
    state: str
    position: int
    note: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class GiftCard:
    """`token` is known only in the answer that made the gift."""

    id: int
    piece_id: int
    giver_id: int
    receiver_id: int | None
    new_piece_id: int | None
    words: str
    state: str
    expires_at: datetime
    token: str = ""


@dataclass(frozen=True, slots=True)
class RuleCard:
    id: int
    title: str
    merchants: tuple[int, ...]
    minimum_fen: int
    campaign_id: int
    campaign_title: str
    campaign_state: CampaignState
    priority: int
    is_active: bool


def _rate_bp(part: int, whole: int) -> int | None:
    return None if whole == 0 else (part * 10_000 + whole // 2) // whole


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """Figures of one channel, scene code, store or day. For a store, `claimed` is 0: pieces are claimed nowhere."""

    key: str
    claimed: int
    redeemed: int
    amount_fen: int

    @property
    def redeemed_bp(self) -> int | None:
        return _rate_bp(self.redeemed, self.claimed)


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """`claimed` counts claims (a gift is not another one), `redeemed` those whose piece, given or not, was used.

    A partly used piece counts as redeemed from its first use. `amount_fen` is what was taken off, less give-backs.
    """

    campaign_id: int
    title: str
    total: int | None
    claimed: int
    redeemed: int
    expired: int
    given: int
    void: int
    amount_fen: int
    basket_fen: int
    by_source: tuple[SliceFigures, ...] = ()
    by_code: tuple[SliceFigures, ...] = ()
    by_store: tuple[SliceFigures, ...] = ()

    @property
    def redeemed_bp(self) -> int | None:
        """Redeemed of claimed in basis points, half up: 71 of 100 is 7100, shown as 71.0 %."""
        return _rate_bp(self.redeemed, self.claimed)


@dataclass(frozen=True, slots=True)
class Funnel:
    """From the phone to the shop (F19): claimed, shown in the shop, redeemed, and what those baskets were worth."""

    claimed: int
    shown: int
    redeemed: int
    basket_fen: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Coupons issued by payments at one merchant and used at another, with each payer's part of the cost."""

    from_merchant_id: int
    to_merchant_id: int
    redeemed: int
    amount_fen: int
    basket_fen: int
    borne: tuple[tuple[str, int], ...]
