"""The rows as a table and as a file."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.run import Row

_HEAD = ("path", "ops/s", "p50 ms", "p95 ms", "p99 ms", "cpu µs/op", "stmts/op", "limit ops/s", "ratio", "correct")


def progress(name: str) -> None:
    sys.stderr.write(f"bench: {name}\n")


def table(rows: Sequence[Row]) -> None:
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    for line in cells:
        padded = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        sys.stdout.write("  ".join(padded) + "\n")


def save(rows: Sequence[Row], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.path, f"{row.ops_per_s:,.0f}", f"{row.p50_ms:.1f}", f"{row.p95_ms:.1f}", f"{row.p99_ms:.1f}",
        f"{row.cpu_us_per_op:,.0f}", f"{row.statements_per_op:.2f}", f"{row.limit_ops_per_s:,.0f}", f"{row.ratio:.2f}",
        "yes" if row.correct else "NO",
    )  # fmt: skip
