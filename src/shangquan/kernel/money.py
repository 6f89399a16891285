"""Money is integer fen. Points are integers. Nothing here rounds silently."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shangquan.kernel.errors import BAD_INPUT, Refused

BASIS = 10_000  # basis points in a whole


def yuan(fen: int) -> str:
    """15800 -> '158.00'; -3000 -> '-30.00'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str) -> int:
    """'158', '158.5', '￥1,580.00', full-width digits -> fen. Refuses more than two decimals, negatives and non-numbers."""
    wide = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
    cleaned = text.translate(wide).strip().lstrip("¥￥").replace(",", "").replace(" ", "")
    try:
        fen = Decimal(cleaned) * 100
    except InvalidOperation:
        raise Refused(BAD_INPUT, why=f"金额写不对：{text[:20]}") from None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen <= 10**12:
        raise Refused(BAD_INPUT, why=f"金额写不对：{text[:20]}")
    return int(fen)


def share(amount: int, basis_points: int) -> int:
    """`basis_points` of `amount`, half up away from zero: the one rounding for rates (docs/algorithms/pricing.md)."""
    exact = Decimal(amount) * basis_points / BASIS
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` so that the parts sum to it exactly (largest remainder, earlier first on ties).

    Weights are not negative. When all weights are 0 the total must be 0.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to allocate to")
        return [0] * len(weights)
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // whole for weight in weights]
    remainders = [abs(total) * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in order[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
