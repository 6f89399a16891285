"""The clock is read here and at the edges only; everything inside takes `now`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    return _set_to.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at a moment: for history that is loaded later than it happened, and for tests."""
    reset = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(reset)
