"""The worker: turns the outbox into jobs and runs jobs and timers. Any number may run at once; each may die at any time."""

import asyncio
import logging
import os
import threading

import django

logger = logging.getLogger(__name__)
_RELAY_EVERY_SECONDS = 0.2


def _relay(stop: threading.Event) -> None:
    """Until told to stop. A database that is away is waited for, never given up on."""
    from django.db import connection

    from shangquan.kernel.jobs import relay

    while not stop.is_set():
        try:
            busy = relay() > 0
        except Exception:
            logger.exception("the outbox relay failed; trying again")
            connection.close()
            busy = False
        if not busy:
            stop.wait(_RELAY_EVERY_SECONDS)
    connection.close()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
    django.setup()
    stop = threading.Event()
    relay = threading.Thread(target=_relay, args=(stop,), name="relay")
    relay.start()
    try:
        from shangquan.kernel.jobs import work

        asyncio.run(work(concurrency=int(os.environ.get("SHANGQUAN_WORKERS", "4"))))
    finally:
        stop.set()
        relay.join()


if __name__ == "__main__":
    main()
