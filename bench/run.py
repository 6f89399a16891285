"""All paths in one run: prepare, ask for the limit, time, check."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import database, limit
from bench.measure import Effort, timed
from bench.paths import PATHS
from bench.paths.path import Path
from bench.place import Place, build
from shangquan.kernel import scope


@dataclass(frozen=True)
class Row:
    """One path. Latencies are of a call (a batch is one call); everything else is of an operation."""

    path: str
    ops_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us_per_op: float
    statements_per_op: float
    limit_ops_per_s: float
    ratio: float
    correct: bool


def everything(effort: Effort, *, only: str = "", say: Callable[[str], None]) -> list[Row]:
    """Rows in the order of `PATHS`."""
    database.require_durable()
    say("opening a district")
    place = build()
    rows = []
    try:
        for path in PATHS:
            if only in path.name:
                say(path.name)
                rows.append(_row(path, place, effort))
    finally:
        limit.clear()
    return rows


def _row(path: Path, place: Place, effort: Effort) -> Row:
    with scope.scope(place.district_id):
        job = path.prepare(place, effort)
        limit.lay(job.limit_setup)
        at_best = limit.best(job.limit, effort) * job.per_call
        took = timed(job.work, effort, threads=job.threads, calls=job.calls)
        correct = job.check(took)
    ops_per_s = took.calls_per_s * job.per_call
    return Row(
        path=path.name,
        ops_per_s=round(ops_per_s, 1),
        p50_ms=round(took.p50_ms, 3),
        p95_ms=round(took.p95_ms, 3),
        p99_ms=round(took.p99_ms, 3),
        cpu_us_per_op=round(took.cpu_us_per_call / job.per_call, 1),
        statements_per_op=round(took.statements_per_call / job.per_call, 3),
        limit_ops_per_s=round(at_best, 1),
        ratio=round(ops_per_s / at_best, 3),
        correct=correct,
    )
