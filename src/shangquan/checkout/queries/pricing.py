"""Ask the rooms below what a member may bring to a bill, and price it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shangquan.checkout.contracts import Basket, Choice, Line, Offers, Quote
from shangquan.checkout.models import Bill, BillLine
from shangquan.checkout.rules import alternatives, price
from shangquan.coupons import door as coupons
from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy


def basket_of(bill: Bill, lines: list[BillLine] | None = None) -> Basket:
    rows = list(bill.lines.order_by("line_no")) if lines is None else lines
    return Basket(tuple(line_of(bill, row) for row in rows), bill.id)


def line_of(bill: Bill, row: BillLine) -> Line:
    return Line(
        line_id=row.line_no,
        product_id=row.product_id,
        category_id=row.category_id,
        merchant_id=bill.merchant_id,
        store_id=bill.store_id,
        quantity=row.quantity,
        unit_fen=row.unit_fen,
        title=row.title,
        points_multiplier_bp=row.points_multiplier_bp,
    )


def offers_for(
    member_id: int | None, basket: Basket, now: datetime, merchants: Sequence[MerchantCard] | None = None
) -> Offers:
    """The member's coupons, tier and points for this basket; nothing for a guest.

    `merchants` are those of the basket when the caller has just read them.
    """
    if member_id is None or not basket.lines:
        return Offers()
    if merchants is None:
        merchants = district.merchants(sorted({line.merchant_id for line in basket.lines}))
    pieces = tuple(coupons.usable_for(member_id, now))
    tier, spendable = points.standing(member_id=member_id, merchants=merchants, now=now)
    return Offers(pieces=pieces, tier=tier, points=spendable)


def quote_basket(
    basket: Basket,
    member_id: int | None,
    choice: Choice,
    now: datetime,
    merchants: Sequence[MerchantCard] | None = None,
) -> Quote:
    """What the basket costs this member now. Changes nothing."""
    quote = price(basket, offers_for(member_id, basket, now, merchants), tenancy.local(now), choice)
    return with_points_to_earn(quote, member_id, now)


def quote_bill(
    bill: Bill,
    choice: Choice,
    now: datetime,
    lines: list[BillLine] | None = None,
    merchant: MerchantCard | None = None,
) -> Quote:
    """`lines` and `merchant` are the bill's own when the caller has just read them."""
    return quote_basket(basket_of(bill, lines), bill.member_id, choice, now, None if merchant is None else [merchant])


def other_quotes(bill: Bill, choice: Choice, now: datetime, n: int) -> list[Quote]:
    """The best combination and others, best first, at most `n`."""
    basket = basket_of(bill)
    offers = offers_for(bill.member_id, basket, now)
    found = alternatives(n, basket, offers, tenancy.local(now), choice)
    return [with_points_to_earn(quote, bill.member_id, now) for quote in found]


def with_points_to_earn(quote: Quote, member_id: int | None, now: datetime) -> Quote:
    if member_id is None:
        return quote
    return replace(quote, points_to_earn=points.estimate(quote.lines, quote.payable_by_line(), now=now))
