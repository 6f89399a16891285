"""The values of payments. All amounts are integer fen of CNY."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event


class Channel(StrEnum):
    CASH = "cash"
    WECHAT_CODE = "wechat_code"  # the clerk scans the payer's code (刷卡支付)
    WECHAT_NATIVE = "wechat_native"  # the payer scans a code made for one order
    WECHAT_JSAPI = "wechat_jsapi"  # the payer pays on a page inside WeChat


class State(StrEnum):
    """Of an intent. `sent` and `unknown` mean: ask the channel, never charge again."""

    CREATED = "created"
    SENT = "sent"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"
    REVERSED = "reversed"


class Settlement(StrEnum):
    """What became of money that arrived: taken by the settler, or going back to the payer."""

    NONE = ""
    TAKEN = "taken"
    RETURNED = "returned"


class RefundState(StrEnum):
    CREATED = "created"
    SENT = "sent"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What a channel says. `absent`: it does not know this number. `unknown`: it did not say, or we did not hear."""

    PAID = "paid"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CLOSED = "closed"
    REVERSED = "reversed"
    ABSENT = "absent"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class ChannelAnswer:
    """One answer of a channel about a payment or a refund. `paid_fen` is the amount paid, or refunded, by its word."""

    state: Outcome
    transaction_id: str = ""
    payer_openid: str = ""
    paid_at: datetime | None = None
    paid_fen: int | None = None
    currency: str = "CNY"
    code: str = ""
    message: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class IntentCard:
    id: int
    number: str
    source: str
    source_id: str
    amount_fen: int
    channel: Channel
    state: State
    settlement: Settlement
    description: str
    payer_openid: str
    transaction_id: str
    created_at: datetime
    sent_at: datetime | None
    paid_at: datetime | None
    expires_at: datetime
    refunded_fen: int
    code: str
    message: str
    needs_person: bool

    @property
    def is_final(self) -> bool:
        return self.state in (State.PAID, State.FAILED, State.CLOSED, State.REVERSED)


@dataclass(frozen=True)
class RefundCard:
    id: int
    number: str
    intent_id: int
    intent_number: str
    source: str
    source_id: str
    amount_fen: int
    reason: str
    state: RefundState
    created_at: datetime
    done_at: datetime | None
    code: str
    message: str


@dataclass(frozen=True)
class BillRow:
    """A row of a channel's daily bill. `refund_number` is empty for a payment."""

    number: str
    refund_number: str
    amount_fen: int
    transaction_id: str
    happened_at: datetime


class DifferenceKind(StrEnum):
    MISSING = "missing"  # we say it happened, the bill does not
    EXTRA = "extra"  # the bill says it happened, we do not
    AMOUNT = "amount"  # both say so, with two amounts


@dataclass(frozen=True)
class DifferenceCard:
    id: int
    provider: str
    day: date
    kind: DifferenceKind
    number: str
    refund_number: str
    own_fen: int | None
    bill_fen: int | None
    intent_id: int | None
    found_at: datetime
    resolved_at: datetime | None
    note: str


@dataclass(frozen=True)
class Reconciliation:
    """One day of one provider: how many rows agreed and what did not."""

    provider: str
    day: date
    rows: int
    matched: int
    bill_fen: int
    own_fen: int
    differences: tuple[DifferenceCard, ...]


NO_INTENT = Reason("P-4041", "no_such_payment", 404, "没有这笔支付。", "There is no such payment.")
NO_REFUND = Reason("P-4042", "no_such_refund", 404, "没有这笔退款。", "There is no such refund.")
NO_CHANNEL = Reason(
    "P-4031", "channel_not_connected", 403, "这种支付方式还没有接通。", "This way to pay is not connected."
)
BAD_AMOUNT = Reason("P-4001", "bad_amount", 400, "支付金额要大于 0。", "The amount to pay must be above zero.")
NEEDS_PAYER = Reason(
    "P-4002",
    "needs_payer",
    400,
    "页内支付要先知道付款人的微信身份。",
    "Paying on a page needs the payer's WeChat identity.",
)
BAD_AUTH_CODE = Reason(
    "P-4003", "bad_auth_code", 400, "付款码不对，请顾客刷新后再扫。", "This is not a payment code; ask for a fresh one."
)
INTENT_LIVE = Reason(
    "P-4091", "payment_in_progress", 409, "这笔单正在用另一种方式支付。", "This is being paid in another way right now."
)
ALREADY_PAID = Reason("P-4092", "already_paid", 409, "这笔单已经付过了。", "This has been paid already.")
TOO_LATE = Reason("P-4093", "too_late", 409, "这笔单已经关闭，钱会退回。", "This is closed; the money goes back.")
NOT_PAID = Reason(
    "P-4094", "not_paid", 409, "这笔支付还没有成功，不能退款。", "This payment has not succeeded: nothing to refund."
)
REFUND_TOO_MUCH = Reason(
    "P-4095", "refund_too_much", 409, "最多还能退 {left_fen} 分。", "At most {left_fen} fen can still be refunded."
)
REFUND_DIFFERS = Reason(
    "P-4096",
    "refund_differs",
    409,
    "这笔退款已经提过，金额不一样。",
    "This refund was asked for before with another amount.",
)
TOO_MANY_REFUNDS = Reason(
    "P-4097", "too_many_refunds", 409, "一笔支付最多退 50 次。", "One payment can be refunded 50 times at the most."
)
INTENT_OVER = Reason(
    "P-4098", "payment_over", 409, "这笔支付已经结束，请重新发起。", "This payment is over; start a new one."
)
CHANNEL_REFUSED = Reason(
    "P-4221", "channel_refused", 422, "支付渠道没有受理：{message}", "The channel did not accept it: {message}"
)
CHANNEL_SILENT = Reason(
    "P-5031",
    "channel_silent",
    503,
    "支付渠道暂时没有回应，请稍后再试。",
    "The channel does not answer at the moment; try again.",
)
NO_DIFFERENCE = Reason("P-4043", "no_such_difference", 404, "没有这条对账差异。", "There is no such difference.")


@event("payment_succeeded")
@dataclass(frozen=True)
class PaymentSucceeded(Event):
    intent_id: int
    source: str
    source_id: str
    amount_fen: int
    channel: str


@event("payment_failed")
@dataclass(frozen=True)
class PaymentFailed(Event):
    intent_id: int
    source: str
    source_id: str
    amount_fen: int
    channel: str
    state: str


@event("refund_succeeded")
@dataclass(frozen=True)
class RefundSucceeded(Event):
    refund_id: int
    intent_id: int
    source: str
    source_id: str
    amount_fen: int


@event("refund_failed")
@dataclass(frozen=True)
class RefundFailed(Event):
    refund_id: int
    intent_id: int
    source: str
    source_id: str
    amount_fen: int


@event("money_sent_back")
@dataclass(frozen=True)
class MoneySentBack(Event):
    """Money arrived that nobody may take (paid twice, or too late): it is on its way back."""

    intent_id: int
    refund_id: int
    source: str
    source_id: str
    amount_fen: int


@event("difference_found")
@dataclass(frozen=True)
class DifferenceFound(Event):
    difference_id: int
    kind: str
    number: str
