"""The statement's lines and totals. Amounts are signed fen as the merchant sees them: plus is owed to the merchant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

NO_STATEMENT = Reason("S-4041", "no_statement", 404, "没有这份对账单。", "There is no such statement.")
NO_LINE = Reason("S-4042", "no_line", 404, "对账单里没有这一行。", "The statement has no such line.")
NO_PAYOUT = Reason("S-4043", "no_payout", 404, "没有这笔打款。", "There is no such payout.")
PERIOD_EMPTY = Reason("S-4091", "period_not_over", 409, "这个账期还没到结束时间。", "The period has not ended yet.")
ALREADY_CONFIRMED = Reason(
    "S-4092",
    "already_confirmed",
    409,
    "这份对账单已确认，不能再提异议。",
    "This statement is confirmed; no more disputes.",
)
ALREADY_DISPUTED = Reason("S-4093", "already_disputed", 409, "这一行已经提过异议。", "This line is disputed already.")
NOT_CONFIRMED = Reason(
    "S-4094", "not_confirmed", 409, "商户确认后才能打款。", "A statement is paid after the merchant has confirmed it."
)
NOTHING_TO_PAY = Reason(
    "S-4095", "nothing_to_pay", 409, "这份对账单没有要付的钱。", "There is nothing to pay on this statement."
)
SAME_PERSON = Reason(
    "S-4031",
    "maker_is_checker",
    403,
    "复核的人不能是经办人。",
    "The one who approves must not be the one who prepared it.",
)
WRONG_STATE = Reason(
    "S-4096", "wrong_payout_state", 409, "这笔打款现在不能这样处理。", "This payout cannot be handled that way now."
)
DISPUTE_CLOSED = Reason("S-4097", "dispute_closed", 409, "这条异议已经答复过。", "This dispute has been answered.")
RESULT_UNKNOWN = Reason(
    "S-4098",
    "result_unknown",
    409,
    "上次打款结果还没查清，不能再打。",
    "The last attempt is not known yet; it cannot be paid again.",
)


class LineKind(StrEnum):
    SALE = "sale"  # what the customer paid for the merchant's goods
    CASH_KEPT = "cash_kept"  # cash lies in the merchant's own drawer already
    REFUND = "refund"
    CASH_RETURNED = "cash_returned"
    SUBSIDY_IN = "subsidy_in"  # others bear a part of a coupon used here
    SUBSIDY_OUT = "subsidy_out"  # this merchant bears a part of a coupon used elsewhere
    POINTS_IN = "points_in"  # the owner bears points spent here
    SUBSIDY_IN_BACK = "subsidy_in_back"
    SUBSIDY_OUT_BACK = "subsidy_out_back"
    POINTS_IN_BACK = "points_in_back"
    COMMISSION = "commission"
    COMMISSION_BACK = "commission_back"
    CORRECTION = "correction"
    RELEASED = "released"  # a disputed line that stands after all, or the rest of it
    CARRIED = "carried"  # a negative total taken over from the period before


KIND_WORDS: Mapping[str, tuple[str, str]] = {
    LineKind.SALE: ("销售收款", "Sales"),
    LineKind.CASH_KEPT: ("商户已收现金", "Cash kept by the merchant"),
    LineKind.REFUND: ("退款", "Refunds"),
    LineKind.CASH_RETURNED: ("商户已退现金", "Cash returned by the merchant"),
    LineKind.SUBSIDY_IN: ("收到券补贴", "Coupon subsidy received"),
    LineKind.SUBSIDY_OUT: ("承担券成本", "Coupon cost borne"),
    LineKind.POINTS_IN: ("积分抵扣补贴", "Points subsidy received"),
    LineKind.SUBSIDY_IN_BACK: ("退回券补贴", "Coupon subsidy returned"),
    LineKind.SUBSIDY_OUT_BACK: ("冲回券成本", "Coupon cost taken back"),
    LineKind.POINTS_IN_BACK: ("退回积分补贴", "Points subsidy returned"),
    LineKind.COMMISSION: ("佣金", "Commission"),
    LineKind.COMMISSION_BACK: ("冲回佣金", "Commission taken back"),
    LineKind.CORRECTION: ("更正", "Correction"),
    LineKind.RELEASED: ("异议放行", "Released after dispute"),
    LineKind.CARRIED: ("上期结转", "Carried over"),
}

# The equation of a statement: sales − refunds − commission ± subsidies ± cash ± corrections = payable.
EQUATION: Mapping[str, tuple[LineKind, ...]] = {
    "sales": (LineKind.SALE,),
    "refunds": (LineKind.REFUND,),
    "commission": (LineKind.COMMISSION, LineKind.COMMISSION_BACK),
    "subsidies": (
        LineKind.SUBSIDY_IN, LineKind.SUBSIDY_OUT, LineKind.POINTS_IN,
        LineKind.SUBSIDY_IN_BACK, LineKind.SUBSIDY_OUT_BACK, LineKind.POINTS_IN_BACK,
    ),
    "cash": (LineKind.CASH_KEPT, LineKind.CASH_RETURNED),
    "corrections": (LineKind.CORRECTION, LineKind.RELEASED, LineKind.CARRIED),
}  # fmt: skip


@dataclass(frozen=True)
class Posted:
    """One line to be: what it is for, whose, and the account on the other side of the movement."""

    merchant_id: int
    store_id: int | None
    kind: LineKind
    amount_fen: int
    step: str
    against: str  # the ledger account on the other side: "owner.commission", "merchant:7", "clearing.cash", …
    memo: str = ""


@dataclass(frozen=True)
class LineCard:
    id: int
    merchant_id: int
    store_id: int | None
    kind: str
    kind_zh: str
    kind_en: str
    amount_fen: int
    bill_id: int | None
    bill_number: str
    happened_at: datetime
    memo: str
    dispute: "DisputeCard | None" = None


@dataclass(frozen=True)
class MovementCard:
    """One row of a statement: all lines of one bill, refund, correction or carried total, summed by what they are for.

    `disputed` and `answered` count its lines under an open and an answered dispute. `key` is the paging key.
    """

    key: int
    source: str
    source_id: int
    bill_id: int | None
    bill_number: str
    store_id: int | None
    happened_at: datetime
    customer_fen: int
    subsidy_fen: int
    commission_fen: int
    other_fen: int
    total_fen: int
    line_count: int
    disputed: int
    answered: int


@dataclass(frozen=True)
class OpenCard:
    """What a merchant has in no period yet, by the parts of the statement's equation."""

    merchant_id: int
    equation: Mapping[str, int]
    total_fen: int
    line_count: int


