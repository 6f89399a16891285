"""The values of double entry.

An account here is credit-normal: its balance is what it holds for its owner, credits minus debits. Sources and sinks of
value outside the house (a payment channel's clearing account, points issued) may go below zero; nothing else may.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shangquan.kernel.errors import Reason

Unit = Literal["fen", "points"]

TRANSFER_DIFFERS = Reason(
    "L-4091", "transfer_differs", 409, "这笔账已经记过，内容不一样。", "This entry was posted before with other values."
)
NOT_ENOUGH = Reason(
    "L-4092", "not_enough", 409, "余额不够，还差 {short}。", "The balance is not enough: {short} short."
)
ALREADY_RESOLVED = Reason(
    "L-4093", "already_resolved", 409, "这笔冻结已经处理过了。", "This hold has been resolved already."
)
NO_SUCH_HOLD = Reason("L-4041", "no_such_hold", 404, "没有这笔冻结。", "There is no such hold.")


@dataclass(frozen=True)
class AccountKey:
    """Names an account of the open district: `AccountKey("points.member", "member:7", "points")`.

    `may_overdraw` counts when the account is first used and never changes after.
    """

    kind: str
    owner: str = ""
    unit: Unit = "fen"
    may_overdraw: bool = False


@dataclass(frozen=True)
class Entry:
    """Moves `amount` (> 0) from `debit` to `credit`. (source, source_id, step) names it once and for all."""

    debit: AccountKey
    credit: AccountKey
    amount: int
    source: str
    source_id: str
    step: str
    pending: bool = False
    memo: str = ""


@dataclass(frozen=True)
class Balance:
    """`available` = posted − what pending transfers would take away."""

    posted: int
    pending_out: int
    pending_in: int

    @property
    def available(self) -> int:
        return self.posted - self.pending_out


@dataclass(frozen=True)
class StatementLine:
    """One posted movement of an account; `amount` is signed as the owner sees it."""

    transfer_id: int
    at: datetime
    amount: int
    source: str
    source_id: str
    step: str
    memo: str


@dataclass(frozen=True)
class Proof:
    """`sum_zero`: debits equal credits over all accounts; `mismatches`: accounts whose balance is not their sum."""

    accounts: int
    transfers: int
    sum_zero: bool
    mismatches: tuple[int, ...]

    @property
    def holds(self) -> bool:
        return self.sum_zero and not self.mismatches
