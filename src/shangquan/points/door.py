"""What other rooms may ask of points and tiers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard
from shangquan.ledger import door as ledger
from shangquan.members import door as members
from shangquan.points import queries, rules
from shangquan.points.actions.earn import earn, take_back
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule, set_tier
from shangquan.points.actions.spend import capture, give_back, grant, hold, release
from shangquan.points.contracts import (
    OWNER,
    REASONS,
    REDEEMER,
    Liability,
    Line,
    PayerShare,
    PointsBalance,
    PointsEntry,
    PointsOffer,
    TierCard,
    TierDiscount,
)
from shangquan.points.export import export_points
from shangquan.points.models import Earning
from shangquan.points.queries import earn_rules, spend_rules

__all__ = [
    "capture",
    "earn",
    "earn_rules",
    "export_points",
    "give_back",
    "grant",
    "hold",
    "release",
    "set_earn_rule",
    "set_spend_rule",
    "set_tier",
    "spend_rules",
    "take_back",
]  # fmt: skip


def standing(
    *, member_id: int, merchants: Sequence[MerchantCard], now: datetime
) -> tuple[TierDiscount | None, PointsOffer | None]:
    """What the member's tier takes off and what their points may pay at these merchants now: at most four queries."""
    return _tier_discount(member_id, merchants), _offer(member_id, merchants, now)


def offer(*, member_id: int, merchant_ids: Iterable[int], now: datetime) -> PointsOffer | None:
    """What the member's points may pay at these merchants now; None when none of them takes points or no rule is in force."""
    return _offer(member_id, district.merchants(ids=list(merchant_ids)), now)


def _offer(member_id: int, merchants: Sequence[MerchantCard], now: datetime) -> PointsOffer | None:
    taking = frozenset(card.id for card in merchants if card.joins_points)
    rule = queries.spend_rule(now) if taking else None
    if rule is None:
        return None
    return PointsOffer(
        balance=ledger.balance("points.member", f"member:{member_id}", "points").available,
        points_per_yuan=rule.points_per_yuan,
        step=rule.step,
        minimum=rule.minimum,
        max_share_bp=rule.max_share_bp,
        merchant_ids=taking,
        payers=tuple(
            PayerShare(payer, bp) for payer, bp in ((OWNER, rule.owner_bp), (REDEEMER, 10_000 - rule.owner_bp)) if bp
        ),
    )


def tier_discount(*, member_id: int, merchant_ids: Iterable[int]) -> TierDiscount | None:
    """What the member's tier takes off at those of the merchants that joined the scheme; None when nothing."""
    return _tier_discount(member_id, district.merchants(ids=list(merchant_ids)))


def _tier_discount(member_id: int, merchants: Sequence[MerchantCard]) -> TierDiscount | None:
    code = members.member(member_id).tier
    joined = frozenset(card.id for card in merchants if card.joins_tiers)
    tier = queries.tier(code) if joined else None
    if tier is None or tier.payable_bp == 10_000:
        return None
    return TierDiscount(
        tier=tier.code,
        title_zh=f"{tier.name}会员价",
        title_en=f"{tier.name_en} member price",
        payable_bp=tier.payable_bp,
        merchant_ids=joined,
    )


def estimate(lines: Sequence[Line], paid_fen: Mapping[int, int], *, now: datetime) -> int:
    """What a bill would earn if it were paid now."""
    terms = queries.earn_terms({line.merchant_id for line in lines}, now)
    rated = [line for line in lines if line.merchant_id in terms]
    return sum(rules.points_by_line(rated, paid_fen, {m: t.fen_per_point for m, t in terms.items()}).values())


def earned_by_line(bill_id: int) -> dict[int, int]:
    """What each line of a bill earned; empty while nothing was booked."""
    row = Earning.rows().filter(bill_id=bill_id).first()
    return {int(line): points for line, points in row.by_line.items()} if row else {}


def balance(member_id: int) -> PointsBalance:
    return balances([member_id])[member_id]


def balances(member_ids: Sequence[int]) -> dict[int, PointsBalance]:
    """Of many members in two queries."""
    owners = [f"member:{member_id}" for member_id in member_ids]
    held = ledger.balances("points.member", owners, "points")
    owed = ledger.balances("points.owed", owners, "points")
    return {
        member_id: PointsBalance(held[owner].available, held[owner].pending_out, -owed[owner].posted)
        for member_id, owner in zip(member_ids, owners, strict=True)
    }


def lines(member_id: int, *, before: int | None = None, limit: int = 50) -> list[PointsEntry]:
    """The member's statement, newest first; the running balance of each line adds up to the posted balance."""
    owner = f"member:{member_id}"
    page = ledger.statement("points.member", owner, "points", before=before, limit=limit)
    running = ledger.balance_before("points.member", owner, "points", before=before)
    entries = []
    for line in page:
        zh, en = REASONS.get(line.memo, (line.memo, line.memo))
        entries.append(
            PointsEntry(line.transfer_id, line.at, line.amount, running, zh, en, line.source, line.source_id)
        )
        running -= line.amount
    return entries


def liability(now: datetime) -> Liability:
    """What the owner owes in points today, and what it is worth."""
    held = ledger.total("points.member", "points").posted
    owed = -ledger.total("points.owed", "points").posted
    rule = queries.spend_rule(now)
    worth = held * 100 // rule.points_per_yuan if rule else 0
    return Liability(
        held=held,
        owed=owed,
        worth_fen=worth,
        issued=-ledger.total("points.issued", "points").posted,
        spent=ledger.total("points.spent", "points").posted,
    )


def tiers() -> list[TierCard]:
    return queries.tiers()
