"""Sandbox time: real stamps on the wire, waits that can be made shorter, and a jump forward for expiry."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


class Clock:
    """One clock for the whole sandbox.

    ``wire_now`` is what signatures are stamped and checked with: real time, so that a product needs no special clock.
    ``now`` is what records, expiry and message windows use: real time plus every jump made with ``advance``.
    ``scale`` makes waits shorter (a 15 s retry takes 0.015 s at scale 1000); it never changes what a stamp says.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self.jumped_s = 0.0
        self._changed = asyncio.Event()

    def wire_now(self) -> float:
        return time.time()

    def now(self) -> float:
        return time.time() + self.jumped_s

    def set_scale(self, scale: float) -> None:
        """Waits that are already under way go on at the new scale."""
        self.scale = scale
        self._wake()

    def advance(self, seconds: float) -> None:
        """Jump forward: waits end, tokens, codes and windows grow older by ``seconds``."""
        self.jumped_s += seconds
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of sandbox time."""
        left = seconds
        while left > 0:
            changed, started, jumped, scale = self._changed, time.monotonic(), self.jumped_s, self.scale
            try:
                await asyncio.wait_for(changed.wait(), timeout=left / scale)
            except TimeoutError:
                return
            left -= (time.monotonic() - started) * scale + (self.jumped_s - jumped)

    async def reach(self, moment: float) -> None:
        """Wait until ``now`` is ``moment``; the scale does not hasten it, a jump does."""
        while (left := moment - self.now()) > 0:
            changed = self._changed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), timeout=left)


def rfc3339(at: float) -> str:
    """``2026-11-22T18:00:00+08:00``: the form of every time in version 3 of the payment interface."""
    return datetime.fromtimestamp(int(at), CHINA).isoformat()


def compact(at: float) -> str:
    """``20261122180000`` in China's time: the form of version 2."""
    return datetime.fromtimestamp(int(at), CHINA).strftime("%Y%m%d%H%M%S")


def spaced(at: float) -> str:
    """``2026-11-22 18:00:00`` in China's time: the form of bills and of refund queries in version 2."""
    return datetime.fromtimestamp(int(at), CHINA).strftime("%Y-%m-%d %H:%M:%S")


def china_date(at: float) -> str:
    return datetime.fromtimestamp(int(at), CHINA).strftime("%Y-%m-%d")


def parse_rfc3339(text: str) -> float | None:
    """Seconds since 1970, or None when the text is no time with a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).timestamp() if moment.tzinfo else None
