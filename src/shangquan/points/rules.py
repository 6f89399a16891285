"""What spending earns. Pure."""

from collections.abc import Iterable, Mapping

from shangquan.kernel.money import BASIS
from shangquan.points.contracts import Line


def points_by_line(
    lines: Iterable[Line], paid_fen: Mapping[int, int], fen_per_point: Mapping[int, int]
) -> dict[int, int]:
    """Points that each line earns on the money paid for it.

    A line is worth `paid × multiplier ÷ fen per point of its merchant`; the bill earns the floor of the sum, and the
    lines share it by largest remainder, so that a line returned alone takes back a whole number.
    """
    rows = list(lines)
    # In units of 1 / (BASIS × the product of all rates), so that nothing is rounded before the end.
    scale = BASIS
    for rate in sorted(set(fen_per_point.values())):
        scale *= rate
    exact = {
        line.line_id: max(paid_fen.get(line.line_id, 0), 0)
        * line.points_multiplier_bp
        * (scale // BASIS // fen_per_point[line.merchant_id])
        for line in rows
    }
    whole = sum(exact.values()) // scale
    parts = {line_id: worth // scale for line_id, worth in exact.items()}
    by_remainder = sorted(exact, key=lambda line_id: (-(exact[line_id] % scale), line_id))
    for line_id in by_remainder[: whole - sum(parts.values())]:
        parts[line_id] += 1
    return parts


def split_take_back(points: int, available: int) -> tuple[int, int]:
    """(what leaves the balance now, what is owed): a refund never drives a balance below zero."""
    now = max(min(points, available), 0)
    return now, points - now


def split_earning(points: int, owed: int) -> tuple[int, int]:
    """(what pays a debt, what reaches the balance)."""
    debt = min(points, owed)
    return debt, points - debt
