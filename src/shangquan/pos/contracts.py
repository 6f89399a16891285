"""What leaves the till: refusals and the values that its page, its API and other rooms read. Money is integer fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shangquan.kernel.errors import Reason

NO_TILL = Reason("T-4041", "no_such_till", 404, "没有这个收银台。", "There is no such till.")
UNKNOWN_SCAN = Reason(
    "T-4042",
    "unknown_scan",
    404,
    "没找到「{text}」，请重扫或改按名称找。",
    "Nothing known as {text}; scan again or type a name.",
)
NO_RING = Reason("T-4043", "no_such_ring", 404, "没有这张挂单。", "There is no such parked sale.")
NO_RECEIPT = Reason("T-4044", "no_such_receipt", 404, "没有这张小票。", "There is no such receipt.")
NO_KEY = Reason("T-4045", "no_such_line", 404, "这张单里没有这一行。", "The sale has no such line.")
CASH_SHORT = Reason(
    "T-4001", "cash_short", 400, "收到的现金少于应收，还差 ¥{short}。", "The cash is ¥{short} less than what is due."
)
BAD_TICKET = Reason(
    "T-4002", "bad_ticket", 400, "离线单 {seq} 不对：{why}", "Offline ticket {seq} is not valid: {why_en}"
)
BAD_PICTURE = Reason("T-4003", "bad_picture", 400, "图片不能用：{why}", "This picture cannot be used: {why_en}")
NEEDS_CENTRE = Reason(
    "T-4031",
    "needs_the_centre",
    403,
    "断网时不能用券、积分和付款码：要问过中心才知道能不能用。请收现金。",
    "Coupons, points and wallet codes need the centre and are refused off line; take cash.",
)
NO_SHIFT = Reason("T-4091", "shift_closed", 409, "还没有开班，先开班再收银。", "No shift is open; open one first.")
SHIFT_OPEN = Reason(
    "T-4092", "shift_open", 409, "这个收银台已经有人在班：{who}。", "{who} already has a shift at this till."
)
BEING_PAID = Reason(
    "T-4093",
    "being_paid",
    409,
    "这一单正在收款，请先等结果或停止收款。",
    "This sale is being paid: wait, or stop it first.",
)
COUPON_NOT_FIT = Reason(
    "T-4094", "coupon_does_not_fit", 409, "「{title}」这单用不上：{why}", "{title} does not fit this sale: {why_en}"
)
TICKET_DIFFERS = Reason(
    "T-4095",
    "ticket_differs",
    409,
    "离线单 {seq} 以前传过，内容不一样。",
    "Offline ticket {seq} was uploaded before with other content.",
)
NAME_TAKEN = Reason(
    "T-4096", "till_name_taken", 409, "这家店已经有叫「{name}」的收银台。", "This store has a till called {name}."
)
OTHERS_COUPON = Reason(
    "T-4097",
    "coupon_of_another",
    409,
    "这张券是另一位会员的，先移除现在的会员再扫。",
    "The coupon belongs to another member; remove this member first.",
)
EMPTY = Reason("T-4098", "nothing_rung_up", 409, "这一单还没有商品。", "Nothing has been rung up yet.")
PRICE_MOVED = Reason(
    "T-4099",
    "ticket_price_moved",
    409,
    "离线单 {seq} 收了 ¥{taken}，按现在的价该收 ¥{due}，请人工核对。",
    "Offline ticket {seq} took ¥{taken}, but ¥{due} is due by the lines; a person must look.",
)


class RingState(StrEnum):
    OPEN = "open"
    PARKED = "parked"
    CLOSED = "closed"


class Part(StrEnum):
    """Whose commission a line is."""

    CLERK = "clerk"
    REFERRER = "referrer"


@dataclass(frozen=True)
class TillCard:
    id: int
    store_id: int
    merchant_id: int
    name: str
    is_active: bool
    paper: int


@dataclass(frozen=True)
class ChannelTotal:
    """One channel of a shift. For cash `expected_fen` holds the opening cash as well."""

    channel: str
    sales: int
    sales_fen: int
    returns: int
    returns_fen: int
    expected_fen: int
    counted_fen: int | None = None

    @property
    def difference_fen(self) -> int | None:
        return None if self.counted_fen is None else self.counted_fen - self.expected_fen


@dataclass(frozen=True)
class ShiftCard:
    id: int
    till_id: int
    opened_by: int
    opened_name: str
    opening_cash_fen: int
    opened_at: datetime
    closed_at: datetime | None
    closed_name: str
    totals: tuple[ChannelTotal, ...]

    @property
    def sales(self) -> int:
        return sum(total.sales for total in self.totals)

    @property
    def sales_fen(self) -> int:
        return sum(total.sales_fen for total in self.totals)

    @property
    def returns_fen(self) -> int:
        return sum(total.returns_fen for total in self.totals)


@dataclass(frozen=True)
class RingCard:
    """What is being rung up. `bill_id` is None while nothing is on it; `newest` is the line that was touched last."""

    id: int
    till_id: int
    state: RingState
    bill_id: int | None
    member_id: int | None
    member_how: str
    referrer_id: int | None
    intent_id: int | None
    newest: int
    label: str
    received_fen: int | None
    opened_at: datetime


@dataclass(frozen=True)
class Scanned:
    """What a scan led to. `did`: line, member, coupon, found (several goods by name), paid, charging, check (a coupon to
    be checked off), amount, next. `zh` and `en` say it."""

    did: str
    zh: str
    en: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReceiptCard:
    id: int
    till_id: int | None
    bill_id: int
    refund_id: int | None
    copy_no: int
    columns: int
    content: bytes
    printed_at: datetime

    @property
    def is_copy(self) -> bool:
        return self.copy_no > 0


@dataclass(frozen=True)
class TicketAnswer:
    """What became of one offline ticket: `booked` with its bill, or `refused` with the reason."""

    seq: int
    state: str
    bill_number: str = ""
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class CommissionLine:
    bill_id: int
    refund_id: int | None
    staff_id: int
    part: Part
    amount_fen: int
    at: datetime
