"""What leaves the points room: a line of goods as loyalty sees it, what points may pay, what a tier takes off.

Money is integer fen, points are integers, rates are basis points (10000 = the whole). No Django here.
"""

from dataclasses import dataclass

OWNER = "owner"  # the payer of a discount: the district's owner
REDEEMER = "redeemer"  # the payer of a discount: the merchant of the line on which it is used


@dataclass(frozen=True, slots=True)
class PayerShare:
    """A part of a discount's cost: `payer` is `owner`, `redeemer` or `merchant:<id>`, `bp` its basis points."""

    payer: str
    bp: int


def check_payers(payers: tuple[PayerShare, ...]) -> None:
    """Raise ValueError unless the shares are not negative and sum to the whole (10000)."""
    if any(share.bp < 0 for share in payers) or sum(share.bp for share in payers) != 10_000:
        raise ValueError("the payers' shares must sum to 10000 basis points")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket or a bill. `list_fen` is always unit price × quantity.

    Weighed goods and typed amounts are one piece at their amount. A line has its merchant and store because an
    online order may hold lines of many.
    """

    line_id: int
    product_id: int | None
    category_id: int | None
    merchant_id: int
    store_id: int
    quantity: int
    unit_fen: int
    title: str = ""
    points_multiplier_bp: int = 10_000

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit_fen < 0:
            raise ValueError("a line has at least one piece and no negative price")

    @property
    def list_fen(self) -> int:
        return self.unit_fen * self.quantity


@dataclass(frozen=True, slots=True)
class TierDiscount:
    """What a member's tier takes off at the merchants that joined the tier scheme.

    `payable_bp` 9500 means 95 % of the list price. `merchant_ids` None means every merchant.
    """

    tier: str
    title_zh: str
    title_en: str
    payable_bp: int
    merchant_ids: frozenset[int] | None = None
    excluded_product_ids: frozenset[int] = frozenset()
    payers: tuple[PayerShare, ...] = (PayerShare(REDEEMER, 10_000),)

    def __post_init__(self) -> None:
        check_payers(self.payers)
        if not 0 <= self.payable_bp <= 10_000:
            raise ValueError("payable_bp lies between 0 and 10000")

    def covers(self, line: Line) -> bool:
        joined = self.merchant_ids is None or line.merchant_id in self.merchant_ids
        return joined and line.product_id not in self.excluded_product_ids


@dataclass(frozen=True, slots=True)
class PointsOffer:
    """What points may pay on an order (G6).

    `points_per_yuan` points are worth 1 yuan; they are spent in multiples of `step`, at least `minimum`, and pay at
    most `max_share_bp` of what is left to pay on the lines of merchants that signed up (`merchant_ids`, None = all).
    """

    balance: int
    points_per_yuan: int = 100
    step: int = 1
    minimum: int = 0
    max_share_bp: int = 10_000
    merchant_ids: frozenset[int] | None = None
    payers: tuple[PayerShare, ...] = (PayerShare(OWNER, 10_000),)

    def __post_init__(self) -> None:
        check_payers(self.payers)
        if self.points_per_yuan < 1 or self.step < 1 or not 0 <= self.max_share_bp <= 10_000:
            raise ValueError("points_per_yuan and step are at least 1, max_share_bp lies between 0 and 10000")

    def covers(self, line: Line) -> bool:
        return self.merchant_ids is None or line.merchant_id in self.merchant_ids
