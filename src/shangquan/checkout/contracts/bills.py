"""A bill as other rooms see it, and what is said when it is paid, refunded or cancelled. Money is integer fen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shangquan.checkout.contracts.quotes import DeductionKind
from shangquan.checkout.contracts.refunds import PaidLine, RefundedLine
from shangquan.kernel.events import Event, event

PAYMENT_SOURCE = "bill"  # under this word bills open their payments
REFUND_SOURCE = "bill_refund"
NO_CHANNEL_NEEDED = "none"  # the channel of a bill of which nothing was left to pay


class BillKind(StrEnum):
    TILL = "till"
    SHOP = "shop"  # the online shop
    TABLE = "table"


class BillState(StrEnum):
    OPEN = "open"
    HELD = "held"  # being paid: its coupons and points are set aside
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """What is asked to be billed: a product of the store's merchant, goods without one, or a typed amount.

    A product's price, name and points multiplier are its own unless `unit_fen` or `title` say otherwise (改价, spec).
    Goods without a product need a title and a price. A typed amount is `amount_fen` alone, with an optional title.
    """

    product_id: int | None = None
    quantity: int = 1
    unit_fen: int | None = None
    title: str = ""
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class BillLineCard:
    line_no: int
    product_id: int | None
    title: str
    quantity: int
    unit_fen: int
    list_fen: int
    paid_fen: int
    returned: int
    by_amount: bool


@dataclass(frozen=True, slots=True)
class BillCard:
    """A bill. `saved_fen`, `payable_fen`, `points_used` are the quote's while it is open, final once it is paid."""

    id: int
    number: str
    kind: BillKind
    state: BillState
    merchant_id: int
    store_id: int
    member_id: int | None
    list_fen: int
    saved_fen: int
    prepaid_fen: int
    payable_fen: int
    refunded_fen: int
    points_used: int
    points_to_earn: int
    channel: str
    intent_id: int | None
    staff_id: int | None
    referrer_id: int | None
    opened_at: datetime
    held_at: datetime | None
    hold_until: datetime | None
    paid_at: datetime | None
    lines: tuple[BillLineCard, ...]

    @property
    def is_paid(self) -> bool:
        return self.state in (BillState.PAID, BillState.PARTLY_REFUNDED, BillState.REFUNDED)

    @property
    def pieces(self) -> int:
        """How many pieces of goods; a typed amount counts as one."""
        return sum(1 if line.by_amount else line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class RefundLineCard:
    line_no: int
    title: str
    quantity: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class RefundCard:
    """One return. `done_at` is when the money has arrived, or when there was none to send."""

    id: int
    number: str
    bill_id: int
    list_fen: int
    refund_fen: int
    points_back: int
    points_taken: int
    coupons_back: tuple[int, ...]
    is_whole: bool
    reason: str
    payment_refund_id: int | None
    asked_at: datetime
    done_at: datetime | None
    lines: tuple[RefundLineCard, ...]


@dataclass(frozen=True, slots=True)
class PaidDeduction:
    """What was not paid in money: by which coupon, tier or points, and who bears it (`owner`, `merchant:<id>`)."""

    kind: DeductionKind
    ref: str
    piece_id: int | None
    amount_fen: int
    payers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PaidBill:
    """What is booked when a bill is paid: `list_fen = payable_fen + the sum of deductions`."""

    bill_id: int
    number: str
    kind: BillKind
    merchant_id: int
    store_id: int
    member_id: int | None
    channel: str
    list_fen: int
    payable_fen: int
    points_used: int
    deductions: tuple[PaidDeduction, ...]
    lines: tuple[PaidLine, ...]
    staff_id: int | None
    referrer_id: int | None
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class RefundedBill:
    """What is booked when goods come back: `list_fen = refund_fen + the sum of deductions`, of this return alone."""

    bill_id: int
    number: str
    refund_id: int
    refund_number: str
    merchant_id: int
    store_id: int
    member_id: int | None
    channel: str
    list_fen: int
    refund_fen: int
    points_back: int
    deductions: tuple[PaidDeduction, ...]
    lines: tuple[RefundedLine, ...]
    is_whole: bool
    staff_id: int | None
    referrer_id: int | None
    asked_at: datetime
    bill_payable_fen: int
    refunded_before_fen: int

    def part_of(self, total: int) -> int:
        """This return's part of a sum that was booked on the money paid (a commission): all returns together make it.

        Cumulative: floor(total × returned so far ÷ paid), less what earlier returns took.
        """
        if self.bill_payable_fen == 0:
            return 0
        after = self.refunded_before_fen + self.refund_fen
        return total * after // self.bill_payable_fen - total * self.refunded_before_fen // self.bill_payable_fen


@event("bill_paid")
@dataclass(frozen=True)
class BillPaid(Event):
    bill_id: int
    number: str
    merchant_id: int
    store_id: int
    member_id: int | None
    channel: str
    list_fen: int
    paid_fen: int
    saved_fen: int
    points_used: int
    paid_at: datetime


@event("bill_refunded")
@dataclass(frozen=True)
class BillRefunded(Event):
    bill_id: int
    refund_id: int
    member_id: int | None
    merchant_id: int
    refund_fen: int
    whole: bool


@event("bill_cancelled")
@dataclass(frozen=True)
class BillCancelled(Event):
    bill_id: int
    number: str
    member_id: int | None
    merchant_id: int
