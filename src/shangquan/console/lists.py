"""What list pages share: everything about a list is in its query string."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest

from shangquan.design.contracts import Tab

PAGE = 50


def address(request: HttpRequest, **changes: str | int | None) -> str:
    """This list with some words of its query changed; None or "" takes one out. Paging starts over."""
    asked = {name: values[-1] for name, values in request.GET.lists() if name not in ("before", "after")}
    for name, value in changes.items():
        asked.pop(name, None)
        if value not in (None, ""):
            asked[name] = str(value)
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def views(request: HttpRequest, choices: Iterable[tuple[str, str, int | None]], *, name: str = "view") -> list[Tab]:
    """Tabs of (value, label, count); the empty value is the view without a condition."""
    here = request.GET.get(name, "")
    return [Tab(label, address(request, **{name: value}), count, value == here) for value, label, count in choices]


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A number in the query, or None where it is missing or no number."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def cut(rows: list[int], limit: int = PAGE) -> str:
    """The key of the next page: the last of the shown ids, empty when these are all. Ask for limit + 1 rows."""
    return str(rows[limit - 1]) if len(rows) > limit else ""
