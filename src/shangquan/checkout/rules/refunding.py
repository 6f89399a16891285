"""Refund sums by the cumulative method: whatever the sequence, returning everything gives exactly what was paid.

For each line, what must have gone back after `k` of its `n` pieces is computed from scratch, and what went back before
is taken off it. The list price of the returned pieces is exact; it is split into money and shares by Sainte-Laguë's
divisor method, which never takes a fen back when one more piece is returned and ends at the original amounts
(M. L. Balinski, H. P. Young, Fair Representation, 1982). Counts (points, commission) use floor(total × k ÷ n).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from shangquan.checkout.contracts import DeductionKind, PaidLine, PaidShare, RefundedLine, RefundSums

# Coupons that go back whole or not at all; ecash is money and goes back by amount.
_WHOLE_COUPONS = frozenset(
    {DeductionKind.GROUP_BUY, DeductionKind.EXCHANGE, DeductionKind.DISCOUNT, DeductionKind.CASH}
)


def refund_of(
    lines: Sequence[PaidLine],
    returned: Mapping[int, int],
    earlier: Mapping[int, int],
    *,
    expires: Mapping[str, datetime] | None = None,
    now: datetime | None = None,
) -> RefundSums:
    """What goes back when `returned` pieces (by line id) come back after `earlier` ones.

    Raises ValueError for an unknown line, a quantity below 1 or more than is left. A coupon goes back to the member
    when this return completes every line it touched and it has not expired at `now` (`expires` by coupon ref; a ref
    that is not there never expires). Ecash goes back by amount.
    """
    by_id = {line.line_id: line for line in lines}
    for line_id, quantity in returned.items():
        if line_id not in by_id or quantity < 1 or earlier.get(line_id, 0) + quantity > by_id[line_id].quantity:
            raise ValueError(f"line {line_id}: {quantity} pieces cannot be returned")
    after = {line.line_id: earlier.get(line.line_id, 0) + returned.get(line.line_id, 0) for line in lines}
    parts = tuple(
        _difference(_went_back(line, after[line.line_id]), _went_back(line, earlier.get(line.line_id, 0)))
        for line in lines
        if line.line_id in returned
    )
    completed = _completed(lines, after) - _completed(lines, {i: earlier.get(i, 0) for i in by_id})
    is_alive = {ref: now is None or expires is None or ref not in expires or now < expires[ref] for ref in completed}
    return RefundSums(
        lines=parts,
        coupons_back=tuple(sorted(ref for ref in completed if is_alive[ref])),
        coupons_lost=tuple(sorted(ref for ref in completed if not is_alive[ref])),
        is_whole=all(after[line.line_id] == line.quantity for line in lines),
    )


def _went_back(line: PaidLine, pieces: int) -> RefundedLine:
    """All that must have gone back for `pieces` of this line."""
    list_fen = line.list_fen * pieces // line.quantity
    amounts = split(list_fen, [line.paid_fen, *(share.amount_fen for share in line.shares)])
    return RefundedLine(
        line_id=line.line_id,
        quantity=pieces,
        list_fen=list_fen,
        paid_fen=amounts[0],
        shares=tuple(replace(share, amount_fen=amount) for share, amount in zip(line.shares, amounts[1:], strict=True)),
        points_used=line.points_used * pieces // line.quantity,
        points_earned=line.points_earned * pieces // line.quantity,
        commission_fen=line.commission_fen * pieces // line.quantity,
    )


def _difference(after: RefundedLine, before: RefundedLine) -> RefundedLine:
    shares: list[PaidShare] = [
        replace(now, amount_fen=now.amount_fen - was.amount_fen)
        for now, was in zip(after.shares, before.shares, strict=True)
    ]
    return RefundedLine(
        line_id=after.line_id,
        quantity=after.quantity - before.quantity,
        list_fen=after.list_fen - before.list_fen,
        paid_fen=after.paid_fen - before.paid_fen,
        shares=tuple(shares),
        points_used=after.points_used - before.points_used,
        points_earned=after.points_earned - before.points_earned,
        commission_fen=after.commission_fen - before.commission_fen,
    )


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` (at most the sum of `weights`) by Sainte-Laguë: growing totals never take from a part.

    Each next fen goes to the largest weight ÷ (2 × fen so far + 1), the first on ties; at the full sum the parts are
    the weights themselves.
    """
    whole = sum(weights)
    if not 0 <= total <= whole:
        raise ValueError("the total lies between 0 and the sum of the weights")
    if whole == 0:
        return [0] * len(weights)
    # Rounding the quota gives the split of a total close by; from there walk fen by fen to the exact one.
    parts = [(2 * total * weight + whole) // (2 * whole) for weight in weights]
    while sum(parts) < total:
        best = max(range(len(weights)), key=lambda i: (Fraction(weights[i], 2 * parts[i] + 1), -i))
        parts[best] += 1
    while sum(parts) > total:
        worst = min(
            (i for i in range(len(weights)) if parts[i]), key=lambda i: (Fraction(weights[i], 2 * parts[i] - 1), -i)
        )
        parts[worst] -= 1
    return parts


def _completed(lines: Sequence[PaidLine], returned: Mapping[int, int]) -> set[str]:
    """Refs of the coupons of which every touched line has been returned whole."""
    whole: dict[str, bool] = {}
    for line in lines:
        for share in line.shares:
            if share.kind in _WHOLE_COUPONS and share.amount_fen:
                whole[share.ref] = whole.get(share.ref, True) and returned[line.line_id] == line.quantity
    return {ref for ref, is_whole in whole.items() if is_whole}
