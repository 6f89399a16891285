"""Giving a piece to a friend: a link, one taker, a new code (F12)."""

import hashlib
from datetime import datetime, timedelta

from shangquan.coupons import locks
from shangquan.coupons.actions.refuse import check_free
from shangquan.coupons.contracts import (
    GIFT_GONE,
    NO_GIFT,
    NO_PIECE,
    NOT_GIFTABLE,
    OWN_GIFT,
    CouponGiven,
    CouponState,
    GiftCard,
    PieceCard,
    Source,
)
from shangquan.coupons.models import Gift, Piece
from shangquan.coupons.queries.gifts import gift_card
from shangquan.coupons.queries.stored import piece_card
from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required

_OPEN_FOR = timedelta(hours=24)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@required
def give(piece_id: int, *, giver_id: int, now: datetime, words: str = "") -> GiftCard:
    """Offer a piece to whoever opens the link first, for 24 hours; the token is in this answer only.

    From now on the piece's code is dead until it is recalled. Offering it again makes a new link and kills the old one.
    Refuses C-4042 (not yours), C-4036 (this coupon cannot be given), and whatever stops a piece from being used.
    """
    row = _own(piece_id, giver_id)
    if not row.campaign.is_giftable or row.used_amount_fen or row.uses.exists():
        raise Refused(NOT_GIFTABLE)
    if row.state == CouponState.GIVING:
        _close_open(row, Gift.State.RECALLED, now)
        row.state = CouponState.UNUSED
    check_free(row, max(now, row.valid_from))  # a piece that is not valid yet may be given already
    row.state = CouponState.GIVING
    row.save(update_fields=["state"])
    token = ids.token()
    gift = Gift.objects.create(
        token_hash=hashed(token), piece=row, giver_id=giver_id, words=words[:60], made_at=now,
        expires_at=min(now + _OPEN_FOR, row.valid_to),
    )  # fmt: skip
    return gift_card(gift, token)


@required
def recall(piece_id: int, *, giver_id: int, now: datetime) -> PieceCard:
    """Take an offer back before it is accepted; the piece is usable again at once. Repeating it changes nothing.

    Refuses C-4103 when somebody has accepted it.
    """
    row = _own(piece_id, giver_id)
    if row.state == CouponState.GIVEN:
        raise Refused(GIFT_GONE)
    if row.state == CouponState.GIVING:
        _close_open(row, Gift.State.RECALLED, now)
        row.state = CouponState.UNUSED
        row.save(update_fields=["state"])
    return piece_card(row)


@required
def accept(token: str, *, receiver_id: int, now: datetime) -> PieceCard:
    """The receiver gets a piece with a new code and the rest of the old dates; the old code is dead for good.

    Repeated by the same receiver it answers the same piece. Refuses C-4044 unknown link, C-4226 one's own gift,
    C-4103 when it was taken, recalled or has expired.
    """
    known = Gift.rows().filter(token_hash=hashed(token)).first()
    if known is None:
        raise Refused(NO_GIFT)
    old = locks.pieces([known.piece_id])[known.piece_id]  # the piece first, then its gift: as give and recall do
    gift = locks.gift(known.token_hash)
    assert gift is not None, "gifts are never deleted"
    if gift.state == Gift.State.ACCEPTED and gift.receiver_id == receiver_id and gift.new_piece_id:
        return piece_card(Piece.rows().select_related("campaign").get(id=gift.new_piece_id))
    if gift.state != Gift.State.OPEN or now >= gift.expires_at:
        raise Refused(GIFT_GONE)
    if receiver_id == gift.giver_id:
        raise Refused(OWN_GIFT)
    new = _hand_over(old, receiver_id, now)
    gift.state, gift.receiver_id, gift.new_piece, gift.ended_at = Gift.State.ACCEPTED, receiver_id, new, now
    gift.save()
    publish(CouponGiven(piece_id=old.id, new_piece_id=new.id, giver_id=gift.giver_id, receiver_id=receiver_id))
    return piece_card(new)


@required
def expire_gifts(*, now: datetime, limit: int = 500) -> int:
    """Offers nobody took go back to their givers; answers how many."""
    due = [gift.piece_id for gift in Gift.rows().filter(state=Gift.State.OPEN, expires_at__lte=now)[:limit]]
    rows = locks.pieces(due)
    expired = locks.gifts_due(now, due)
    for gift in expired:
        row = rows[gift.piece_id]
        row.state = CouponState.UNUSED
        row.save(update_fields=["state"])
        gift.state, gift.ended_at = Gift.State.EXPIRED, now
        gift.save(update_fields=["state", "ended_at"])
    return len(expired)


def _own(piece_id: int, member_id: int) -> Piece:
    row = locks.pieces([piece_id])[piece_id]
    if row.member_id != member_id:
        raise Refused(NO_PIECE)
    return row


def _close_open(row: Piece, state: Gift.State, now: datetime) -> None:
    Gift.rows().filter(piece=row, state=Gift.State.OPEN).update(state=state, ended_at=now)


def _hand_over(old: Piece, receiver_id: int, now: datetime) -> Piece:
    new: Piece = Piece.objects.create(
        code=ids.code(), campaign=old.campaign, member_id=receiver_id, source=Source.GIFT, first_source=old.first_source,
        source_code_id=old.source_code_id, issued_merchant_id=old.issued_merchant_id,
        issued_bill_id=old.issued_bill_id, origin=old, claimed_at=now, valid_from=old.valid_from, valid_to=old.valid_to,
        rest_fen=old.rest_fen, items_left=old.items_left,
    )  # fmt: skip
    old.state = CouponState.GIVEN
    old.save(update_fields=["state"])
    return new
