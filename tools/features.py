"""`make features`: which features of the catalogue have passing tests marked with their number.

Runs every test that carries `@pytest.mark.feature`, and prints a line a group: `F 12/19 missing: F13 F14`.
A feature counts as covered when all tests that name it pass.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

# How many features each group of the catalogue has.
GROUPS = {
    "A": 10, "B": 16, "C": 11, "D": 18, "E": 18, "F": 19, "G": 14, "H": 16, "I": 10, "J": 18, "K": 14, "L": 3, "M": 16,
    "N": 5, "O": 5, "P": 6, "Q": 9, "R": 8, "S": 10, "T": 4, "U": 20, "V": 3, "W": 10, "X": 7, "Y": 5, "Z": 6,
}  # fmt: skip


class Collector:
    """Keeps the outcome of each marked test by feature number."""

    def __init__(self) -> None:
        self.features_of: dict[str, tuple[str, ...]] = {}
        self.passed: dict[str, list[bool]] = defaultdict(list)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        marked = [item for item in items if any(item.iter_markers("feature"))]
        for item in marked:
            self.features_of[item.nodeid] = tuple(
                str(number) for mark in item.iter_markers("feature") for number in mark.args
            )
        config.hook.pytest_deselected(items=[item for item in items if item not in marked])
        items[:] = marked

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or report.outcome != "passed":
            for number in self.features_of.get(report.nodeid, ()):
                self.passed[number].append(report.outcome == "passed")

    def covered(self) -> set[str]:
        return {number for number, outcomes in self.passed.items() if outcomes and all(outcomes)}


def main() -> int:
    root = Path(__file__).resolve().parents[1]
    os.chdir(root)
    collector = Collector()
    status = pytest.main(["-q", "--no-header", "-p", "no:warnings", *sys.argv[1:]], plugins=[collector])
    covered = collector.covered()
    unknown = sorted(n for n in covered if n[0] not in GROUPS or not 1 <= int(n[1:]) <= GROUPS[n[0]])
    print()
    for group, size in GROUPS.items():
        numbers = [f"{group}{i}" for i in range(1, size + 1)]
        missing = [number for number in numbers if number not in covered]
        tail = f" missing: {' '.join(missing)}" if missing else ""
        print(f"{group} {size - len(missing)}/{size}{tail}")
    if unknown:
        print(f"marks that name no feature: {' '.join(unknown)}")
    print(f"covered {len(covered) - len(unknown)} of {sum(GROUPS.values())}")
    return int(status) or bool(unknown)


if __name__ == "__main__":
    raise SystemExit(main())
