"""The feed of changes that phones and benches listen to."""

import asyncio
from collections import deque
from typing import Any


class Changes:
    """The last changes, each with a growing ``seq``; a listener asks for those after the last it has seen."""

    def __init__(self, kept: int = 1000) -> None:
        self._events: deque[dict[str, Any]] = deque(maxlen=kept)
        self.seq = 0
        self._arrived = asyncio.Event()

    def tell(self, kind: str, user_id: str = "", **what: Any) -> None:
        self.seq += 1
        self._events.append({"seq": self.seq, "kind": kind, "user": user_id, **what})
        self._arrived.set()
        self._arrived = asyncio.Event()

    def since(self, seq: int, user_id: str = "") -> list[dict[str, Any]]:
        return [e for e in self._events if e["seq"] > seq and (not user_id or e["user"] in ("", user_id))]

    async def wait(self, seq: int, user_id: str, seconds: float) -> list[dict[str, Any]]:
        """Changes after ``seq``, or an empty list when none came within ``seconds`` of real time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not (found := self.since(seq, user_id)):
            left = until - loop.time()
            if left <= 0:
                return []
            arrived = self._arrived
            try:
                await asyncio.wait_for(arrived.wait(), timeout=left)
            except TimeoutError:
                return []
        return found
