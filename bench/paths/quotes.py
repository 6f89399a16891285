"""Pricing 20 lines with 30 coupons in the member's hands. The limit is PostgreSQL reading those coupons."""

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place, campaign, cards, hand_out
from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import Basket, Choice, Line, Quote
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponKind, Scope, Stacking
from shangquan.district import door as district

_READ = """
select p.*, c.* from coupons_piece p join coupons_campaign c on c.id = p.campaign_id
 where p.district_id = {district} and p.member_id = {member} and p.valid_to > now()
   and p.state in ('unused', 'held', 'giving') order by p.valid_to, p.id limit 200;
"""


def _prepare(place: Place, effort: Effort) -> Job:
    (member,) = cards(place, "quote", 1)
    for i in range(30):
        hand_out(place, _some_campaign(place, i), [member])
    prices = {card.id: card.price_fen for card in district.products(place.merchant)}
    lines = (
        Line(no, product, None, place.merchant, place.store, 1 + no % 3, prices[product])
        for no, product in enumerate(place.products, 1)
    )
    basket = Basket(tuple(lines))
    seen: set[int] = set()

    def work(number: int) -> None:
        seen.add(checkout.quote(basket, member_id=member, now=place.now).payable_fen)

    def check(took: Timed) -> bool:
        return _is_best(place, basket, member, seen)

    return Job(work, check, limit=_READ.format(district=place.district_id, member=member))


def _some_campaign(place: Place, i: int) -> int:
    """Thirty different ones: money off and discounts, of all goods and of some, that stack and that do not."""
    group = Stacking(group=f"group-{i % 4}", stacks_with=None if i % 3 else frozenset())
    some = Scope(products_in=frozenset(place.products[i % 7 :: 3])) if i % 2 else Scope()
    if i % 5 == 0:
        return campaign(
            place, total=None, kind=CouponKind.DISCOUNT, payable_bp=9_000 - 20 * i, cap_fen=3_000, stacking=group
        )
    return campaign(
        place, total=None, kind=CouponKind.CASH, amount_fen=300 + 90 * i, min_spend_fen=2_000 + 1_500 * i,
        scope=some, stacking=group,
    )  # fmt: skip


def _is_best(place: Place, basket: Basket, member: int, seen: set[int]) -> bool:
    """Always the same price, its sums agree, and no coupon taken alone beats it."""
    best = checkout.quote(basket, member_id=member, now=place.now)
    if seen != {best.payable_fen} or not _adds_up(best):
        return False
    for piece in coupons.usable_for(member, place.now):
        alone = Choice(forced=(piece.piece_id,), only_forced=True)
        if checkout.quote(basket, member_id=member, now=place.now, choice=alone).payable_fen < best.payable_fen:
            return False
    return best.saved_fen > 0


def _adds_up(quote: Quote) -> bool:
    shares = all(d.amount_fen == sum(share.amount_fen for share in d.shares) for d in quote.deductions)
    lines = quote.payable_by_line()
    return (
        shares
        and quote.list_fen == quote.saved_fen + quote.prepaid_fen + quote.payable_fen
        and sum(lines.values()) == quote.payable_fen
        and min(lines.values()) >= 0
    )


PATH = Path("quote, 20 lines and 30 coupons", _prepare)
