"""What goes in and out. Terms, dates and audiences have the fields of their contracts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Header, Path, Query, Schema
from pydantic import TypeAdapter, field_validator

from shangquan.coupons.contracts import (
    Audience,
    CampaignCard,
    CampaignDraft,
    CampaignFigures,
    Caps,
    CouponTerms,
    EntryCard,
    FlowRow,
    Funnel,
    GiftCard,
    PieceCard,
    RuleCard,
    ShelfCard,
    SliceFigures,
    Source,
    TicketCard,
    Validity,
)

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Id = Annotated[int, Path(ge=1, lt=2**63)]
Before = Annotated[int | None, Query(description="上一页最后一行的 id")]
Limit = Annotated[int, Query(ge=1, le=200)]
Tab = Literal["usable", "used", "expired", "given"]
_TERMS = TypeAdapter(CouponTerms)
_VALIDITY = TypeAdapter(Validity)
_AUDIENCE = TypeAdapter(Audience)


class CampaignIn(Schema):
    terms: CouponTerms
    validity: Validity
    caps: Caps = Caps()
    claim_from: datetime | None = None
    claim_to: datetime | None = None
    audience: Audience = Audience()
    sources: list[Source] = Field([], max_length=20, description="能从哪里领；不写就是都能")
    is_giftable: bool = True
    block_redeem_when_paused: bool = False
    budget_fen: int | None = Field(None, ge=0, le=10**12)
    about_zh: str = Field("", max_length=2000)
    about_en: str = Field("", max_length=4000)

    @field_validator("terms", mode="before")
    @classmethod
    def not_saved_yet(cls, value: Any) -> Any:
        """Terms get their campaign's id when they are saved; whatever comes is not asked."""
        return {**value, "campaign_id": 0} if isinstance(value, dict) else value

    @field_validator("claim_from", "claim_to")
    @classmethod
    def with_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("name the zone, such as 2026-12-01T10:00:00+08:00")
        return value

    @field_validator("validity")
    @classmethod
    def dates_with_zone(cls, value: Validity) -> Validity:
        cls.with_zone(value.starts_at)
        cls.with_zone(value.ends_at)
        return value

    def draft(self) -> CampaignDraft:
        return CampaignDraft(
            terms=self.terms, validity=self.validity, caps=self.caps, claim_from=self.claim_from, claim_to=self.claim_to,
            audience=self.audience, sources=frozenset(self.sources), is_giftable=self.is_giftable,
            block_redeem_when_paused=self.block_redeem_when_paused, budget_fen=self.budget_fen,
            about_zh=self.about_zh, about_en=self.about_en,
        )  # fmt: skip


class CampaignOut(Schema):
    id: int
    number: str
    state: str
    kind: str
    title: str
    issuer_merchant_id: int | None
    terms: dict[str, Any]
    validity: dict[str, Any]
    audience: dict[str, Any]
    total: int | None
    per_day: int | None
    per_member: int | None
    claimed: int
    left: int | None
    claim_from: datetime | None
    claim_to: datetime | None
    sources: list[str]
    is_giftable: bool
    block_redeem_when_paused: bool
    budget_fen: int | None
    note: str
    created_at: datetime
    published_at: datetime | None

    @classmethod
    def of(cls, card: CampaignCard) -> "CampaignOut":
        return cls(
            id=card.id, number=card.number, state=card.state.value, kind=card.kind.value, title=card.terms.title_zh,
            issuer_merchant_id=card.issuer_merchant_id, terms=_TERMS.dump_python(card.terms, mode="json"),
            validity=_VALIDITY.dump_python(card.validity, mode="json"),
            audience=_AUDIENCE.dump_python(card.audience, mode="json"), total=card.caps.total,
            per_day=card.caps.per_day, per_member=card.caps.per_member, claimed=card.claimed, left=card.left,
            claim_from=card.claim_from, claim_to=card.claim_to, sources=sorted(source.value for source in card.sources),
            is_giftable=card.is_giftable, block_redeem_when_paused=card.block_redeem_when_paused,
            budget_fen=card.budget_fen, note=card.note, created_at=card.created_at, published_at=card.published_at,
        )  # fmt: skip


class WhyOut(Schema):
    code: str
    zh: str
    en: str
    data: dict[str, Any]


class TicketOut(Schema):
    campaign_id: int
    piece_id: int | None
    code: str
    kind: str
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
    action: str
    why_not: WhyOut | None
    left: int | None
    starts_at: datetime | None
    mine: int
    per_member: int | None
    merchant_id: int | None
    is_giftable: bool

    @classmethod
    def of(cls, card: TicketCard) -> "TicketOut":
        return cls.model_validate(card)


class ClaimIn(Schema):
    campaign_id: int = Field(ge=1, lt=2**63)
    source: Source = Source.SHELF
    source_code_id: int | None = Field(None, ge=1, lt=2**63, description="从哪个场景码来")

    @field_validator("source")
    @classmethod
    def by_the_member(cls, value: Source) -> Source:
        """A member cannot say that the house gave it: journeys, gifts and payments issue by themselves."""
        if value in (Source.JOURNEY, Source.GIFT, Source.PAY_PAGE):
            raise ValueError("not a way to claim")
        return value


