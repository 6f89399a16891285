"""Pure decisions about coupons: may this piece be used here and now, on which lines, for how much. No clock, no I/O."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shangquan.coupons.contracts import (
    Basket,
    CouponKind,
    CouponPiece,
    CouponState,
    CouponTerms,
    Hours,
    Line,
    Validity,
    WhyNot,
)
from shangquan.kernel.money import share, yuan

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STATES = {
    CouponState.USED: WhyNot("used", "已使用", "already used"),
    CouponState.HELD: WhyNot("held", "正用于另一笔付款", "set aside for another payment"),
    CouponState.GIVING: WhyNot("giving", "转赠中，收回后可用", "being given away; recall it to use it"),
    CouponState.GIVEN: WhyNot("given", "已送给别人", "given to somebody else"),
    CouponState.VOID: WhyNot("void", "已作废", "withdrawn"),
}


def why_not_usable(piece: CouponPiece, basket: Basket, at_local: datetime) -> WhyNot | None:
    """The first reason why `piece` cannot be used on `basket`, or None when it can be considered.

    `at_local` is aware, in the district's zone: weekdays and hours are read off it. Asked in this order: state, dates,
    kind, weekday, hour, merchant, store, goods, what is left on the piece, minimum spend.
    """
    return (
        _why_not_state(piece, basket)
        or _why_not_dates(piece, at_local)
        or _why_not_now(piece.terms, at_local)
        or _why_not_here(piece.terms, basket)
        or _why_not_goods(piece, basket)
        or _why_not_enough(piece.terms, basket)
    )


def eligible_lines(piece: CouponPiece, lines: Iterable[Line]) -> list[Line]:
    """The lines that this piece may take something off: place and goods fit its scope (or its items)."""
    terms = piece.terms
    if terms.kind is CouponKind.PARKING:
        return []
    if terms.kind is CouponKind.GROUP_BUY:
        left = {product for product, pieces in piece.items_left if pieces > 0}
        return [line for line in lines if line.product_id in left and terms.scope.has_place(line)]
    return [line for line in lines if terms.scope.has_place(line) and terms.scope.has_goods(line)]


def spend_lines(terms: CouponTerms, lines: Iterable[Line]) -> list[Line]:
    """The lines whose list price counts for the minimum spend.

    Those that the coupon works on; for exchange and group vouchers, which give goods, all lines of its places.
    """
    in_place = [line for line in lines if terms.scope.has_place(line)]
    if terms.kind in (CouponKind.EXCHANGE, CouponKind.GROUP_BUY):
        return in_place
    return [line for line in in_place if terms.scope.has_goods(line)]


def discount_for(terms: CouponTerms, base_fen: int) -> int:
    """What a cash voucher or a percent discount takes off an eligible amount of `base_fen`: never more than the amount.

    A percentage is rounded half up to the fen, then capped. Other kinds do not work on an amount: ValueError.
    """
    if terms.kind is CouponKind.CASH:
        return min(terms.amount_fen, base_fen)
    if terms.kind is CouponKind.DISCOUNT:
        off = share(base_fen, 10_000 - terms.payable_bp)
        return off if terms.cap_fen is None else min(off, terms.cap_fen)
    raise ValueError(f"{terms.kind} does not take an amount off")


def valid_window(claimed_at: datetime, validity: Validity) -> tuple[datetime, datetime]:
    """From (included) and to (excluded) of a piece claimed at `claimed_at`, which is aware in the district's zone.

    Raises ValueError when the validity has no end, or when nothing is left of it at the claim.
    """
    begins = claimed_at
    if validity.begins_after_days:
        begins = _midnight(claimed_at, validity.begins_after_days)
    if validity.starts_at is not None:
        begins = max(begins, validity.starts_at)
    ends = [] if validity.ends_at is None else [validity.ends_at]
    if validity.days is not None:
        ends.append(_midnight(begins.astimezone(claimed_at.tzinfo), validity.days))
    if not ends:
        raise ValueError("a validity needs an end or a number of days")
    if min(ends) <= begins:
        raise ValueError("nothing is left of this validity")
    return begins, min(ends)


def _midnight(at_local: datetime, days: int) -> datetime:
    return (at_local + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def _why_not_state(piece: CouponPiece, basket: Basket) -> WhyNot | None:
    if piece.state is CouponState.HELD and basket.bill_id is not None and piece.held_for == basket.bill_id:
        return None
    return _STATES.get(piece.state)


def _why_not_dates(piece: CouponPiece, at_local: datetime) -> WhyNot | None:
    if at_local < piece.valid_from:
        opens = piece.valid_from.astimezone(at_local.tzinfo)
        return WhyNot(
            "too_early",
            f"{opens:%m.%d %H:%M} 起可用",
            f"valid from {opens:%Y-%m-%d %H:%M}",
            {"valid_from": piece.valid_from.isoformat()},
        )
    if at_local >= piece.valid_to:
        ended = piece.valid_to.astimezone(at_local.tzinfo)
        return WhyNot(
            "expired",
            f"{ended:%m.%d %H:%M} 已过期",
            f"expired on {ended:%Y-%m-%d %H:%M}",
            {"valid_to": piece.valid_to.isoformat()},
        )
    return None


def _why_not_now(terms: CouponTerms, at_local: datetime) -> WhyNot | None:
    if terms.kind is CouponKind.PARKING:
        return WhyNot("gate_only", "出场时使用", "used at the car park exit")
    minute = at_local.hour * 60 + at_local.minute
    days = {day for hours in terms.hours or (Hours(0, 1440),) if (day := _day_within(hours, minute, at_local.date()))}
    if not days:
        spans = "、".join(f"{_clock(span.start)}–{_clock(span.end)}" for span in terms.hours)
        return WhyNot("hour", f"{spans} 可用", f"valid {spans.replace('、', ', ')}", {"hours": spans})
    if terms.weekdays and not any(day.weekday() in terms.weekdays for day in days):
        zh = "、".join(f"周{_WEEKDAYS_ZH[day]}" for day in sorted(terms.weekdays))
        en = ", ".join(_WEEKDAYS_EN[day] for day in sorted(terms.weekdays))
        return WhyNot("weekday", f"{zh}可用", f"valid on {en}", {"weekdays": en})
    return None


def _day_within(hours: Hours, minute: int, today: date) -> date | None:
    """The day whose span covers this minute: after midnight, 22:00–02:00 still belongs to the day before."""
    if hours.start < hours.end:
        return today if hours.start <= minute < hours.end else None
    if minute >= hours.start:
        return today
    return today - timedelta(days=1) if minute < hours.end else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _why_not_here(terms: CouponTerms, basket: Basket) -> WhyNot | None:
    if not any(terms.scope.has_merchant(line) for line in basket.lines):
        return WhyNot("wrong_merchant", "不能在这家商户使用", "not valid at this merchant")
    if not any(terms.scope.has_place(line) for line in basket.lines):
        return WhyNot("wrong_store", "不能在这家门店使用", "not valid at this store")
    return None


def _why_not_goods(piece: CouponPiece, basket: Basket) -> WhyNot | None:
    terms = piece.terms
    if terms.kind is CouponKind.GROUP_BUY and not any(pieces > 0 for _, pieces in piece.items_left):
        return WhyNot("nothing_left", "套餐内容已用完", "all items of this voucher have been used")
    if terms.kind is CouponKind.ECASH and piece.rest_fen <= 0:
        return WhyNot("nothing_left", "余额已用完", "nothing is left on this piece")
    if not eligible_lines(piece, basket.lines):
        return WhyNot("no_eligible_product", "本单没有可用的商品", "no product on this bill can use it")
    return None


def _why_not_enough(terms: CouponTerms, basket: Basket) -> WhyNot | None:
    spent = sum(line.list_fen for line in spend_lines(terms, basket.lines))
    return short_by(terms.min_spend_fen - spent) if spent < terms.min_spend_fen else None


def short_by(short_fen: int) -> WhyNot:
    """The minimum spend is missed by `short_fen`."""
    return WhyNot("min_spend", f"还差 ¥{yuan(short_fen)}", f"¥{yuan(short_fen)} short", {"short_fen": short_fen})
