"""Coupons taken out in an open format: the data is the district's (A8)."""

from collections.abc import Iterator

from shangquan.coupons.models import Campaign, Piece
from shangquan.kernel import scope

_CAMPAIGN = (
    "id", "number", "title", "kind", "state", "issuer_merchant_id", "total", "claimed", "budget_fen", "created_at",
    "published_at", "ended_at",
)  # fmt: skip
_PIECE = (
    "id", "code", "campaign_id", "member_id", "state", "source", "claimed_at", "valid_from", "valid_to", "used_at",
    "used_bill_id", "used_merchant_id", "used_store_id", "used_amount_fen",
)  # fmt: skip


def export_campaigns() -> Iterator[tuple[object, ...]]:
    """A head and every campaign of the district, oldest first. Needs `data.export`."""
    scope.require("data.export")
    yield _CAMPAIGN
    yield from Campaign.rows().order_by("id").values_list(*_CAMPAIGN).iterator(chunk_size=2000)


def export_pieces() -> Iterator[tuple[object, ...]]:
    """A head and every piece that a member holds or held. Needs `data.export`."""
    scope.require("data.export")
    yield _PIECE
    yield from Piece.rows().order_by("id").values_list(*_PIECE).iterator(chunk_size=2000)
