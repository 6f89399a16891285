"""Price one combination: the order of application and the roundings of docs/algorithms/pricing.md, step by step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shangquan.checkout.contracts import DeductionKind
from shangquan.checkout.rules.problem import Candidate, Pick, Problem
from shangquan.coupons import rules as coupon_rules
from shangquan.coupons.contracts import CouponKind
from shangquan.kernel.money import allocate
from shangquan.points.contracts import PointsOffer


@dataclass(slots=True)
class Step:
    """One deduction: its amount and what each line gets of it (`parts`, by line index)."""

    kind: DeductionKind
    amount: int
    parts: dict[int, int]
    candidate: Candidate | None = None
    points: int = 0
    items: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Outcome:
    """A priced combination. `due` is what is left after points and before ecash, `payable` after ecash."""

    picks: tuple[Pick, ...]
    steps: list[Step] = field(default_factory=list)
    before_points: int = 0
    due: int = 0
    payable: int = 0
    points: int = 0


@dataclass(slots=True)
class _Amounts:
    """`open`: left on pieces that no voucher gave; `fixed`: prices of exchanged pieces; `covered`: pieces given."""

    open: list[int]
    fixed: list[int]
    covered: list[int]


def apply(problem: Problem, picks: Sequence[Pick], *, is_sketch: bool = False) -> Outcome | None:
    """Apply `picks` in order; None when it is not legal: a minimum is missed or a pick takes nothing off.

    A sketch has the same sums, but leaves out which line bears the last steps: the search asks for sums alone.
    """
    ordered = sorted(picks, key=lambda pick: pick.candidate.order)
    outcome = Outcome(tuple(ordered))
    amounts = _Amounts(
        [unit * pieces for unit, pieces in zip(problem.unit, problem.quantity, strict=True)],
        [0] * len(problem.unit),
        [0] * len(problem.unit),
    )
    for pick in ordered:
        if pick.candidate.kind is CouponKind.GROUP_BUY:
            outcome.steps.append(_give_items(problem, amounts, pick.candidate))
        elif pick.candidate.kind is CouponKind.EXCHANGE:
            outcome.steps.append(_exchange(problem, amounts, pick))
    if not _reach_minimum(ordered, amounts.open):
        return None
    if problem.tier is not None and all(pick.candidate.piece.terms.stacking.with_tier for pick in ordered):
        _tier(problem, amounts, outcome)
    points = problem.points
    if points is not None and not all(pick.candidate.piece.terms.stacking.with_points for pick in ordered):
        points = None
    is_whole = points is None or len(problem.points_lines) == len(problem.lines)
    offs = [pick.candidate for pick in ordered if pick.candidate.kind in (CouponKind.DISCOUNT, CouponKind.CASH)]
    for candidate in offs:
        outcome.steps.append(
            _amount_off(amounts, candidate, spread=not (is_sketch and is_whole and candidate is offs[-1]))
        )
    if any(step.amount <= 0 for step in outcome.steps):
        return None
    left = [open_fen + fixed for open_fen, fixed in zip(amounts.open, amounts.fixed, strict=True)]
    unspread = outcome.steps[-1].amount if outcome.steps and not outcome.steps[-1].parts else 0
    outcome.before_points = outcome.due = sum(left) - unspread
    if points is not None:
        base = outcome.before_points if is_whole else sum(left[i] for i in problem.points_lines)
        outcome.points, amount = points_for(points, base)
        outcome.due -= amount
        if amount and not is_sketch:
            parts = _spread(amount, left, problem.points_lines)
            outcome.steps.append(Step(DeductionKind.POINTS, amount, parts, points=outcome.points))
    return outcome


def settle_ecash(problem: Problem, outcome: Outcome, ecash: Iterable[Candidate]) -> None:
    """Pay from ecash pieces in turn, expiring first; an undividable piece only when it is used up whole."""
    given = dict.fromkeys(range(len(problem.unit)), 0)
    left = [unit * pieces for unit, pieces in zip(problem.unit, problem.quantity, strict=True)]
    for step in outcome.steps:
        for i, part in step.parts.items():
            left[i] -= part
            if step.kind in (DeductionKind.GROUP_BUY, DeductionKind.EXCHANGE):
                given[i] += _pieces_given(problem, step, i)
    base = [problem.unit[i] * (problem.quantity[i] - given[i]) for i in range(len(left))]
    for candidate in ecash:
        piece = candidate.piece
        open_fen = sum(left[i] for i in candidate.eligible)
        if sum(base[i] for i in candidate.spend) < piece.terms.min_spend_fen or open_fen == 0:
            continue
        if not piece.terms.is_divisible and open_fen < piece.rest_fen:
            continue
        amount = min(piece.rest_fen, open_fen)
        parts = _spread(amount, left, candidate.eligible)
        outcome.steps.append(Step(DeductionKind.ECASH, amount, parts, candidate))
    outcome.payable = sum(left)


def _pieces_given(problem: Problem, step: Step, i: int) -> int:
    return 1 if step.kind is DeductionKind.EXCHANGE else step.parts[i] // problem.unit[i]


def _give_items(problem: Problem, amounts: _Amounts, candidate: Candidate) -> Step:
    """A group voucher gives as many of its items as the basket holds, the dearest pieces first."""
    parts: dict[int, int] = {}
    items: list[tuple[int, int]] = []
    for product, pieces in candidate.piece.items_left:
        lines = [i for i in candidate.eligible if problem.lines[i].product_id == product and problem.unit[i] > 0]
        wanted = pieces
        for i in sorted(lines, key=lambda i: (-problem.unit[i], i)):
            taken = min(wanted, problem.quantity[i] - amounts.covered[i])
            if taken > 0:
                wanted -= taken
                amounts.covered[i] += taken
                amounts.open[i] -= taken * problem.unit[i]
                parts[i] = parts.get(i, 0) + taken * problem.unit[i]
        if wanted < pieces:
            items.append((product, pieces - wanted))
    return Step(DeductionKind.GROUP_BUY, sum(parts.values()), parts, candidate, items=tuple(items))


def _exchange(problem: Problem, amounts: _Amounts, pick: Pick) -> Step:
    i, fixed = pick.target, pick.candidate.piece.terms.fixed_price_fen
    if amounts.covered[i] >= problem.quantity[i]:
        return Step(DeductionKind.EXCHANGE, 0, {}, pick.candidate)
    amounts.covered[i] += 1
    amounts.open[i] -= problem.unit[i]
    amounts.fixed[i] += fixed
    saving = problem.unit[i] - fixed
    return Step(DeductionKind.EXCHANGE, saving, {i: saving}, pick.candidate)


def _reach_minimum(picks: Sequence[Pick], base: Sequence[int]) -> bool:
    """`base` is the list price of pieces no voucher gave; the n-th piece of a campaign needs n times its minimum."""
    counts: dict[int, int] = {}
    for pick in picks:
        terms = pick.candidate.piece.terms
        counts[terms.campaign_id] = counts.get(terms.campaign_id, 0) + 1
        needed = terms.min_spend_fen * counts[terms.campaign_id]
        if needed and sum(base[i] for i in pick.candidate.spend) < needed:
            return False
    return True


def _tier(problem: Problem, amounts: _Amounts, outcome: Outcome) -> None:
    """The member price is struck line by line, half up, as it is shown on each line."""
    parts = {i: part for i in problem.tier_lines if (part := tier_part(problem, amounts.open[i]))}
    for i, part in parts.items():
        amounts.open[i] -= part
    if parts:
        outcome.steps.append(Step(DeductionKind.TIER, sum(parts.values()), parts))


def tier_part(problem: Problem, amount: int) -> int:
    """What the tier takes off one line's amount: half up to the fen."""
    assert problem.tier is not None
    return (amount * (10_000 - problem.tier.payable_bp) * 2 + 10_000) // 20_000


