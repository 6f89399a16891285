"""How money leaves the house: a bank, filled in by a connector. Without one, people pay by hand and record the proof."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class BankAnswer:
    """`state`: paid, failed or unknown. `reference` is the bank's own number."""

    state: str
    reference: str = ""
    proof: str = ""


class BankPort(Protocol):
    """Pays by our number: the same number is never paid twice, and `query` tells what became of it."""

    def pay(self, number: str, merchant_id: int, amount_fen: int) -> BankAnswer: ...

    def query(self, number: str) -> BankAnswer: ...


_bank: list[BankPort] = []


def register_bank(bank: BankPort | None) -> None:
    """None unplugs it."""
    _bank[:] = [] if bank is None else [bank]


def bank() -> BankPort | None:
    return _bank[0] if _bank else None
