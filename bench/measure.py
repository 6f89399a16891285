"""Timing of one path: many threads, each with a connection and a scope of its own."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Barrier

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.cpu import Meter
from shangquan.kernel import scope

Work = Callable[[int], object]


@dataclass(frozen=True)
class Effort:
    """How long each part runs: a path for `seconds` or `calls`, whichever ends first; a limit by time or by calls."""

    seconds: float
    calls: int
    limit_clients: Sequence[int]
    limit_seconds: int = 0
    limit_calls: int = 0


FULL = Effort(seconds=2.0, calls=4_000, limit_clients=(1, 2, 4), limit_seconds=1)
QUICK = Effort(seconds=0.3, calls=60, limit_clients=(2,), limit_calls=60)


@dataclass(frozen=True)
class Timed:
    """`calls` includes everything that was done to the data, warm-up too: what a check may count."""

    calls: int
    calls_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us_per_call: float
    statements_per_call: float


def timed(work: Work, effort: Effort, *, threads: int, calls: int | None = None) -> Timed:
    """Call `work` with 0, 1, 2 … from so many threads. The first calls warm up and one of them counts statements."""
    numbers, most = count(), min(effort.calls, calls or effort.calls)
    for _ in range(2):
        work(next(numbers))
    with CaptureQueriesContext(connection) as statements:
        work(next(numbers))
    opened, gate, meter = scope.current(), Barrier(threads + 1), Meter()
    until = [0.0]

    def run(_: int) -> list[float]:
        took: list[float] = []
        with scope.scope(opened.district_id, actor=opened.actor):
            try:
                connection.ensure_connection()
                gate.wait()
                while time.perf_counter() < until[0] and (number := next(numbers)) < most:
                    began = time.perf_counter()
                    work(number)
                    took.append(time.perf_counter() - began)
            finally:
                connection.close()
        return took

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(run, place) for place in range(threads)]
        cpu, began = meter.used_us(), time.perf_counter()
        until[0] = began + effort.seconds
        gate.wait()
        took = sorted(latency for each in running for latency in each.result())
    seconds, cpu = time.perf_counter() - began, meter.used_us() - cpu
    return Timed(
        calls=len(took) + 3,
        calls_per_s=len(took) / seconds,
        p50_ms=_at(took, 0.50),
        p95_ms=_at(took, 0.95),
        p99_ms=_at(took, 0.99),
        cpu_us_per_call=cpu / len(took),
        statements_per_call=len(statements),
    )


def _at(took: Sequence[float], share: float) -> float:
    """The latency in ms that this share of calls does not exceed (nearest rank)."""
    return took[math.ceil(share * len(took)) - 1] * 1000
