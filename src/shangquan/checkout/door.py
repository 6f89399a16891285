"""What other rooms may do with bills. Ids and values in, contracts out; writes need an open transaction unless said."""

from datetime import datetime, timedelta

from shangquan.checkout.actions.cancel import abandon, cancel, stop_payment
from shangquan.checkout.actions.fill import choice_of
from shangquan.checkout.actions.hold import hold
from shangquan.checkout.actions.open_bill import open_bill
from shangquan.checkout.actions.refund import refund, refund_sums, take_back_points
from shangquan.checkout.actions.reprice import KEEP, reprice
from shangquan.checkout.contracts import NO_BILL, Basket, Choice, Line, Offers, PaidBill, Quote
from shangquan.checkout.export import export_bill_lines, export_bills
from shangquan.checkout.models import Bill, BillLine
from shangquan.checkout.ports import register_posting
from shangquan.checkout.queries import pricing
from shangquan.checkout.queries.bills import (
    bill,
    bill_behind_wall,
    bill_by_number,
    bills,
    bills_behind_wall,
    bills_of_member,
    bills_of_store,
    pieces_used,
    refunds_of,
    shown_quote,
)
from shangquan.checkout.queries.bills import refund as refund_card
from shangquan.checkout.queries.paid import paid_bill as _paid_bill
from shangquan.checkout.rules import price
from shangquan.coupons.contracts import CouponPiece, CouponState, CouponTerms
from shangquan.kernel.errors import Refused
from shangquan.tenancy import door as tenancy

__all__ = [
    "KEEP",
    "abandon",
    "bill",
    "bill_behind_wall",
    "bill_by_number",
    "bills",
    "bills_behind_wall",
    "bills_of_member",
    "bills_of_store",
    "cancel",
    "earning_basis",
    "export_bill_lines",
    "export_bills",
    "hold",
    "open_bill",
    "other_quotes",
    "paid_bill",
    "pieces_used",
    "quote",
    "refund",
    "refund_card",
    "refund_sums",
    "refunds_of",
    "register_posting",
    "reprice",
    "shown_quote",
    "stop_payment",
    "take_back_points",
    "trial",
]  # fmt: skip


def quote(
    of: int | Basket,
    *,
    now: datetime,
    member_id: int | None = None,
    forced: tuple[int, ...] = (),
    excluded: frozenset[int] = frozenset(),
    use_points: bool = True,
    choice: Choice | None = None,
    fillers: tuple[Line, ...] = (),
) -> Quote:
    """What a bill (by id) or a basket of `member_id` costs now. Changes nothing.

    For a bill its own kept choice counts unless another is given. Refuses B-4041.
    """
    given = Choice(forced=forced, excluded=excluded, use_points=use_points, fillers=fillers)
    is_given = bool(forced or excluded or not use_points)
    if isinstance(of, Basket):
        return pricing.quote_basket(of, member_id, choice or given, now)
    row = _row(of)
    return pricing.quote_bill(row, choice or (given if is_given else choice_of(row, fillers)), now)


def other_quotes(bill_id: int, *, now: datetime, n: int = 4) -> list[Quote]:
    """The best combination and up to n - 1 others, best first, whatever was chosen before. Refuses B-4041."""
    return pricing.other_quotes(_row(bill_id), Choice(), now, n)


def trial(basket: Basket, terms: CouponTerms, *, now: datetime) -> Quote:
    """What a basket would cost a guest who holds one piece of these terms: the engine of real bills, nothing is written."""
    piece = CouponPiece(1, "", CouponState.UNUSED, terms, now, now + timedelta(days=1), terms.amount_fen, terms.items)
    return price(basket, Offers(pieces=(piece,)), tenancy.local(now), Choice(use_points=False))


def paid_bill(bill_id: int) -> PaidBill:
    """A paid bill with its lines and who bears what. Refuses B-4041 for one that is not paid."""
    row = _row(bill_id)
    if row.paid_at is None:
        raise Refused(NO_BILL)
    return _paid_bill(row)


def earning_basis(bill_id: int) -> tuple[list[Line], dict[int, int]]:
    """What a paid bill earns points on: its lines, and the money paid for each (whatever came back since)."""
    row = _row(bill_id)
    rows = list(BillLine.rows().filter(bill=row).order_by("line_no"))
    return [pricing.line_of(row, line) for line in rows], {line.line_no: line.paid_fen for line in rows}


def _row(bill_id: int) -> Bill:
    row = Bill.rows().filter(id=bill_id).first()
    if row is None:
        raise Refused(NO_BILL)
    return row
