"""Points taken out in an open format: the data is the district's (A8)."""

from collections.abc import Iterator

from shangquan.kernel import scope
from shangquan.ledger import door as ledger


def export_points() -> Iterator[tuple[object, ...]]:
    """A head and every movement of members' points, oldest first. Needs `data.export`."""
    scope.require("data.export")
    yield ("member_id", "at", "points", "reason", "source", "source_id")
    for owner, line in ledger.all_lines("points.member", "points"):
        yield (owner.removeprefix("member:"), line.at, line.amount, line.memo, line.source, line.source_id)