@dataclass(frozen=True)
class DisputeCard:
    id: int
    line_id: int
    statement_id: int
    merchant_id: int
    reason: str
    state: str
    answer: str
    made_by: str
    made_at: datetime
    amount_fen: int


@dataclass(frozen=True)
class StatementCard:
    """`equation` holds the signed sums of its parts and adds up to `total_fen`; `payable_fen` leaves out `frozen_fen`."""

    id: int
    number: str
    merchant_id: int
    starts_on: date
    ends_on: date
    state: str
    equation: Mapping[str, int]
    total_fen: int
    frozen_fen: int
    line_count: int
    dispute_count: int
    confirmed_by: str
    confirmed_at: datetime | None

    @property
    def payable_fen(self) -> int:
        return self.total_fen - self.frozen_fen


@dataclass(frozen=True)
class PayoutCard:
    id: int
    number: str
    statement_id: int
    merchant_id: int
    amount_fen: int
    state: str
    maker_id: int
    maker: str
    checker: str
    bank_reference: str
    proof: str
    paid_at: datetime | None


@dataclass(frozen=True)
class PeriodCard:
    id: int
    starts_on: date
    ends_on: date
    closed_at: datetime
    statements: int
    confirmed: int
    paid: int
    disputes: int
    total_fen: int


@event("statement_issued")
@dataclass(frozen=True)
class StatementIssued(Event):
    statement_id: int
    merchant_id: int
    total_fen: int


@event("statement_confirmed")
@dataclass(frozen=True)
class StatementConfirmed(Event):
    statement_id: int
    merchant_id: int
    payable_fen: int


@event("line_disputed")
@dataclass(frozen=True)
class LineDisputed(Event):
    statement_id: int
    merchant_id: int
    line_id: int


@event("dispute_answered")
@dataclass(frozen=True)
class DisputeAnswered(Event):
    dispute_id: int
    merchant_id: int
    state: str


@event("payout_paid")
@dataclass(frozen=True)
class PayoutPaid(Event):
    payout_id: int
    merchant_id: int
    amount_fen: int
