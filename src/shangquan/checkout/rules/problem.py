"""The question in numbers: lines and usable coupons as arrays, so that thousands of combinations are priced quickly."""

from dataclasses import dataclass
from datetime import datetime

from shangquan.checkout.contracts import Choice, Line, Offers, PointsOffer, TierDiscount
from shangquan.coupons import rules as coupon_rules
from shangquan.coupons.contracts import CouponKind, CouponPiece

_RANK = {
    CouponKind.GROUP_BUY: 0,
    CouponKind.EXCHANGE: 1,
    CouponKind.DISCOUNT: 2,
    CouponKind.CASH: 3,
    CouponKind.ECASH: 4,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One usable piece. `ceiling`: the most it can ever take off; `targets`: lines an exchange coupon may go to."""

    piece: CouponPiece
    kind: CouponKind
    eligible: tuple[int, ...]
    spend: tuple[int, ...]
    ceiling: int
    targets: tuple[int, ...] = (-1,)

    @property
    def order(self) -> tuple[int, datetime, int]:
        """The place in the order of application: kind, then expiring first, then lower id."""
        return _RANK[self.kind], self.piece.valid_to, self.piece.piece_id


@dataclass(frozen=True, slots=True)
class Pick:
    """A candidate in a combination, with the line an exchange coupon goes to (-1 for other kinds)."""

    candidate: Candidate
    target: int = -1


@dataclass(frozen=True, slots=True)
class Problem:
    lines: tuple[Line, ...]
    unit: tuple[int, ...]
    quantity: tuple[int, ...]
    total: int
    candidates: tuple[Candidate, ...]
    ecash: tuple[Candidate, ...]
    tier: TierDiscount | None
    tier_lines: tuple[int, ...]
    points: PointsOffer | None
    points_lines: tuple[int, ...]


def pose(lines: tuple[Line, ...], pieces: tuple[CouponPiece, ...], offers: Offers, choice: Choice) -> Problem:
    """Arrange usable `pieces`; those that could never take anything off are left out."""
    found = [_candidate(piece, lines) for piece in pieces]
    candidates = sorted((c for c in found if c.ceiling > 0), key=lambda c: (-c.ceiling, c.order))
    points = _wanted(offers.points, choice)
    return Problem(
        lines=lines,
        unit=tuple(line.unit_fen for line in lines),
        quantity=tuple(line.quantity for line in lines),
        total=sum(line.list_fen for line in lines),
        candidates=tuple(c for c in candidates if c.kind is not CouponKind.ECASH),
        ecash=tuple(sorted((c for c in candidates if c.kind is CouponKind.ECASH), key=lambda c: c.order)),
        tier=offers.tier,
        tier_lines=tuple(i for i, line in enumerate(lines) if offers.tier is not None and offers.tier.covers(line)),
        points=points,
        points_lines=tuple(i for i, line in enumerate(lines) if points is not None and points.covers(line)),
    )


def _wanted(offer: PointsOffer | None, choice: Choice) -> PointsOffer | None:
    if offer is None or not choice.use_points:
        return None
    wanted = offer.balance if choice.points_wanted is None else min(offer.balance, choice.points_wanted)
    return PointsOffer(
        balance=max(wanted, 0),
        points_per_yuan=offer.points_per_yuan,
        step=offer.step,
        minimum=offer.minimum,
        max_share_bp=offer.max_share_bp,
        merchant_ids=offer.merchant_ids,
        payers=offer.payers,
    )


def _candidate(piece: CouponPiece, lines: tuple[Line, ...]) -> Candidate:
    terms = piece.terms
    can, count = (
        {line.line_id for line in coupon_rules.eligible_lines(piece, lines)},
        {line.line_id for line in coupon_rules.spend_lines(terms, lines)},
    )
    eligible = tuple(i for i, line in enumerate(lines) if line.line_id in can)
    spend = tuple(i for i, line in enumerate(lines) if line.line_id in count)
    base = sum(lines[i].list_fen for i in eligible)
    targets: tuple[int, ...] = (-1,)
    if terms.kind is CouponKind.EXCHANGE:
        targets = tuple(i for i in eligible if lines[i].unit_fen > terms.fixed_price_fen)
        ceiling = max((lines[i].unit_fen - terms.fixed_price_fen for i in targets), default=0)
    elif terms.kind is CouponKind.GROUP_BUY:
        ceiling = base
    elif terms.kind is CouponKind.ECASH:
        ceiling = min(piece.rest_fen, base)
    else:
        ceiling = coupon_rules.discount_for(terms, base)
    return Candidate(piece, terms.kind, eligible, spend, ceiling, targets)
