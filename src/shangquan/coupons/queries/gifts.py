"""Reads of gifts."""

import hashlib

from shangquan.coupons.contracts import NO_GIFT, GiftCard
from shangquan.coupons.models import Gift
from shangquan.kernel.errors import Refused


def gift_card(row: Gift, token: str = "") -> GiftCard:
    return GiftCard(
        id=row.id,
        piece_id=row.piece_id,
        giver_id=row.giver_id,
        receiver_id=row.receiver_id,
        new_piece_id=row.new_piece_id,
        words=row.words,
        state=row.state,
        expires_at=row.expires_at,
        token=token,
    )


def by_token(token: str) -> GiftCard:
    """What the opened link shows. Refuses C-4044."""
    row = Gift.rows().filter(token_hash=hashlib.sha256(token.encode()).hexdigest()).first()
    if row is None:
        raise Refused(NO_GIFT)
    return gift_card(row)


def of_giver(member_id: int, *, before: int | None = None, limit: int = 50) -> list[GiftCard]:
    """Newest first; `before` is the last id of the page above."""
    rows = Gift.rows().filter(giver_id=member_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [gift_card(row) for row in rows.order_by("-id")[:limit]]
