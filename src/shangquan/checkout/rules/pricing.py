"""Price a basket with what the member may bring: the best combination, by line and payer, and why not the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from shangquan.checkout.contracts import (
    PREPAID,
    Basket,
    Choice,
    Deduction,
    DeductionKind,
    Limits,
    Line,
    Notice,
    Nudge,
    Offers,
    Quote,
    Share,
)
from shangquan.checkout.rules import search
from shangquan.checkout.rules.applying import Outcome, Step, settle_ecash
from shangquan.checkout.rules.explaining import ecash_not_used, not_better, refused_by_choice
from shangquan.checkout.rules.problem import Candidate, Problem, pose
from shangquan.coupons import rules as coupon_rules
from shangquan.coupons.contracts import CouponPiece, WhyNot
from shangquan.kernel.money import allocate
from shangquan.points.contracts import OWNER, REDEEMER, PayerShare

_NO_CHOICE = Choice()
_LIMITS = Limits()
_NUDGES = 2  # how many "add a little" offers are priced


def price(
    basket: Basket, offers: Offers, at_local: datetime, choice: Choice = _NO_CHOICE, limits: Limits = _LIMITS
) -> Quote:
    """The least that the member can pay for `basket`, by the order, roundings and ties of docs/algorithms/pricing.md.

    `at_local` is aware, in the district's zone. No coupon makes it fail: one that cannot be used is in `not_used`.
    """
    solved = _solve(basket, offers, at_local, choice, limits)
    quote = _quote(solved, offers, limits)
    return replace(quote, nudges=_nudges(quote, solved, offers, at_local, choice, limits))


def alternatives(
    n: int, basket: Basket, offers: Offers, at_local: datetime, choice: Choice = _NO_CHOICE, limits: Limits = _LIMITS
) -> list[Quote]:
    """At most `n` different combinations: the best one, then the best ones with each coupon that it leaves out."""
    solved = _solve(basket, offers, at_local, choice, limits)
    others: dict[frozenset[int], tuple[search.Key, _Solved]] = {}
    used = _used(solved.outcome)
    for candidate in solved.problem.candidates:
        if candidate.piece.piece_id in used:
            continue
        forced = replace(choice, forced=(candidate.piece.piece_id, *choice.forced))
        other = _solve(basket, offers, at_local, forced, limits)
        if _used(other.outcome) != used:
            others.setdefault(frozenset(_used(other.outcome)), (search.rank(other.outcome), other))
    ranked = sorted(others.values(), key=lambda pair: pair[0])
    return [_quote(one, offers, limits) for one in (solved, *(other for _, other in ranked))][:n]


@dataclass(slots=True)
class _Solved:
    basket: Basket
    problem: Problem
    outcome: Outcome
    whys: list[tuple[CouponPiece, WhyNot]]
    usable: list[CouponPiece]
    is_proven: bool


def _solve(basket: Basket, offers: Offers, at_local: datetime, choice: Choice, limits: Limits) -> _Solved:
    whys: list[tuple[CouponPiece, WhyNot]] = []
    usable: list[CouponPiece] = []
    for piece in offers.pieces:
        why = coupon_rules.why_not_usable(piece, basket, at_local) or refused_by_choice(piece, choice)
        if why is None:
            usable.append(piece)
        else:
            whys.append((piece, why))
    problem = pose(basket.lines, tuple(usable), offers, choice)
    forced = _legal_forced(problem, choice, limits)
    found = search.best(problem, forced, limits, only_forced=choice.only_forced)
    assert found is not None, "the forced combination was found legal"
    ecash = _ecash_in_turn(problem, choice)
    settle_ecash(problem, found.outcome, ecash)
    return _Solved(basket, problem, found.outcome, whys, usable, found.is_proven)


def _legal_forced(problem: Problem, choice: Choice, limits: Limits) -> tuple[Candidate, ...]:
    """The wanted coupons, in the member's order, as far as they go together."""
    by_id = {candidate.piece.piece_id: candidate for candidate in problem.candidates}
    kept: tuple[Candidate, ...] = ()
    for piece_id in dict.fromkeys(choice.forced):
        candidate = by_id.get(piece_id)
        if candidate is None or not all(search.together(candidate, other) for other in kept):
            continue
        if search.best(problem, (*kept, candidate), limits, only_forced=True) is not None:
            kept = (*kept, candidate)
    return kept


def _ecash_in_turn(problem: Problem, choice: Choice) -> list[Candidate]:
    wanted = {piece_id: place for place, piece_id in enumerate(choice.forced)}
    last = len(wanted)
    turns = sorted(problem.ecash, key=lambda c: (wanted.get(c.piece.piece_id, last), c.order))
    return [c for c in turns if c.piece.piece_id in wanted or not choice.only_forced]


def _used(outcome: Outcome) -> set[int]:
    return {step.candidate.piece.piece_id for step in outcome.steps if step.candidate is not None}


def _not_used(solved: _Solved, offers: Offers, limits: Limits) -> tuple[Notice, ...]:
    """Every piece that is not used with its reason, in the order in which the pieces were offered."""
    whys = {piece.piece_id: why for piece, why in (*solved.whys, *_left_out(solved, limits))}
    return tuple(
        Notice(piece.piece_id, piece.terms.title_zh, piece.terms.title_en, whys[piece.piece_id])
        for piece in offers.pieces
        if piece.piece_id in whys
    )


