"""Says no about a piece, in the words of its own reason: used (by whom, where, when), held, given, void, expired."""

from datetime import datetime

from shangquan.coupons.contracts import (
    ALREADY_USED,
    EXPIRED,
    GIVEN_AWAY,
    HELD_ELSEWHERE,
    NOT_FOR_THIS,
    NOT_NOW,
    NOTHING_LEFT,
    PAUSED,
    TOO_EARLY,
    VOIDED,
    WRONG_MERCHANT,
    WRONG_STORE,
    CouponState,
    WhyNot,
)
from shangquan.coupons.models import Piece
from shangquan.district import door as district
from shangquan.kernel.errors import Reason, Refused
from shangquan.tenancy import door as tenancy

_BY_WHY: dict[str, Reason] = {
    "held": HELD_ELSEWHERE,
    "giving": GIVEN_AWAY,
    "given": GIVEN_AWAY,
    "void": VOIDED,
    "too_early": TOO_EARLY,
    "hour": NOT_NOW,
    "weekday": NOT_NOW,
    "gate_only": NOT_FOR_THIS,
    "wrong_merchant": WRONG_MERCHANT,
    "wrong_store": WRONG_STORE,
    "nothing_left": NOTHING_LEFT,
}


def because_of(why: WhyNot, piece: Piece) -> Refused:
    """The refusal of a `WhyNot` of the rules."""
    if why.code == "used":
        return _used(piece)
    if why.code == "expired":
        return _expired(piece)
    reason = _BY_WHY.get(why.code, NOT_FOR_THIS)
    return Refused(reason, zh=why.zh, en=why.en, why=why.code, **why.data)


def check_free(piece: Piece, now: datetime) -> None:
    """Refuse unless it may be set aside: unused, in its dates, its campaign not blocked."""
    if piece.state == CouponState.USED:
        raise _used(piece)
    if piece.state == CouponState.HELD:
        raise Refused(HELD_ELSEWHERE)
    if piece.state in (CouponState.GIVING, CouponState.GIVEN):
        raise Refused(GIVEN_AWAY)
    if piece.state == CouponState.VOID:
        raise Refused(VOIDED)
    if now < piece.valid_from:
        opens = tenancy.local(piece.valid_from)
        raise Refused(TOO_EARLY, zh=f"{opens:%m-%d %H:%M} 起可用", en=f"from {opens:%m-%d %H:%M}")
    if now >= piece.valid_to:
        raise _expired(piece)
    check_not_blocked(piece)


def check_not_blocked(piece: Piece) -> None:
    """A paused campaign refuses its pieces too when it was set to."""
    if piece.campaign.state == "paused" and piece.campaign.block_redeem_when_paused:
        raise Refused(PAUSED)


def _used(piece: Piece) -> Refused:
    assert piece.used_at is not None, "coupons_used_says_when"
    return Refused(
        ALREADY_USED,
        at=f"{tenancy.local(piece.used_at):%m-%d %H:%M}",
        where=_store_name(piece.used_store_id),
        who=piece.used_by or "—",
        used_at=piece.used_at.isoformat(),
        store_id=piece.used_store_id,
        bill_id=piece.used_bill_id,
    )


def _expired(piece: Piece) -> Refused:
    return Refused(EXPIRED, at=f"{tenancy.local(piece.valid_to):%m-%d %H:%M}", valid_to=piece.valid_to.isoformat())


def _store_name(store_id: int | None) -> str:
    if store_id is None:
        return "—"
    return district.store(store_id).name
