from collections.abc import Callable
from dataclasses import dataclass

from bench.measure import Effort, Timed, Work
from bench.place import Place


@dataclass(frozen=True)
class Job:
    """One path made ready. `work(n)` is the n-th call and does `per_call` operations; n never repeats.

    `limit` is a pgbench script that does as many operations, on the tables that `limit_setup` lays. `check` says after
    the run whether everything the path promises is true.
    """

    work: Work
    check: Callable[[Timed], bool]
    limit: str
    limit_setup: str = "select 1"
    threads: int = 4
    per_call: int = 1
    calls: int | None = None


@dataclass(frozen=True)
class Path:
    name: str
    prepare: Callable[[Place, Effort], Job]