def _left_out(solved: _Solved, limits: Limits) -> Iterator[tuple[CouponPiece, WhyNot]]:
    used = _used(solved.outcome)
    by_id = {c.piece.piece_id: c for c in (*solved.problem.candidates, *solved.problem.ecash)}
    ecash = {c.piece.piece_id for c in solved.problem.ecash}
    for piece in solved.usable:
        if piece.piece_id in used:
            continue
        if piece.piece_id in ecash:
            yield piece, ecash_not_used(by_id[piece.piece_id], solved.problem, solved.outcome)
        else:
            candidate = by_id.get(piece.piece_id)
            alone = None if candidate is None else search.best(solved.problem, (candidate,), limits, only_forced=True)
            yield piece, not_better(piece, alone, solved.outcome)


def _quote(solved: _Solved, offers: Offers, limits: Limits) -> Quote:
    deductions = tuple(_deduction(step, solved.problem) for step in solved.outcome.steps)
    prepaid = sum(d.amount_fen for d in deductions if d.kind in PREPAID)
    return Quote(
        lines=solved.basket.lines,
        deductions=deductions,
        list_fen=solved.problem.total,
        saved_fen=sum(d.amount_fen for d in deductions) - prepaid,
        prepaid_fen=prepaid,
        payable_fen=solved.outcome.payable,
        points_used=solved.outcome.points,
        not_used=_not_used(solved, offers, limits),
        is_proven=solved.is_proven,
    )


def _deduction(step: Step, problem: Problem) -> Deduction:
    ref, title_zh, title_en, payers = _title(step, problem)
    shares = tuple(share for i, part in sorted(step.parts.items()) for share in _shares(part, problem.lines[i], payers))
    return Deduction(step.kind, ref, title_zh, title_en, step.amount, shares, step.points, step.items)


def _title(step: Step, problem: Problem) -> tuple[str, str, str, tuple[PayerShare, ...]]:
    if step.candidate is not None:
        terms = step.candidate.piece.terms
        return str(step.candidate.piece.piece_id), terms.title_zh, terms.title_en, terms.payers
    if step.kind is DeductionKind.TIER:
        assert problem.tier is not None
        return problem.tier.tier, problem.tier.title_zh, problem.tier.title_en, problem.tier.payers
    assert problem.points is not None
    return "points", f"{step.points:,} 积分抵扣", f"{step.points:,} points", problem.points.payers


def _shares(part: int, line: Line, payers: Iterable[PayerShare]) -> list[Share]:
    """A line's part, split to those who bear it; `redeemer` is the merchant of the line."""
    bearers: dict[str, int] = {}
    for share in payers:
        payer = f"merchant:{line.merchant_id}" if share.payer == REDEEMER else share.payer
        bearers[payer] = bearers.get(payer, 0) + share.bp
    names = sorted(bearers, key=lambda payer: (payer != OWNER, payer))
    amounts = allocate(part, [bearers[name] for name in names])
    return [Share(line.line_id, name, amount) for name, amount in zip(names, amounts, strict=True) if amount]


def _nudges(
    quote: Quote, solved: _Solved, offers: Offers, at_local: datetime, choice: Choice, limits: Limits
) -> tuple[Nudge, ...]:
    """What adding a little would change: only what makes the whole bill cheaper, the smallest addition first."""
    if choice.only_forced:
        return ()
    short = [(int(why.data["short_fen"]), piece) for piece, why in solved.whys if why.code == "min_spend"]
    near = [(fen, piece) for fen, piece in short if 0 < fen * 2 <= quote.list_fen]
    nudges: list[Nudge] = []
    for short_fen, piece in sorted(near, key=lambda pair: (pair[0], pair[1].piece_id))[:_NUDGES]:
        filler = _filler(piece, short_fen, choice.fillers)
        added = _added_line(piece, solved.basket, short_fen, filler)
        bigger = replace(solved.basket, lines=(*solved.basket.lines, added))
        forced = replace(choice, forced=(piece.piece_id, *choice.forced))
        other = _solve(bigger, offers, at_local, forced, replace(limits, trials=limits.trials // 4))
        if piece.piece_id in _used(other.outcome) and other.outcome.payable < quote.payable_fen:
            terms = piece.terms
            add_fen = added.list_fen
            payable = other.outcome.payable
            nudges.append(
                Nudge(piece.piece_id, terms.title_zh, terms.title_en, add_fen, payable, added if filler else None)
            )
    return tuple(nudges)


def _filler(piece: CouponPiece, short_fen: int, fillers: Iterable[Line]) -> Line | None:
    """The offered goods that reach the minimum for the least, as many pieces of one line as needed."""
    fitting = [
        replace(line, quantity=-(-short_fen // line.unit_fen))
        for line in coupon_rules.spend_lines(piece.terms, fillers)
        if line.unit_fen > 0
    ]
    return min(fitting, key=lambda line: line.list_fen, default=None)


def _added_line(piece: CouponPiece, basket: Basket, short_fen: int, filler: Line | None) -> Line:
    line_id = max(line.line_id for line in basket.lines) + 1
    if filler is not None:
        return replace(filler, line_id=line_id)
    model = coupon_rules.spend_lines(piece.terms, basket.lines)
    like = model[0] if model else basket.lines[0]
    return replace(like, line_id=line_id, quantity=1, unit_fen=short_fen, title="")
