"""Rows to contracts and back. The JSON columns hold exactly their contracts, checked in both directions."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from shangquan.coupons.contracts import (
    BAD_TERMS,
    Audience,
    CampaignCard,
    CampaignDraft,
    CampaignState,
    Caps,
    CouponKind,
    CouponPiece,
    CouponState,
    CouponTerms,
    PieceCard,
    Source,
    Validity,
)
from shangquan.coupons.models import Campaign, Piece
from shangquan.kernel.errors import Refused

_TERMS = TypeAdapter(CouponTerms)
_VALIDITY = TypeAdapter(Validity)
_AUDIENCE = TypeAdapter(Audience)
_DRAFT = TypeAdapter(CampaignDraft)


def terms_of(row: Campaign) -> CouponTerms:
    return _TERMS.validate_python({**row.terms, "campaign_id": row.id})


def validity_of(row: Campaign) -> Validity:
    return _VALIDITY.validate_python(row.validity)


def audience_of(row: Campaign) -> Audience:
    return _AUDIENCE.validate_python(row.audience)


def draft_from(values: dict[str, Any]) -> CampaignDraft:
    """A draft out of plain values, as an API or a form brings them. Refuses C-4001 and says where."""
    try:
        return _DRAFT.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"{where}: {first['msg']}".strip(": ")
        raise Refused(BAD_TERMS, why=said, why_en=said) from None


def columns_of(draft: CampaignDraft) -> dict[str, Any]:
    """The draft as the columns of a campaign."""
    terms = draft.terms
    return {
        "kind": terms.kind,
        "title": terms.title_zh,
        "issuer_merchant_id": terms.issuer_id,
        "terms": _TERMS.dump_python(terms, mode="json"),
        "merchants_in": sorted(terms.scope.merchants_in),
        "validity": _VALIDITY.dump_python(draft.validity, mode="json"),
        "last_use_at": draft.validity.ends_at,
        "total": draft.caps.total,
        "per_day": draft.caps.per_day,
        "per_member": draft.caps.per_member,
        "claim_from": draft.claim_from,
        "claim_to": draft.claim_to,
        "audience": _AUDIENCE.dump_python(draft.audience, mode="json"),
        "sources": sorted(draft.sources),
        "is_giftable": draft.is_giftable,
        "block_redeem_when_paused": draft.block_redeem_when_paused,
        "budget_fen": draft.budget_fen,
        "about_zh": draft.about_zh,
        "about_en": draft.about_en,
    }


def campaign_card(row: Campaign) -> CampaignCard:
    return CampaignCard(
        id=row.id,
        number=row.number,
        state=CampaignState(row.state),
        issuer_merchant_id=row.issuer_merchant_id,
        kind=CouponKind(row.kind),
        terms=terms_of(row),
        validity=validity_of(row),
        caps=Caps(row.total, row.per_day, row.per_member),
        claimed=row.claimed,
        claim_from=row.claim_from,
        claim_to=row.claim_to,
        audience=audience_of(row),
        sources=frozenset(Source(source) for source in row.sources),
        is_giftable=row.is_giftable,
        block_redeem_when_paused=row.block_redeem_when_paused,
        budget_fen=row.budget_fen,
        about_zh=row.about_zh,
        about_en=row.about_en,
        note=row.note,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def draft_of(card: CampaignCard) -> CampaignDraft:
    """What a campaign says, as the draft that would say it again."""
    return CampaignDraft(
        terms=card.terms, validity=card.validity, caps=card.caps, claim_from=card.claim_from, claim_to=card.claim_to,
        audience=card.audience, sources=card.sources, is_giftable=card.is_giftable, budget_fen=card.budget_fen,
        block_redeem_when_paused=card.block_redeem_when_paused, about_zh=card.about_zh, about_en=card.about_en,
    )  # fmt: skip


def piece_card(row: Piece, terms: CouponTerms | None = None) -> PieceCard:
    """`row.campaign` must be loaded; `terms` spares reading its JSON again for each of many pieces."""
    return PieceCard(
        piece=coupon_piece(row, terms or terms_of(row.campaign)),
        campaign_id=row.campaign_id,
        member_id=row.member_id,
        source=Source(row.source),
        claimed_at=row.claimed_at,
        issued_merchant_id=row.issued_merchant_id,
        used_at=row.used_at,
        used_merchant_id=row.used_merchant_id,
        used_store_id=row.used_store_id,
        used_by=row.used_by,
        used_amount_fen=row.used_amount_fen,
        used_bill_id=row.used_bill_id,
        is_giftable=row.campaign.is_giftable,
        source_code_id=row.source_code_id,
    )


def coupon_piece(row: Piece, terms: CouponTerms) -> CouponPiece:
    return CouponPiece(
        piece_id=row.id,
        code=row.code,
        state=CouponState(row.state),
        terms=terms,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        rest_fen=row.rest_fen,
        items_left=items(row.items_left),
        held_for=row.held_bill_id,
    )


def items(stored: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(product), int(pieces)) for product, pieces in stored)


def piece_cards(rows: list[Piece]) -> list[PieceCard]:
    terms = {row.campaign_id: row.campaign for row in rows}
    read = {campaign_id: terms_of(campaign) for campaign_id, campaign in terms.items()}
    return [piece_card(row, read[row.campaign_id]) for row in rows]
