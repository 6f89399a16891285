"""Bills taken out in an open format: the data is the district's (A8)."""

from collections.abc import Iterator

from shangquan.checkout.models import Bill, BillLine
from shangquan.kernel import scope

_BILL = (
    "id", "number", "kind", "state", "merchant_id", "store_id", "member_id", "list_fen", "saved_fen", "prepaid_fen",
    "payable_fen", "refunded_fen", "points_used", "channel", "opened_at", "paid_at",
)  # fmt: skip
_LINE = ("bill_id", "line_no", "product_id", "title", "quantity", "unit_fen", "list_fen", "paid_fen", "returned")


def export_bills() -> Iterator[tuple[object, ...]]:
    """A head and every bill of the district, oldest first. Needs `data.export`. Read 2 000 rows at a time."""
    scope.require("data.export")
    yield _BILL
    yield from Bill.rows().order_by("id").values_list(*_BILL).iterator(chunk_size=2000)


def export_bill_lines() -> Iterator[tuple[object, ...]]:
    """As `export_bills`, the lines."""
    scope.require("data.export")
    yield _LINE
    yield from BillLine.rows().order_by("id").values_list(*_LINE).iterator(chunk_size=2000)
