"""The clock is read here and at the edges only; everything inside takes `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