class PieceOut(Schema):
    id: int
    code: str
    state: str
    campaign_id: int
    kind: str
    title: str
    source: str
    valid_from: datetime
    valid_to: datetime
    rest_fen: int
    items_left: list[tuple[int, int]]
    used_at: datetime | None
    used_store_id: int | None
    used_by: str
    used_amount_fen: int

    @classmethod
    def of(cls, card: PieceCard, *, with_code: bool = True) -> "PieceOut":
        return cls(
            id=card.id, code=card.code if with_code else "", state=card.state.value, campaign_id=card.campaign_id,
            kind=card.terms.kind.value, title=card.terms.title_zh, source=card.source.value,
            valid_from=card.piece.valid_from, valid_to=card.piece.valid_to, rest_fen=card.piece.rest_fen,
            items_left=list(card.piece.items_left), used_at=card.used_at, used_store_id=card.used_store_id,
            used_by=card.used_by, used_amount_fen=card.used_amount_fen,
        )  # fmt: skip


class GiveIn(Schema):
    words: str = Field("", max_length=60)


class AcceptIn(Schema):
    token: str = Field(min_length=20, max_length=100)


class GiftOut(Schema):
    id: int
    piece_id: int
    state: str
    words: str
    expires_at: datetime
    token: str = Field("", description="只在转赠的回答里出现")

    @classmethod
    def of(cls, card: GiftCard) -> "GiftOut":
        return cls.model_validate(card)


class CheckIn(Schema):
    code: str = Field(min_length=12, max_length=20)
    merchant_id: int = Field(ge=1, lt=2**63)
    store_id: int = Field(ge=1, lt=2**63)
    taken: list[tuple[int, int]] = Field([], max_length=50, description="团购券这次给出的 [商品, 件数]；不写就是全部")
    spend_fen: int = Field(0, ge=0, le=10**9)


class NoteIn(Schema):
    note: str = Field(min_length=1, max_length=200)


class StockIn(Schema):
    total: int = Field(ge=1, le=10**8)


class SliceOut(Schema):
    key: str
    claimed: int
    redeemed: int
    amount_fen: int
    redeemed_bp: int | None

    @classmethod
    def of(cls, card: SliceFigures) -> "SliceOut":
        return cls.model_validate(card)


class FiguresOut(Schema):
    campaign_id: int
    title: str
    total: int | None
    claimed: int
    redeemed: int
    redeemed_bp: int | None = Field(description="核销率，万分之几：7100 是 71.0%")
    expired: int
    given: int
    void: int
    amount_fen: int
    basket_fen: int
    by_source: list[SliceOut]
    by_code: list[SliceOut]
    by_store: list[SliceOut]

    @classmethod
    def of(cls, card: CampaignFigures) -> "FiguresOut":
        return cls.model_validate(card)


class FunnelOut(Schema):
    claimed: int
    shown: int
    redeemed: int
    basket_fen: int
    amount_fen: int

    @classmethod
    def of(cls, card: Funnel) -> "FunnelOut":
        return cls.model_validate(card)


class FlowOut(Schema):
    from_merchant_id: int
    to_merchant_id: int
    redeemed: int
    amount_fen: int
    basket_fen: int
    borne: dict[str, int]

    @classmethod
    def of(cls, card: FlowRow) -> "FlowOut":
        return cls(
            from_merchant_id=card.from_merchant_id, to_merchant_id=card.to_merchant_id, redeemed=card.redeemed,
            amount_fen=card.amount_fen, basket_fen=card.basket_fen, borne=dict(card.borne),
        )  # fmt: skip


class RuleIn(Schema):
    title: str = Field(min_length=1, max_length=40)
    campaign_id: int = Field(ge=1, lt=2**63)
    merchants: list[int] = Field([], max_length=500)
    minimum_fen: int = Field(0, ge=0, le=10**9)
    priority: int = Field(0, ge=-1000, le=1000)
    is_active: bool = True


class RuleOut(Schema):
    id: int
    title: str
    merchants: list[int]
    minimum_fen: int
    campaign_id: int
    campaign_title: str
    campaign_state: str
    priority: int
    is_active: bool

    @classmethod
    def of(cls, card: RuleCard) -> "RuleOut":
        return cls.model_validate(card)


class ShelfIn(Schema):
    title: str = Field(min_length=1, max_length=40)
    title_en: str = Field("", max_length=60)
    about: str = Field("", max_length=200)
    deadline: datetime
    shown_from: datetime | None = None
    shown_to: datetime | None = None

    @field_validator("deadline", "shown_from", "shown_to")
    @classmethod
    def with_zone(cls, value: datetime | None) -> datetime | None:
        return CampaignIn.with_zone(value)


class ShelfOut(Schema):
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

    @classmethod
    def of(cls, card: ShelfCard) -> "ShelfOut":
        return cls.model_validate(card)


class EnrolIn(Schema):
    campaign_id: int = Field(ge=1, lt=2**63)


class DecideIn(Schema):
    accepted: bool
    note: str = Field("", max_length=200)


class OrderIn(Schema):
    entries: list[int] = Field(max_length=500)


class EntryOut(Schema):
    id: int
    shelf_id: int
    campaign_id: int
    campaign_title: str
    merchant_id: int | None
    state: str
    position: int
    note: str
    enrolled_at: datetime

    @classmethod
    def of(cls, card: EntryCard) -> "EntryOut":
        return cls.model_validate(card)
