"""The merchant's side of a statement: dispute a line, confirm the rest. And the owner's answer to a dispute."""

from datetime import datetime

from django.db import IntegrityError, transaction

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, NOT_FOUND, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.ledger import door as ledger
from shangquan.settlement import access, locks
from shangquan.settlement.actions.post_bill import entry
from shangquan.settlement.contracts import (
    ALREADY_CONFIRMED,
    ALREADY_DISPUTED,
    DISPUTE_CLOSED,
    NO_LINE,
    DisputeAnswered,
    LineDisputed,
    LineKind,
    Posted,
    StatementConfirmed,
)
from shangquan.settlement.models import Dispute, SettlementLine, Statement


@required
def dispute_line(*, statement_id: int, line_id: int, reason: str, now: datetime) -> int:
    """Freeze one line of one's own statement; the rest can still be confirmed and paid. Needs `settlement.dispute`.

    Refuses S-4041/S-4042 for another's statement or line, S-4092 once confirmed, S-4093 when disputed already.
    """
    row = access.statement(statement_id, "settlement.dispute", lock=True)
    if row.state == Statement.State.CONFIRMED:
        raise Refused(ALREADY_CONFIRMED)
    line = SettlementLine.rows().filter(id=line_id, period_id=row.period_id, merchant_id=row.merchant_id).first()
    if line is None:
        raise Refused(NO_LINE)
    if not reason.strip():
        raise Refused(BAD_INPUT, why="写一句异议的理由")
    try:
        with transaction.atomic():
            made = Dispute.objects.create(
                line=line, statement=row, reason=reason.strip()[:300], state=Dispute.State.OPEN,
                made_by=scope.actor().name, made_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(ALREADY_DISPUTED) from None
    audit.record(
        action="settlement.dispute", subject="statement_line", subject_id=line_id, after={"reason": made.reason}
    )
    publish(LineDisputed(statement_id=row.id, merchant_id=row.merchant_id, line_id=line_id))
    return int(made.id)


@required
def confirm_statement(*, statement_id: int, now: datetime) -> int:
    """Sign the statement, less its disputed lines, with name and time; answers the payable fen. Repeatable.

    Needs `settlement.confirm`, within the merchant's own walls.
    """
    row = access.statement(statement_id, "settlement.confirm", lock=True)
    if row.state == Statement.State.CONFIRMED:
        return int(row.payable_fen or 0)
    frozen = sum(d.line.amount_fen for d in Dispute.rows().filter(statement=row, state="open").select_related("line"))
    who = scope.actor()
    row.state = Statement.State.CONFIRMED
    row.confirmed_by_id, row.confirmed_by, row.confirmed_at = who.id, who.name, now
    row.payable_fen = row.total_fen - frozen
    row.save(update_fields=["state", "confirmed_by_id", "confirmed_by", "confirmed_at", "payable_fen"])
    audit.record(
        action="settlement.confirm", subject="statement", subject_id=row.id,
        after={"payable_fen": row.payable_fen, "frozen_fen": frozen},
    )  # fmt: skip
    publish(StatementConfirmed(statement_id=row.id, merchant_id=row.merchant_id, payable_fen=row.payable_fen))
    return int(row.payable_fen)


@required
def answer_dispute(*, dispute_id: int, answer: str, correct_fen: int | None = None, now: datetime) -> None:
    """The owner's answer: the line stands, or `correct_fen` is what it should have been. Needs `settlement.correct`.

    The closed statement stays as it is. If it was confirmed without the line, the line's amount (released) and the
    difference (a correction) land in the next open period; if not yet confirmed, only the difference does.
    """
    scope.require("settlement.correct")
    dispute = Dispute.rows().select_related("line", "statement").filter(id=dispute_id).first()
    if dispute is None:
        raise Refused(NOT_FOUND)
    statement = locks.statement(dispute.statement_id)
    dispute.refresh_from_db()
    if dispute.state != Dispute.State.OPEN or statement is None:
        raise Refused(DISPUTE_CLOSED)
    line = dispute.line
    difference = 0 if correct_fen is None else correct_fen - line.amount_fen
    if statement.state == Statement.State.CONFIRMED:
        _add(line, LineKind.RELEASED, line.amount_fen, dispute.id, now)
    if difference:
        _add(line, LineKind.CORRECTION, difference, dispute.id, now)
        fix = Posted(
            line.merchant_id, line.store_id, LineKind.CORRECTION, difference, "correction", "owner.corrections"
        )
        ledger.post([entry(fix, "dispute", str(dispute.id))])
    dispute.state = Dispute.State.CORRECTED if difference else Dispute.State.STANDS
    dispute.answer, dispute.answered_by, dispute.answered_at = answer.strip()[:300], scope.actor().name, now
    dispute.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    audit.record(
        action="settlement.answer", subject="dispute", subject_id=dispute.id,
        before={"amount_fen": line.amount_fen}, after={"state": dispute.state, "difference_fen": difference},
    )  # fmt: skip
    publish(DisputeAnswered(dispute_id=dispute.id, merchant_id=line.merchant_id, state=dispute.state))


def _add(line: SettlementLine, kind: LineKind, amount_fen: int, dispute_id: int, now: datetime) -> None:
    SettlementLine.objects.create(
        merchant_id=line.merchant_id, store_id=line.store_id, kind=kind, amount_fen=amount_fen, source="dispute",
        source_id=dispute_id, step=kind.value, bill_id=line.bill_id, bill_number=line.bill_number, happened_at=now,
        memo=f"{line.kind} {line.bill_number}".strip(),
    )  # fmt: skip
