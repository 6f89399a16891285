"""The exact best combination by branch and bound.

A node is a combination; its children add one later candidate. What a branch may still take off is bounded from above
by the ceilings of the candidates that stay compatible, one campaign a group: a coupon never takes off more in company
than its ceiling on list prices. The bound starts from the list price less the ceilings of the node's own coupons, or,
closer, from what the node itself leaves due (adding a coupon lowers every line, so the others take no more than before,
but for a fen a line of rounding). A branch is cut when even that bound cannot beat the best found so far. After
`Limits.trials` priced combinations the search stops and says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shangquan.checkout.contracts import Limits
from shangquan.checkout.rules.applying import Outcome, apply, tier_part
from shangquan.checkout.rules.problem import Candidate, Pick, Problem

Key = tuple[object, ...]


@dataclass(slots=True)
class Found:
    """The best combination, whether it is proven to be the best, and how many combinations were priced."""

    outcome: Outcome
    is_proven: bool
    trials: int


def together(one: Candidate, other: Candidate) -> bool:
    """May both be used on one bill? Exclusive stands alone; one campaign a group; both must bear the other's group."""
    a, b = one.piece.terms.stacking, other.piece.terms.stacking
    if a.exclusive or b.exclusive:
        return False
    if one.piece.terms.campaign_id == other.piece.terms.campaign_id:
        return min(a.per_bill, b.per_bill) > 1
    if a.group == b.group:
        return False
    return (a.stacks_with is None or b.group in a.stacks_with) and (b.stacks_with is None or a.group in b.stacks_with)


def within_counts(picks: Iterable[Pick], limits: Limits) -> bool:
    """No more pieces than a bill may hold, nor more of a campaign than its `per_bill`."""
    counts: dict[int, int] = {}
    for pick in picks:
        terms = pick.candidate.piece.terms
        counts[terms.campaign_id] = counts.get(terms.campaign_id, 0) + 1
        if counts[terms.campaign_id] > terms.stacking.per_bill:
            return False
    return sum(counts.values()) <= limits.coupons


def rank(outcome: Outcome) -> Key:
    """Lower is better: due, points, number of coupons, expiring first, lower ids, first target line."""
    pieces = [pick.candidate.piece for pick in outcome.picks]
    return (
        outcome.due,
        outcome.points,
        len(pieces),
        tuple(sorted(piece.valid_to for piece in pieces)),
        tuple(sorted(piece.piece_id for piece in pieces)),
        tuple((pick.candidate.piece.piece_id, pick.target) for pick in outcome.picks),
    )


def best(problem: Problem, forced: tuple[Candidate, ...], limits: Limits, *, only_forced: bool = False) -> Found | None:
    """The best legal combination that holds all `forced` candidates; None when no legal combination holds them."""
    return _Search(problem, forced, limits, only_forced).run()


