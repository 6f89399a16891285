"""The bench measures what it says it measures: every path keeps its promises while it is timed. No figure is asserted."""

import pytest

from bench import run
from bench.measure import Effort
from bench.paths import PATHS

TINY = Effort(seconds=0.1, calls=6, limit_clients=(1,), limit_calls=3)


@pytest.mark.django_db(transaction=True)
def test_every_path_is_sound_and_measured() -> None:
    rows = run.everything(TINY, say=lambda name: None)
    assert [row.path for row in rows] == [path.name for path in PATHS]
    assert {row.path: row.correct for row in rows} == {path.name: True for path in PATHS}
    assert all(row.ops_per_s > 0 and row.limit_ops_per_s > 0 and row.statements_per_op > 0 for row in rows)
    assert all(0 < row.p50_ms <= row.p95_ms <= row.p99_ms for row in rows)
