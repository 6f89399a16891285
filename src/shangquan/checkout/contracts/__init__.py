"""What leaves the checkout room, by subject."""

from shangquan.checkout.contracts.bills import (
    NO_CHANNEL_NEEDED,
    PAYMENT_SOURCE,
    REFUND_SOURCE,
    BillCancelled,
    BillCard,
    BillKind,
    BillLineCard,
    BillPaid,
    BillRefunded,
    BillState,
    LineDraft,
    PaidBill,
    PaidDeduction,
    RefundCard,
    RefundedBill,
    RefundLineCard,
)
from shangquan.checkout.contracts.quotes import (
    PREPAID,
    Basket,
    Choice,
    Deduction,
    DeductionKind,
    Limits,
    Line,
    Notice,
    Nudge,
    Offers,
    PointsOffer,
    Quote,
    Share,
    TierDiscount,
    WhyNot,
)
from shangquan.checkout.contracts.refunds import PaidLine, PaidShare, RefundedLine, RefundSums
from shangquan.checkout.contracts.refusals import (
    BAD_KEY,
    BAD_LINE,
    BEING_PAID,
    KEY_TAKEN,
    NO_BILL,
    NO_LINES,
    NO_REFUND,
    NOT_OPEN,
    NOT_PAID,
    NOTHING_LEFT,
    PRICE_CHANGED,
    RETURN_TOO_MUCH,
)

__all__ = [
    "BAD_KEY", "BAD_LINE", "BEING_PAID", "KEY_TAKEN", "NOTHING_LEFT", "NOT_OPEN", "NOT_PAID", "NO_BILL",
    "NO_CHANNEL_NEEDED", "NO_LINES", "NO_REFUND", "PAYMENT_SOURCE", "PREPAID", "PRICE_CHANGED", "REFUND_SOURCE",
    "RETURN_TOO_MUCH", "Basket", "BillCancelled", "BillCard", "BillKind", "BillLineCard", "BillPaid", "BillRefunded",
    "BillState", "Choice", "Deduction", "DeductionKind", "Limits", "Line", "LineDraft", "Notice", "Nudge", "Offers",
    "PaidBill", "PaidDeduction", "PaidLine", "PaidShare", "PointsOffer", "Quote", "RefundCard", "RefundLineCard",
    "RefundSums", "RefundedBill", "RefundedLine", "Share", "TierDiscount", "WhyNot",
]  # fmt: skip