class _Search:
    def __init__(self, problem: Problem, forced: tuple[Candidate, ...], limits: Limits, only_forced: bool) -> None:
        self.problem, self.limits, self.forced = problem, limits, forced
        kept = {candidate.piece.piece_id for candidate in forced}
        self.free = [] if only_forced else [c for c in problem.candidates if c.piece.piece_id not in kept]
        self.allowed = [
            sum(1 << j for j, other in enumerate(self.free) if j > i and together(candidate, other))
            for i, candidate in enumerate(self.free)
        ]
        names = {c.piece.terms.stacking.group for c in self.free}
        groups = {name: i for i, name in enumerate(sorted(names))}
        self.group = [groups[c.piece.terms.stacking.group] for c in self.free]
        self.per_group = [0] * len(groups)
        for i, candidate in enumerate(self.free):
            per_bill = candidate.piece.terms.stacking.per_bill
            self.per_group[self.group[i]] = max(self.per_group[self.group[i]], per_bill)
        self.tier_most = sum(tier_part(problem, problem.lines[i].list_fen) for i in problem.tier_lines)
        # What fen-rounding of allocations may shift in all: a fen a line a coupon.
        self.slack = len(problem.lines) * (limits.coupons + 1)
        self.found: Outcome | None = None
        self.key: Key = ()
        self.trials = 0

    def run(self) -> Found | None:
        mask = sum(1 << j for j, other in enumerate(self.free) if all(together(one, other) for one in self.forced))
        for picks in _targets(self.forced):
            due = self._try(picks)
            self._grow(picks, mask, 0, sum(pick.candidate.ceiling for pick in picks), due)
        if self.found is None:
            return None
        full = apply(self.problem, self.found.picks)
        assert full is not None, "a sketch is legal when the whole is"
        return Found(full, self.trials <= self.limits.trials, self.trials)

    def _try(self, picks: tuple[Pick, ...]) -> int:
        """Price `picks`; what is due before points, or -1 when they are not legal."""
        self.trials += 1
        if self.trials > self.limits.trials or not within_counts(picks, self.limits):
            return -1
        outcome = apply(self.problem, picks, is_sketch=True)
        if outcome is None:
            return -1
        if self.found is None or outcome.due <= self.found.due:
            key = rank(outcome)
            if self.found is None or key < self.key:
                self.found, self.key = outcome, key
        return outcome.before_points

    def _grow(self, picks: tuple[Pick, ...], mask: int, start: int, ceilings: int, due: int) -> None:
        if len(picks) >= self.limits.coupons:
            return
        points = all(pick.candidate.piece.terms.stacking.with_points for pick in picks)
        tier = all(pick.candidate.piece.terms.stacking.with_tier for pick in picks)
        least = max(self.problem.total - ceilings - (self.tier_most if tier else 0), due - self.slack)
        for j in range(start, len(self.free)):
            if not mask >> j & 1:
                continue
            if self.trials > self.limits.trials or self._is_hopeless(len(picks), mask >> j << j, least, points):
                return
            candidate = self.free[j]
            for target in candidate.targets:
                grown = (*picks, Pick(candidate, target))
                after = self._try(grown)
                self._grow(grown, mask & self.allowed[j], j + 1, ceilings + candidate.ceiling, after)

    def _is_hopeless(self, count: int, mask: int, before: int, points: bool) -> bool:
        """Can no combination of the picks (of which `before` is due at least) and some of `mask` beat the best?"""
        if self.found is None:
            return False
        most = self._most(count, mask)
        least = self._least_due(before - sum(most), points)
        if least != self.found.due:
            return least > self.found.due
        return self.found.points == 0 and self._fewest(count, most, before, points) > len(self.found.picks)

    def _most(self, count: int, mask: int) -> list[int]:
        """Ceilings of what may still be added, largest first, one campaign a group, as many as the bill may hold."""
        room = self.limits.coupons - count
        open_places = self.per_group.copy()
        most: list[int] = []
        while mask and len(most) < room:
            lowest = mask & -mask
            j = lowest.bit_length() - 1
            mask ^= lowest
            if open_places[self.group[j]]:
                open_places[self.group[j]] -= 1
                most.append(self.free[j].ceiling)
        return most

    def _least_due(self, before_points: int, points: bool) -> int:
        """A lower bound: what is due after points never falls when what is due before them rises."""
        floor = max(before_points, 0)
        offer = self.problem.points
        if offer is None or not points:
            return floor
        worth = offer.balance * 100 // offer.points_per_yuan
        return floor - min(worth, floor * offer.max_share_bp // 10_000)

    def _fewest(self, count: int, most: list[int], before: int, points: bool) -> int:
        """How many coupons it takes at least to reach the best found (`most` is sorted: the first ones do, or none)."""
        assert self.found is not None
        count, left = count + 1, before - (most[0] if most else 0)
        for ceiling in most[1:]:
            if self._least_due(left, points) <= self.found.due:
                break
            count, left = count + 1, left - ceiling
        return count


def _targets(candidates: tuple[Candidate, ...]) -> Iterator[tuple[Pick, ...]]:
    """Every way to point the exchange coupons among `candidates` at lines."""
    if not candidates:
        yield ()
        return
    for target in candidates[0].targets:
        for rest in _targets(candidates[1:]):
            yield (Pick(candidates[0], target), *rest)
