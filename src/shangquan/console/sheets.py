"""Tables to take away, as CSV (UTF-8 with its mark, so that Excel reads it) and Excel."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from openpyxl import Workbook

Row = Sequence[object]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_text(rows: Iterable[Row]) -> str:
    page = io.StringIO()
    page.write("\ufeff")
    csv.writer(page).writerows([_safe(value) for value in row] for row in rows)
    return page.getvalue()


def as_csv(name: str, rows: Iterable[Row]) -> HttpResponse:
    return _file(name, "text/csv; charset=utf-8", csv_text(rows).encode())


def as_xlsx(name: str, title: str, rows: Iterable[Row]) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([_safe(value) for value in row])
    page = io.BytesIO()
    book.save(page)
    return _file(name, _XLSX, page.getvalue())


def _safe(value: object) -> object:
    """Text that a spreadsheet would run as a formula is written as text (OWASP, CSV injection)."""
    if isinstance(value, float):
        return round(value, 2)
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _file(name: str, kind: str, body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
