from collections.abc import Mapping, Sequence
from datetime import datetime

from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.ledger import door as ledger
from shangquan.points import locks, queries, rules
from shangquan.points.contracts import (
    ISSUED,
    NEVER_EARNED,
    Line,
    PointsEarned,
    PointsTakenBack,
    held_by,
    owed_by,
)
from shangquan.points.models import Earning


@required
def earn(
    *,
    member_id: int,
    bill_id: int,
    lines: Sequence[Line],
    paid_fen: Mapping[int, int],
    paid_at: datetime,
    now: datetime,
) -> int:
    """Book what a paid bill earns by the rules in force when it was paid; once a bill (constraint `earning_once_a_bill`).

    Answers the points, of which what is owed from earlier refunds is paid first.
    """
    known = Earning.rows().filter(bill_id=bill_id).first()
    if known is not None:
        return known.points
    terms = queries.earn_terms({line.merchant_id for line in lines}, paid_at)
    rated = [line for line in lines if line.merchant_id in terms]
    by_line = rules.points_by_line(rated, paid_fen, {merchant: term.fen_per_point for merchant, term in terms.items()})
    points = sum(by_line.values())
    Earning.objects.create(
        bill_id=bill_id, member_id=member_id, points=points, by_line={str(k): v for k, v in by_line.items()},
        rule_ids=sorted({term.rule_id for term in terms.values()}), earned_at=now,
    )  # fmt: skip
    if points:
        _credit(member_id, points, bill_id)
        balance = ledger.balance("points.member", f"member:{member_id}", "points").available
        publish(PointsEarned(member_id=member_id, bill_id=bill_id, points=points, balance=balance))
    return points


@required
def take_back(*, bill_id: int, points: int, refund_id: int) -> None:
    """A refund takes back what the returned goods earned. What is spent already stays owed; the balance never goes below 0.

    Once per refund: a repeat changes nothing. Refuses J-4042 for a bill that never earned.
    """
    earning = locks.earning(bill_id)
    if earning is None:
        raise Refused(NEVER_EARNED)
    if points == 0 or _was_taken(refund_id):
        return
    ledger.lock([held_by(earning.member_id), owed_by(earning.member_id)])
    available = ledger.balance("points.member", f"member:{earning.member_id}", "points").available
    now_part, owed = rules.split_take_back(points, available)
    entries = []
    if now_part:
        entries.append(
            ledger.Entry(
                held_by(earning.member_id), ISSUED, now_part, "refund", str(refund_id), "points.taken", memo="take_back"
            )
        )
    if owed:
        entries.append(
            ledger.Entry(
                owed_by(earning.member_id), ISSUED, owed, "refund", str(refund_id), "points.owed", memo="take_back"
            )
        )
    ledger.post(entries)
    earning.taken_back += points
    earning.save(update_fields=["taken_back"])
    publish(
        PointsTakenBack(member_id=earning.member_id, bill_id=bill_id, refund_id=refund_id, points=points, owed=owed)
    )


def _was_taken(refund_id: int) -> bool:
    return ledger.was_posted("refund", str(refund_id), ["points.taken", "points.owed"])


def _credit(member_id: int, points: int, bill_id: int) -> None:
    ledger.lock([held_by(member_id), owed_by(member_id)])
    owed = -ledger.balance("points.owed", f"member:{member_id}", "points").posted
    debt, gain = rules.split_earning(points, owed)
    entries = []
    if debt:
        entries.append(
            ledger.Entry(ISSUED, owed_by(member_id), debt, "bill", str(bill_id), "points.repaid", memo="repay")
        )
    if gain:
        entries.append(ledger.Entry(ISSUED, held_by(member_id), gain, "bill", str(bill_id), "points.earn", memo="earn"))
    ledger.post(entries)
