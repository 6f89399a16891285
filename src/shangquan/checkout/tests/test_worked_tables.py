"""The worked tables of docs/algorithms/pricing.md hold, cell by cell."""

import pytest

from shangquan.checkout.contracts import Deduction, DeductionKind
from shangquan.checkout.rules import price
from shangquan.checkout.tests.worked_tables import AT, Row, Worked, worked
from shangquan.kernel.money import parse_yuan, yuan

EXAMPLES = worked()


def _name(deduction: Deduction) -> str:
    return "tier" if deduction.kind is DeductionKind.TIER else deduction.ref


def _fen(row: Row, prefix: str) -> dict[str, int]:
    cells = {name: parse_yuan(cell) for name, cell in row.items() if name.startswith(prefix) and cell}
    return {name: fen for name, fen in cells.items() if fen}


@pytest.mark.feature("F1", "F9", "F11", "D3", "G6", "G12", "T3")
@pytest.mark.parametrize("example", EXAMPLES, ids=[example.title for example in EXAMPLES])
def test_the_document_is_true(example: Worked) -> None:
    quote = price(example.basket, example.offers, AT)
    *rows, total = example.steps

    assert [_name(d) for d in quote.deductions] == [row["step"] for row in rows]
    for deduction, row in zip(quote.deductions, rows, strict=True):
        assert yuan(deduction.amount_fen) == row["takes"]
        assert {f"line {line}": fen for line, fen in deduction.by_line().items()} == _fen(row, "line")
        payers = {payer.replace(":", " "): fen for payer, fen in deduction.by_payer().items()}
        assert payers == _fen(row, "owner") | _fen(row, "merchant")
    assert total["step"] == "payable"
    assert yuan(quote.payable_fen) == total["takes"]
    left = {f"line {line}": fen for line, fen in quote.payable_by_line().items() if fen}
    assert left == _fen(total, "line")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.title for example in EXAMPLES])
def test_every_unused_coupon_says_why(example: Worked) -> None:
    quote = price(example.basket, example.offers, AT)
    said = {}
    for notice in quote.not_used:
        amount = [yuan(int(fen)) for name, fen in notice.why.data.items() if name in ("short_fen", "saved_fen")]
        said[notice.piece_id] = " ".join([notice.why.code, *amount])
    assert said == example.why_not


def test_the_tables_were_found() -> None:
    assert len(EXAMPLES) >= 7
    assert all(example.steps for example in EXAMPLES)
