from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import TransactionMissing, transaction
from shangquan.ledger import door
from shangquan.ledger.contracts import ALREADY_RESOLVED, NOT_ENOUGH, TRANSFER_DIFFERS, AccountKey, Entry

ISSUED = AccountKey("points.issued", unit="points", may_overdraw=True)
LIN = AccountKey("points.member", "member:1", "points")
SPENT = AccountKey("points.spent", unit="points")

pytestmark = pytest.mark.usefixtures("district_id")


def entry(debit: AccountKey, credit: AccountKey, amount: int, step: str, **more: Any) -> Entry:
    return Entry(debit, credit, amount, "test", "1", step, **more)


def run(*entries: Entry) -> list[int]:
    with transaction():
        return door.post(entries)


def refusal(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value


def points() -> tuple[int, int]:
    held = door.balance("points.member", "member:1", "points")
    return held.posted, held.available


def test_a_transfer_moves_value_and_the_proof_holds() -> None:
    run(entry(ISSUED, LIN, 3280, "earn"))
    assert points() == (3280, 3280)
    assert door.balance("points.issued", unit="points").posted == -3280
    proof = door.prove()
    assert proof.holds and (proof.accounts, proof.transfers) == (2, 1)


def test_a_repeat_answers_the_first_transfer_and_moves_nothing() -> None:
    first = run(entry(ISSUED, LIN, 100, "earn"))
    assert run(entry(ISSUED, LIN, 100, "earn")) == first
    assert points() == (100, 100)


def test_other_values_under_the_same_name_are_refused() -> None:
    run(entry(ISSUED, LIN, 100, "earn"))
    assert refusal(lambda: door.post([entry(ISSUED, LIN, 101, "earn")])).reason is TRANSFER_DIFFERS
    assert points() == (100, 100)


def test_entries_succeed_or_fail_together() -> None:
    refused = refusal(lambda: door.post([entry(ISSUED, LIN, 50, "earn"), entry(LIN, SPENT, 80, "spend")]))
    assert refused.reason is NOT_ENOUGH and refused.data["short"] == 30
    assert points() == (0, 0) and door.prove().transfers == 0


def test_a_hold_takes_from_what_is_available_and_is_captured_in_part() -> None:
    run(entry(ISSUED, LIN, 1000, "earn"))
    run(entry(LIN, SPENT, 600, "hold", pending=True))
    assert points() == (1000, 400)
    assert refusal(lambda: door.post([entry(LIN, SPENT, 500, "more")])).reason is NOT_ENOUGH
    with transaction():
        door.capture(source="test", source_id="1", step="hold", amount=250)
        door.capture(source="test", source_id="1", step="hold", amount=250)
    assert points() == (750, 750)
    assert refusal(lambda: door.void(source="test", source_id="1", step="hold")).reason is ALREADY_RESOLVED
    assert door.prove().holds


def test_a_voided_hold_gives_everything_back() -> None:
    run(entry(ISSUED, LIN, 10, "earn"))
    run(entry(LIN, SPENT, 10, "hold", pending=True))
    with transaction():
        door.void(source="test", source_id="1", step="hold")
    assert points() == (10, 10) and door.prove().holds


def test_the_statement_adds_up_to_the_balance() -> None:
    run(entry(ISSUED, LIN, 300, "earn"), entry(LIN, SPENT, 120, "spend"))
    lines = door.statement("points.member", "member:1", "points")
    assert [line.amount for line in lines] == [-120, 300] and sum(line.amount for line in lines) == points()[0]


def test_an_action_without_a_transaction_fails_loudly() -> None:
    with pytest.raises(TransactionMissing):
        door.post([entry(ISSUED, LIN, 1, "earn")])


@pytest.mark.parametrize("statement", ["update ledger_transfer set amount = 1", "delete from ledger_transfer"])
def test_the_application_cannot_change_a_transfer(statement: str) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_itself_refuses_an_overdraft() -> None:
    from django.db import IntegrityError

    run(entry(ISSUED, LIN, 5, "earn"))
    with pytest.raises(IntegrityError, match="ledger_no_overdraft"), connection.cursor() as cursor:
        cursor.execute("update ledger_account set debits_posted = debits_posted + 6 where kind = 'points.member'")
