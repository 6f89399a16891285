"""Why a usable coupon was left out: said in one short sentence that the till and the phone show beside it."""

from shangquan.checkout.contracts import Choice, DeductionKind
from shangquan.checkout.rules.applying import Outcome
from shangquan.checkout.rules.problem import Candidate, Problem
from shangquan.checkout.rules.search import Found
from shangquan.coupons.contracts import CouponPiece, WhyNot
from shangquan.coupons.rules import short_by
from shangquan.kernel.money import yuan


def refused_by_choice(piece: CouponPiece, choice: Choice) -> WhyNot | None:
    if piece.piece_id in choice.excluded:
        return WhyNot("not_wanted", "你选择不用", "you chose not to use it")
    if choice.only_forced and piece.piece_id not in choice.forced:
        return WhyNot("not_chosen", "你没有选它", "you did not choose it")
    return None


def not_better(piece: CouponPiece, alone: Found | None, chosen: Outcome) -> WhyNot:
    """`alone` is this coupon by itself: what it would save says why the chosen combination is better."""
    if alone is None:
        return WhyNot("takes_nothing", "本单没有可减的金额", "it would take nothing off this bill")
    saved = sum(s.amount for s in alone.outcome.steps if s.candidate and s.candidate.piece.piece_id == piece.piece_id)
    data: dict[str, int | str] = {"saved_fen": saved}
    if alone.outcome.due > chosen.due:
        return WhyNot(
            "saves_less", f"只省 ¥{yuan(saved)}，少于已选", f"saves only ¥{yuan(saved)}, less than chosen", data
        )
    if alone.outcome.due == chosen.due:
        return WhyNot("saves_same", "省得一样多，留着下次用", "saves the same; kept for next time", data)
    return WhyNot("other_chosen", "你选了别的组合", "you chose another combination", data)


def ecash_not_used(candidate: Candidate, problem: Problem, outcome: Outcome) -> WhyNot:
    left = {i: problem.lines[i].list_fen for i in candidate.eligible}
    given = dict.fromkeys(range(len(problem.lines)), 0)
    for step in outcome.steps:
        for i, part in step.parts.items():
            if i in left:
                left[i] -= part
            if step.kind in (DeductionKind.GROUP_BUY, DeductionKind.EXCHANGE):
                given[i] += problem.unit[i] if step.kind is DeductionKind.EXCHANGE else part
    spent = sum(problem.lines[i].list_fen - given[i] for i in candidate.spend)
    if spent < candidate.piece.terms.min_spend_fen:
        return short_by(candidate.piece.terms.min_spend_fen - spent)
    if sum(left.values()) == 0:
        return WhyNot("nothing_due", "已没有要付的金额", "nothing is left to pay")
    return WhyNot("used_up_whole", "须一次用完，本单金额不够", "must be used up at once; this bill is too small")