def _amount_off(amounts: _Amounts, candidate: Candidate, *, spread: bool) -> Step:
    base = sum(amounts.open[i] for i in candidate.eligible)
    amount = coupon_rules.discount_for(candidate.piece.terms, base)
    kind = DeductionKind.CASH if candidate.kind is CouponKind.CASH else DeductionKind.DISCOUNT
    parts = _spread(amount, amounts.open, candidate.eligible) if spread else {}
    return Step(kind, amount, parts, candidate)


def _spread(amount: int, amounts: list[int], eligible: Sequence[int]) -> dict[int, int]:
    """Take `amount` off the eligible lines in proportion to what is left on them."""
    if amount == 0:
        return {}
    shares = allocate(amount, [amounts[i] for i in eligible])
    for i, part in zip(eligible, shares, strict=True):
        amounts[i] -= part
    return {i: part for i, part in zip(eligible, shares, strict=True) if part}


def points_for(offer: PointsOffer, base_fen: int) -> tuple[int, int]:
    """The fewest points that pay the most allowed of `base_fen`, and their fen; (0, 0) below the minimum."""
    cap = base_fen * offer.max_share_bp // 10_000
    most = min(offer.balance, ((cap + 1) * offer.points_per_yuan - 1) // 100)
    amount = most // offer.step * offer.step * 100 // offer.points_per_yuan
    needed = max(-(-amount * offer.points_per_yuan // 100), offer.minimum)
    points = -(-needed // offer.step) * offer.step
    if amount == 0 or points > most:
        return 0, 0
    return points, amount
