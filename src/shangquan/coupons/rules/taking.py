"""What is left on a piece when a part of it is used or comes back."""

from collections.abc import Iterable

from shangquan.coupons.contracts import CouponKind, CouponTerms

Items = tuple[tuple[int, int], ...]


def take_items(left: Items, used: Items) -> Items | None:
    """What a group voucher still holds after `used`, or None when it does not hold that much."""
    rest = dict(left)
    for product, pieces in used:
        if pieces < 1 or rest.get(product, 0) < pieces:
            return None
        rest[product] -= pieces
    return tuple((product, pieces) for product, pieces in rest.items() if pieces)


def put_items(left: Items, back: Iterable[tuple[int, int]]) -> Items:
    rest = dict(left)
    for product, pieces in back:
        rest[product] = rest.get(product, 0) + pieces
    return tuple((product, pieces) for product, pieces in rest.items() if pieces)


def is_spent(terms: CouponTerms, rest_fen: int, items_left: Items) -> bool:
    """Whether a piece is used up by a use: electronic cash and group vouchers may keep a rest."""
    if terms.kind is CouponKind.ECASH:
        return rest_fen == 0 or not terms.is_divisible
    return terms.kind is not CouponKind.GROUP_BUY or not items_left
