"""Reads of pieces."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from shangquan.coupons.contracts import NO_PIECE, CouponPiece, CouponState, PieceCard
from shangquan.coupons.models import Piece
from shangquan.coupons.queries.stored import piece_card, piece_cards
from shangquan.kernel.errors import Refused

TABS = ("usable", "used", "expired", "given")


def by_code(code: str) -> PieceCard:
    """Refuses C-4042 for a code of nobody."""
    row = Piece.rows().filter(code=tidy(code)).select_related("campaign").first()
    if row is None:
        raise Refused(NO_PIECE)
    return piece_card(row)


def tidy(code: str) -> str:
    """As people type it: with spaces, dashes and small letters."""
    return code.replace(" ", "").replace("-", "").upper()[:16]


def by_id(piece_id: int) -> PieceCard:
    row = Piece.rows().filter(id=piece_id).select_related("campaign").first()
    if row is None:
        raise Refused(NO_PIECE)
    return piece_card(row)


def by_ids(piece_ids: Sequence[int]) -> list[PieceCard]:
    """In the order asked for; unknown ids are left out."""
    rows = {row.id: row for row in Piece.rows().filter(id__in=piece_ids).select_related("campaign")}
    return piece_cards([rows[piece_id] for piece_id in piece_ids if piece_id in rows])


def usable_for(member_id: int, now: datetime, *, recent_days: int = 7, limit: int = 200) -> list[CouponPiece]:
    """The member's pieces that a bill may use or must explain: all that are not over, in the order of their expiry.

    Pieces that a paused campaign blocks are left out. One query.
    """
    rows = (
        Piece.rows()
        .filter(
            member_id=member_id, valid_to__gt=now, state__in=[CouponState.UNUSED, CouponState.HELD, CouponState.GIVING]
        )
        .exclude(campaign__state="paused", campaign__block_redeem_when_paused=True)
        .select_related("campaign")
        .order_by("valid_to", "id")[:limit]
    )
    return [card.piece for card in piece_cards(list(rows))]


def tab(name: str, now: datetime) -> Q:
    """The pieces of a tab of "my coupons" (F16): each piece is in exactly one, a withdrawn one in none."""
    alive = Q(state__in=[CouponState.UNUSED, CouponState.HELD])
    return {
        "usable": alive & Q(valid_to__gt=now),
        "used": Q(state=CouponState.USED),
        "expired": alive & Q(valid_to__lte=now),
        "given": Q(state__in=[CouponState.GIVING, CouponState.GIVEN]),
    }[name]


def of_member(
    member_id: int, name: str, now: datetime, *, before: int | None = None, limit: int = 50
) -> list[PieceCard]:
    """One tab, newest first, by key: `before` is the last id of the page above."""
    rows: QuerySet[Piece] = Piece.rows().filter(tab(name, now), member_id=member_id).select_related("campaign")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return piece_cards(list(rows.order_by("-id")[:limit]))


def count_tabs(member_id: int, now: datetime) -> dict[str, int]:
    from django.db.models import Count

    return dict(
        Piece.rows()
        .filter(member_id=member_id)
        .aggregate(**{name: Count("id", filter=tab(name, now)) for name in TABS})
    )
