"""What is asked of the room and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shangquan.coupons.contracts.terms import CouponKind, CouponPiece, CouponState, CouponTerms, Validity
from shangquan.kernel.errors import Reason, Refused


class Source(StrEnum):
    """By which way a piece came to its member (F18)."""

    FOLLOW = "follow"
    SHELF = "shelf"
    STREET_VIEW = "street_view"
    WIFI = "wifi"
    SHAKE = "shake"
    RECEIPT = "receipt"
    ACTIVITY = "activity"
    PAY_PAGE = "pay_page"
    SHARE = "share"
    JOURNEY = "journey"
    GIFT = "gift"


class CampaignState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """One member asks for one piece. The same (campaign, member, key) is the same request however often it comes."""

    campaign_id: int
    member_id: int
    source: Source
    key: str
    source_code_id: int | None = None
    issued_merchant_id: int | None = None
    issued_bill_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """Either a piece (`is_repeat`: it was given before under this key) or the reason why not."""

    request: ClaimRequest
    piece_id: int | None = None
    is_repeat: bool = False
    reason: Reason | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def refusal(self) -> Refused:
        assert self.reason is not None, "a granted claim has no refusal"
        return Refused(self.reason, **self.data)


@dataclass(frozen=True, slots=True)
class PieceUse:
    """How much of a held piece a paid bill used, where, out of which basket. `items` are a group voucher's pieces."""

    piece_id: int
    amount_fen: int
    store_id: int
    merchant_id: int
    items: tuple[tuple[int, int], ...] = ()
    basket_fen: int = 0


@dataclass(frozen=True, slots=True)
class Caps:
    """How many pieces there are: in all, on one local day, for one member. None means no limit."""

    total: int | None = None
    per_day: int | None = None
    per_member: int | None = 1


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may claim: members of these tiers (none named: all), who joined at most so many days ago (None: any time)."""

    tiers: frozenset[str] = frozenset()
    joined_within_days: int | None = None

    @property
    def is_everybody(self) -> bool:
        return not self.tiers and self.joined_within_days is None


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """All that makes a campaign. `terms.campaign_id` is 0 until it is saved; `sources` empty means every way."""

    terms: CouponTerms
    validity: Validity
    caps: Caps = Caps()
    claim_from: datetime | None = None
    claim_to: datetime | None = None
    audience: Audience = Audience()
    sources: frozenset[Source] = frozenset()
    is_giftable: bool = True
    block_redeem_when_paused: bool = False
    budget_fen: int | None = None
    about_zh: str = ""
    about_en: str = ""


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign as other rooms and pages see it."""

    id: int
    number: str
    state: CampaignState
    issuer_merchant_id: int | None
    kind: CouponKind
    terms: CouponTerms
    validity: Validity
    caps: Caps
    claimed: int
    claim_from: datetime | None
    claim_to: datetime | None
    audience: Audience
    sources: frozenset[Source]
    is_giftable: bool
    block_redeem_when_paused: bool
    budget_fen: int | None
    about_zh: str
    about_en: str
    note: str
    created_at: datetime
    published_at: datetime | None

    @property
    def left(self) -> int | None:
        return None if self.caps.total is None else max(0, self.caps.total - self.claimed)


@dataclass(frozen=True, slots=True)
class PieceCard:
    """One member's piece with its history; `piece` is what the price engine sees of it."""

    piece: CouponPiece
    campaign_id: int
    member_id: int
    source: Source
    claimed_at: datetime
    issued_merchant_id: int | None
    used_at: datetime | None
    used_merchant_id: int | None
    used_store_id: int | None
    used_by: str
    used_amount_fen: int
    used_bill_id: int | None
    is_giftable: bool
    source_code_id: int | None = None

    @property
    def id(self) -> int:
        return self.piece.piece_id

    @property
    def code(self) -> str:
        return self.piece.code

    @property
    def state(self) -> CouponState:
        return self.piece.state

    @property
    def terms(self) -> CouponTerms:
        return self.piece.terms
