"""Using up: by a paid bill, and at the counter without a bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shangquan.coupons import locks
from shangquan.coupons.actions.refuse import because_of, check_free, check_not_blocked
from shangquan.coupons.contracts import (
    NOTHING_LEFT,
    Basket,
    CouponKind,
    CouponRedeemed,
    CouponState,
    CouponTerms,
    Line,
    PieceCard,
    PieceUse,
)
from shangquan.coupons.models import Piece
from shangquan.coupons.models import PieceUse as UseRow
from shangquan.coupons.queries.pieces import tidy
from shangquan.coupons.queries.stored import coupon_piece, items, piece_card, terms_of
from shangquan.coupons.rules import discount_for, why_not_usable
from shangquan.coupons.rules.taking import is_spent, take_items
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.tenancy import door as tenancy


@required
def redeem(bill_id: int, uses: Sequence[PieceUse], *, now: datetime) -> None:
    """Use the pieces that the bill holds, as the bill says, and let go of those it does not use.

    A piece with a rest (electronic cash, group voucher) is usable again with that rest. Repeating it changes nothing.
    Refuses C-4095 or C-4094 when a piece is not held by this bill, C-4105 when it holds less than is taken.
    """
    rows = locks.pieces_and_those_of_bill([use.piece_id for use in uses], bill_id)
    done = set(UseRow.rows().filter(piece_id__in=rows, key=_key(bill_id)).values_list("piece_id", flat=True))
    for use in uses:
        row = rows.pop(use.piece_id)
        if use.piece_id in done:
            continue
        if row.held_bill_id != bill_id:
            check_free(row, now)  # says why; a free piece is taken as if it had been held
        _take(row, _Use(use, _key(bill_id), bill_id), now)
    unused = [row.id for row in rows.values() if row.held_bill_id == bill_id]
    Piece.rows().filter(id__in=unused).update(state=CouponState.UNUSED, held_bill_id=None, held_at=None)


@required
def check_off(
    code: str,
    *,
    merchant_id: int,
    store_id: int,
    key: str,
    now: datetime,
    taken: tuple[tuple[int, int], ...] = (),
    spend_fen: int = 0,
) -> PieceCard:
    """A clerk consumes a piece at the counter without a bill: a group voucher, an exchange coupon, a free sample (I3).

    `taken` names a group voucher's items that are handed out now (none: all that is left). `spend_fen` is what the
    customer spends beside it, for a minimum. The same key answers the first result again. Needs `coupons.redeem` at
    that store. Each wrong piece is refused with its own reason and is not consumed: C-4042 unknown, C-4094 used (who,
    where, when), C-4095 being paid with, C-4096 given away, C-4097 withdrawn, C-4101 expired, C-4221 too early, C-4222
    wrong day or hour, C-4032 wrong merchant, C-4033 wrong store, C-4105 nothing left, C-4223 otherwise not usable.
    """
    scope.require("coupons.redeem", merchant_id=merchant_id, store_id=store_id)
    row = locks.piece_with_code(tidy(code))
    if UseRow.rows().filter(piece=row, key=f"check:{key}").exists():
        return piece_card(row)
    check_not_blocked(row)
    terms = terms_of(row.campaign)
    basket = _counter_basket(row, terms, merchant_id, store_id, spend_fen)
    why = why_not_usable(coupon_piece(row, terms), basket, tenancy.local(now))
    if why is not None:
        raise because_of(why, row)
    use = PieceUse(
        piece_id=row.id,
        amount_fen=_counter_amount(row, terms, spend_fen),
        store_id=store_id,
        merchant_id=merchant_id,
        items=(taken or items(row.items_left)) if terms.kind is CouponKind.GROUP_BUY else (),
        basket_fen=spend_fen,
    )
    _take(row, _Use(use, f"check:{key}", None), now)
    return piece_card(row)


@dataclass(frozen=True, slots=True)
class _Use:
    use: PieceUse
    key: str
    bill_id: int | None


def _key(bill_id: int) -> str:
    return f"bill:{bill_id}"


def _take(row: Piece, taken: _Use, now: datetime) -> None:
    use, terms, who = taken.use, terms_of(row.campaign), scope.actor()
    if terms.kind is CouponKind.ECASH:
        if use.amount_fen > row.rest_fen:
            raise Refused(NOTHING_LEFT, left_fen=row.rest_fen)
        row.rest_fen -= use.amount_fen
    if terms.kind is CouponKind.GROUP_BUY:
        left = take_items(items(row.items_left), use.items)
        if left is None:
            raise Refused(NOTHING_LEFT, items_left=row.items_left)
        row.items_left = [list(item) for item in left]
    row.state = CouponState.USED if is_spent(terms, row.rest_fen, items(row.items_left)) else CouponState.UNUSED
    row.held_bill_id, row.held_at = None, None
    row.used_bill_id, row.used_at, row.used_by = taken.bill_id, now, who.name[:80]
    row.used_merchant_id, row.used_store_id = use.merchant_id, use.store_id
    row.used_amount_fen += use.amount_fen
    row.save()
    UseRow.objects.create(
        piece=row, key=taken.key, bill_id=taken.bill_id, merchant_id=use.merchant_id, store_id=use.store_id,
        amount_fen=use.amount_fen, basket_fen=use.basket_fen, items=[list(item) for item in use.items],
        by=who.name[:80], at=now,
    )  # fmt: skip
    publish(
        CouponRedeemed(
            piece_id=row.id, campaign_id=row.campaign_id, member_id=row.member_id, bill_id=taken.bill_id,
            merchant_id=use.merchant_id, store_id=use.store_id, amount_fen=use.amount_fen,
        )
    )  # fmt: skip


def _counter_basket(row: Piece, terms: CouponTerms, merchant_id: int, store_id: int, spend_fen: int) -> Basket:
    """What the rules ask about: the goods that the piece gives, at this counter, and what is spent beside it."""
    given: list[int | None] = [product for product, _ in items(row.items_left)]
    products = given or [*sorted(terms.scope.products_in)[:1]] or [None]
    category = next(iter(sorted(terms.scope.categories_in)), None)
    lines = tuple(
        Line(
            line_id=position, product_id=product, category_id=category, merchant_id=merchant_id, store_id=store_id,
            quantity=1, unit_fen=spend_fen if position == 0 else 0,
        )
        for position, product in enumerate(products)
    )  # fmt: skip
    return Basket(lines)


def _counter_amount(row: Piece, terms: CouponTerms, spend_fen: int) -> int:
    """What it takes off what is spent beside it; goods that are handed out have no price here."""
    if terms.kind in (CouponKind.CASH, CouponKind.DISCOUNT):
        return discount_for(terms, spend_fen)
    return min(row.rest_fen, spend_fen) if terms.kind is CouponKind.ECASH else 0
