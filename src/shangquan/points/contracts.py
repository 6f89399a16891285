"""What leaves the points room: a line of goods as loyalty sees it, what points may pay, what a tier takes off.

Money is integer fen, points are integers, rates are basis points (10000 = the whole). No Django here.
"""

from dataclasses import dataclass
from datetime import datetime

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event
from shangquan.ledger.contracts import AccountKey

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


POINTS_NOT_ENOUGH = Reason(
    "J-4091", "points_not_enough", 409, "积分不够：还差 {short} 分。", "Not enough points: {short} short."
)
RULE_IN_THE_PAST = Reason(
    "J-4221",
    "rule_in_the_past",
    422,
    "规则只能从现在或以后生效，不能改以前的。",
    "A rule can start now or later, never in the past.",
)
BAD_RULE = Reason("J-4222", "bad_rule", 422, "规则写得不对：{why}", "The rule is not valid: {why}")
NO_SUCH_TIER = Reason("J-4041", "no_such_tier", 404, "没有这个等级。", "There is no such tier.")
NEVER_EARNED = Reason("J-4042", "never_earned", 404, "这一单没有得过积分。", "This bill never earned points.")


@dataclass(frozen=True, slots=True)
class EarnTerms:
    """`fen_per_point` fen paid earn one point; a line's multiplier counts on top. `rule_id` explains a past posting."""

    rule_id: int
    fen_per_point: int


@dataclass(frozen=True, slots=True)
class PointsBalance:
    """What a member holds. `owed` was spent before a refund could take it back; the next earnings pay it first."""

    available: int
    held: int
    owed: int


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One line of a member's statement; `points` is signed, `balance` is what stood after it."""

    id: int
    at: datetime
    points: int
    balance: int
    reason_zh: str
    reason_en: str
    source: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Liability:
    """What the owner owes in points, and its worth in fen by today's spending rule."""

    held: int
    owed: int
    worth_fen: int
    issued: int
    spent: int


@dataclass(frozen=True, slots=True)
class EarnRuleCard:
    """A version of what spending earns: `fen_per_point` fen one point, at one merchant or (None) at all others."""

    id: int
    merchant_id: int | None
    fen_per_point: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class SpendRuleCard:
    """A version of what points pay; `owner_bp` of it is borne by the owner, the rest by the merchant."""

    id: int
    points_per_yuan: int
    step: int
    minimum: int
    max_share_bp: int
    owner_bp: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class TierCard:
    code: str
    name: str
    name_en: str
    rank: int
    payable_bp: int


@event("points_earned")
@dataclass(frozen=True)
class PointsEarned(Event):
    member_id: int
    bill_id: int
    points: int
    balance: int


@event("points_taken_back")
@dataclass(frozen=True)
class PointsTakenBack(Event):
    member_id: int
    bill_id: int
    refund_id: int
    points: int
    owed: int


# The ledger accounts of points.
ISSUED = AccountKey("points.issued", unit="points", may_overdraw=True)
SPENT = AccountKey("points.spent", unit="points", may_overdraw=True)


def held_by(member_id: int) -> AccountKey:
    """What a member holds: never below zero."""
    return AccountKey("points.member", f"member:{member_id}", "points")


def owed_by(member_id: int) -> AccountKey:
    """What a member owes: below zero by what refunds could not take back."""
    return AccountKey("points.owed", f"member:{member_id}", "points", may_overdraw=True)


# Why a balance moved, by the memo of its transfer.
REASONS = {
    "earn": ("消费得积分", "Earned by spending"),
    "spend": ("积分抵扣", "Paid with points"),
    "give_back": ("退款退回积分", "Returned by a refund"),
    "take_back": ("退货收回积分", "Taken back by a refund"),
    "repay": ("补还欠分", "Paid what was owed"),
    "welcome": ("开卡礼", "Welcome gift"),
    "activity": ("活动得积分", "Earned in an activity"),
}
