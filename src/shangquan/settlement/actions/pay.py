"""Paying a confirmed statement: prepared by one, approved by another, paid once even when the bank's answer is lost."""

from datetime import datetime

from shangquan.kernel import audit, ids, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.ledger import door as ledger
from shangquan.settlement import access, locks
from shangquan.settlement.actions.post_bill import payable_key
from shangquan.settlement.contracts import (
    NO_PAYOUT,
    NOT_CONFIRMED,
    NOTHING_TO_PAY,
    RESULT_UNKNOWN,
    SAME_PERSON,
    WRONG_STATE,
    PayoutPaid,
)
from shangquan.settlement.models import Payout, Statement
from shangquan.settlement.ports import BankAnswer, bank

_BANK = ledger.AccountKey("clearing.bank", may_overdraw=True)


@required
def prepare_payout(*, statement_id: int, now: datetime) -> int:
    """The maker's step (right `settlement.pay`); once a statement. Refuses S-4094 unconfirmed, S-4095 nothing to pay."""
    row = access.statement(statement_id, "settlement.pay", lock=True)
    known = Payout.rows().filter(statement=row).first()
    if known is not None:
        return int(known.id)
    if row.state != Statement.State.CONFIRMED:
        raise Refused(NOT_CONFIRMED)
    if not row.payable_fen or row.payable_fen <= 0:
        raise Refused(NOTHING_TO_PAY)
    who = scope.actor()
    made = Payout.objects.create(
        number=ids.number("PO", now), statement=row, merchant_id=row.merchant_id, amount_fen=row.payable_fen,
        state=Payout.State.PREPARED, maker_id=who.id, maker=who.name, made_at=now,
    )  # fmt: skip
    audit.record(
        action="settlement.prepare_payout", subject="payout", subject_id=made.id, after={"fen": made.amount_fen}
    )
    return int(made.id)


@required
def approve_payout(*, payout_id: int, now: datetime) -> None:
    """The checker's step (right `settlement.approve`). Refuses S-4031 when it is the maker (`payout_maker_is_not_checker`)."""
    who = scope.require("settlement.approve")
    row = _locked(payout_id)
    if row.maker_id == who.id:
        raise Refused(SAME_PERSON)
    if row.state == Payout.State.APPROVED:
        return
    if row.state != Payout.State.PREPARED:
        raise Refused(WRONG_STATE)
    row.state, row.checker_id, row.checker, row.approved_at = Payout.State.APPROVED, who.id, who.name, now
    row.save(update_fields=["state", "checker_id", "checker", "approved_at"])
    audit.record(action="settlement.approve_payout", subject="payout", subject_id=row.id, after={"checker": who.name})


@forbidden
def send_payout(*, payout_id: int, now: datetime) -> str:
    """Hand an approved payout to the bank and record its answer; answers the state.

    Intent, commit, call, record. An unknown answer leaves it `sent`: from then on the bank is only asked, never told
    again, unless it says that it failed.
    """
    port = bank()
    with transaction():
        scope.require("settlement.pay")
        row = _locked(payout_id)
        if row.state == Payout.State.PAID:
            return row.state
        if row.state not in (Payout.State.APPROVED, Payout.State.SENT, Payout.State.FAILED) or port is None:
            raise Refused(WRONG_STATE)
        asked_before = row.state == Payout.State.SENT
        row.state = Payout.State.SENT
        row.save(update_fields=["state"])
    answer = port.query(row.number) if asked_before else port.pay(row.number, row.merchant_id, row.amount_fen)
    with transaction():
        return _record(payout_id, answer, now)


@required
def record_payment(*, payout_id: int, bank_reference: str, proof: str, now: datetime) -> None:
    """A person paid by hand: keep the bank's reference and the proof. Needs `settlement.pay`; repeatable with the same reference."""
    scope.require("settlement.pay")
    if not bank_reference.strip():
        raise Refused(BAD_INPUT, why="写上银行流水号")
    row = _locked(payout_id)
    if row.state == Payout.State.PAID and row.bank_reference == bank_reference.strip():
        return
    if row.state == Payout.State.SENT:
        raise Refused(RESULT_UNKNOWN)
    if row.state != Payout.State.APPROVED:
        raise Refused(WRONG_STATE)
    _paid(row, BankAnswer("paid", bank_reference.strip()[:80], proof[:200]), now)


def _record(payout_id: int, answer: BankAnswer, now: datetime) -> str:
    row = _locked(payout_id)
    if row.state == Payout.State.SENT and answer.state == "paid":
        _paid(row, answer, now)
    elif row.state == Payout.State.SENT and answer.state == "failed":
        row.state = Payout.State.FAILED
        row.save(update_fields=["state"])
        audit.record(action="settlement.payout_failed", subject="payout", subject_id=row.id)
    return row.state


def _paid(row: Payout, answer: BankAnswer, now: datetime) -> None:
    ledger.post(
        [
            ledger.Entry(
                payable_key(row.merchant_id), _BANK, row.amount_fen, "payout", str(row.id), "payout", memo=row.number
            )
        ]
    )
    row.state, row.paid_at = Payout.State.PAID, now
    row.bank_reference, row.proof = answer.reference, answer.proof
    row.save(update_fields=["state", "paid_at", "bank_reference", "proof"])
    audit.record(
        action="settlement.paid", subject="payout", subject_id=row.id,
        after={"fen": row.amount_fen, "reference": row.bank_reference},
    )  # fmt: skip
    publish(PayoutPaid(payout_id=row.id, merchant_id=row.merchant_id, amount_fen=row.amount_fen))


def _locked(payout_id: int) -> Payout:
    row = locks.payout(payout_id)
    if row is None:
        raise Refused(NO_PAYOUT)
    return row
