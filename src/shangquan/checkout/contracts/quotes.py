"""A priced basket: every deduction by line and payer, and why the rest was not used.

Money is integer fen, points are integers. Invariants of a quote (held by tests):
`list_fen = saved_fen + prepaid_fen + payable_fen`; a deduction's amount = the sum of its shares; no line below 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from shangquan.coupons.contracts import Basket, CouponPiece, Line, WhyNot
from shangquan.points.contracts import PointsOffer, TierDiscount

__all__ = ["Basket", "Choice", "Deduction", "DeductionKind", "Limits", "Line", "Notice", "Nudge", "Offers"]
__all__ += ["PointsOffer", "Quote", "Share", "TierDiscount", "WhyNot"]


class DeductionKind(StrEnum):
    """In the order of application (docs/algorithms/pricing.md)."""

    GROUP_BUY = "group_buy"
    EXCHANGE = "exchange"
    TIER = "tier"
    DISCOUNT = "discount"
    CASH = "cash"
    POINTS = "points"
    ECASH = "ecash"


# Paid for before: they lower what is paid now, but they are not a saving.
PREPAID = frozenset({DeductionKind.GROUP_BUY, DeductionKind.ECASH})


@dataclass(frozen=True, slots=True)
class Share:
    """Who bears how much of a deduction on which line. `payer` is `owner` or `merchant:<id>`, never `redeemer`."""

    line_id: int
    payer: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Deduction:
    """One deduction: `ref` is a coupon's piece id, the tier's code, or `points`. `items`: a group voucher's."""

    kind: DeductionKind
    ref: str
    title_zh: str
    title_en: str
    amount_fen: int
    shares: tuple[Share, ...]
    points: int = 0
    items: tuple[tuple[int, int], ...] = ()

    @property
    def piece_id(self) -> int | None:
        return None if self.kind in (DeductionKind.TIER, DeductionKind.POINTS) else int(self.ref)

    def by_line(self) -> dict[int, int]:
        return summed((share.line_id, share.amount_fen) for share in self.shares)

    def by_payer(self) -> dict[str, int]:
        return summed((share.payer, share.amount_fen) for share in self.shares)


_Key = TypeVar("_Key", int, str)


def summed(pairs: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    sums: dict[_Key, int] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, 0) + amount
    return sums


@dataclass(frozen=True, slots=True)
class Notice:
    """A coupon that was not used, and why."""

    piece_id: int
    title_zh: str
    title_en: str
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Nudge:
    """Add goods for `add_fen` and pay `payable_fen`: less than now. `filler` is the offered line, if one fits."""

    piece_id: int
    title_zh: str
    title_en: str
    add_fen: int
    payable_fen: int
    filler: Line | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the search: at most `coupons` pieces on a bill (ecash aside), at most `trials` combinations priced."""

    coupons: int = 10
    trials: int = 2_000


@dataclass(frozen=True, slots=True)
class Offers:
    """What the member may bring to the bill."""

    pieces: tuple[CouponPiece, ...] = ()
    tier: TierDiscount | None = None
    points: PointsOffer | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the member wants: `forced` pieces are used (in this order of preference), `excluded` ones are not.

    With `only_forced` nothing else is added. `points_wanted` limits the points; 0 or `use_points=False` keeps them.
    """

    forced: tuple[int, ...] = ()
    excluded: frozenset[int] = frozenset()
    only_forced: bool = False
    use_points: bool = True
    points_wanted: int | None = None
    fillers: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced basket. `is_proven` is False when the search met its limit: legal, but perhaps not the least."""

    lines: tuple[Line, ...]
    deductions: tuple[Deduction, ...]
    list_fen: int
    saved_fen: int
    prepaid_fen: int
    payable_fen: int
    points_used: int
    not_used: tuple[Notice, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    points_to_earn: int = 0
    is_proven: bool = True

    def payable_by_line(self) -> dict[int, int]:
        left = {line.line_id: line.list_fen for line in self.lines}
        for deduction in self.deductions:
            for share in deduction.shares:
                left[share.line_id] -= share.amount_fen
        return left
