"""Refund sums: what goes back for some pieces of a paid bill. Money is integer fen, points are integers."""

from dataclasses import dataclass

from shangquan.checkout.contracts.quotes import DeductionKind, summed


@dataclass(frozen=True, slots=True)
class PaidShare:
    """A part of a line's list price that was not paid in money: by which deduction, borne by whom."""

    kind: DeductionKind
    ref: str
    payer: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line of a paid bill: `list_fen = paid_fen + the sum of shares`. Points and commission are this line's part."""

    line_id: int
    product_id: int | None
    merchant_id: int
    store_id: int
    quantity: int
    list_fen: int
    paid_fen: int
    shares: tuple[PaidShare, ...] = ()
    points_used: int = 0
    points_earned: int = 0
    commission_fen: int = 0
    category_id: int | None = None
    points_multiplier_bp: int = 10_000
    title: str = ""

    def __post_init__(self) -> None:
        if self.paid_fen + sum(share.amount_fen for share in self.shares) != self.list_fen:
            raise ValueError("a paid line's parts must sum to its list price")


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """What goes back for `quantity` pieces of a line: money, each payer's share, points spent, earned, commission."""

    line_id: int
    quantity: int
    list_fen: int
    paid_fen: int
    shares: tuple[PaidShare, ...]
    points_used: int
    points_earned: int
    commission_fen: int


@dataclass(frozen=True, slots=True)
class RefundSums:
    """One refund. `coupons_back` return to the member now, `coupons_lost` have expired; `is_whole`: nothing is left."""

    lines: tuple[RefundedLine, ...]
    coupons_back: tuple[str, ...]
    coupons_lost: tuple[str, ...]
    is_whole: bool

    @property
    def refund_fen(self) -> int:
        return sum(line.paid_fen for line in self.lines)

    @property
    def points_back(self) -> int:
        return sum(line.points_used for line in self.lines)

    @property
    def points_taken(self) -> int:
        return sum(line.points_earned for line in self.lines)

    @property
    def commission_fen(self) -> int:
        return sum(line.commission_fen for line in self.lines)

    def ecash_back(self) -> dict[str, int]:
        """Ref of each ecash piece and what returns to it."""
        shares = [share for line in self.lines for share in line.shares if share.kind is DeductionKind.ECASH]
        return summed((share.ref, share.amount_fen) for share in shares)
