"""Jobs: work for later, enqueued in the transaction that needs it, retried, run in a district's scope.

A thin layer over procrastinate: a job names its district, takes ids and plain values only, and is safe to repeat.
"""

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app

from shangquan.kernel import clock, events, scope
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction

# 2, 4, 8 … seconds, about 17 hours in all: long enough for a receiver that is down for a night.
_RETRY = RetryStrategy(max_attempts=16, exponential_wait=2)

Work = Callable[..., None]


class Job:
    """A named piece of work. `later` enqueues it for the open district; calling it runs it here and now."""

    def __init__(self, work: Work, *, name: str, queue: str, retry: RetryStrategy | bool) -> None:
        self.work, self.name = work, name
        self._task = app.task(name=name, queue=queue, retry=retry)(self._run)

    def _run(self, *, district_id: int, **arguments: Any) -> None:
        with scope.scope(district_id):
            self.work(**arguments)

    def __call__(self, **arguments: Any) -> None:
        self.work(**arguments)

    def later(
        self, *, at: datetime | None = None, wait: timedelta | None = None, once: str | None = None, **arguments: Any
    ) -> None:
        """Enqueue for the open district, at once or at/after a time. With `once`, a job of that name still waiting suffices."""
        if once is not None and _waiting(once):
            return
        when = clock.now() + wait if wait is not None else at
        self._task.configure(schedule_at=when, lock=None, queueing_lock=once).defer(
            district_id=scope.district_id(), **arguments
        )


def _waiting(queueing_lock: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1 from procrastinate_jobs where queueing_lock = %s and status = 'todo'", [queueing_lock])
        return cursor.fetchone() is not None


def job(name: str, *, queue: str = "default", retry: RetryStrategy | bool = _RETRY) -> Callable[[Work], Job]:
    """Declare a job in a room's `jobs.py`. Raise to be retried; return to be done."""

    def register(work: Work) -> Job:
        return Job(work, name=name, queue=queue, retry=retry)

    return register


_timers: dict[str, tuple[str, Work]] = {}


def every(cron: str, *, name: str) -> Callable[[Work], Work]:
    """Declare a timer: run for every district at the times of `cron` (UTC), each district as a job of its own."""

    def register(work: Work) -> Work:
        from shangquan.kernel import districts

        each = Job(work, name=name, queue="timers", retry=_RETRY)

        @app.periodic(cron=cron)
        @app.task(name=f"{name}.all", queue="timers", queueing_lock=f"{name}.all")
        def fan_out(timestamp: int) -> None:
            for district_id in districts.all_ids():
                with scope.scope(district_id):
                    each.later(once=f"{name}:{district_id}")

        _timers[name] = (cron, work)
        return work

    return register


def _deliver(event_id: int, reaction: str) -> None:
    events.deliver(event_id, reaction)


_react = Job(_deliver, name="kernel.react", queue="reactions", retry=_RETRY)


def relay(limit: int = 500) -> int:
    """Turn waiting outbox events into one job per reaction; answers how many events were taken. Safe to run in parallel."""
    with scope.platform(), transaction():
        waiting = list(
            OutboxEvent._base_manager.select_for_update(skip_locked=True)
            .filter(relayed_at__isnull=True)
            .order_by("id")[:limit]
        )
        work: list[dict[str, Any]] = [
            {"district_id": fact.district_id, "event_id": fact.id, "reaction": name}
            for fact in waiting
            for name in events.reactions_to(fact.name)
        ]
        if work:
            _react._task.batch_defer(*work)
        OutboxEvent._base_manager.filter(id__in=[fact.id for fact in waiting]).update(relayed_at=clock.now())
    return len(waiting)


async def work(concurrency: int) -> None:
    """Fetch and run jobs and timers until told to stop (SIGTERM lets the running ones finish).

    A second face of the same tasks: it fetches over connections of its own, while what a task itself enqueues still goes
    through Django's connection, in the task's own transaction.
    """
    worker = App(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker.tasks, worker.periodic_registry = app.tasks, app.periodic_registry
    async with worker.open_async():
        await worker.run_worker_async(
            concurrency=concurrency, delete_jobs="successful", fetch_job_polling_interval=1.0, listen_notify=True
        )


def drain(
    *, limit: int = 1_000_000, share: tuple[int, int] = (0, 1), in_their_time: bool = False, queue: str = ""
) -> int:
    """Relay and run everything that is due (in one queue, if named), here, until nothing is left; answers how many ran.

    For loading history and for tests: a job that fails raises here instead of being retried later. Several processes
    may share the work: `share=(i, n)` runs every job whose id leaves i when divided by n. With `in_their_time` a
    reaction runs with the clock at the moment of its event.
    """
    ran = 0
    while ran < limit:
        relay()
        found = _take_due(share, queue)
        if not found:
            return ran
        times = _times_of_events(found) if in_their_time else {}
        for _, task_name, arguments in found:
            moment = times.get(arguments.get("event_id"))
            with clock.at(moment) if moment else nullcontext():
                app.tasks[task_name].func(**arguments)
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where id = any(%s)", [[row[0] for row in found]])
        ran += len(found)
    raise RuntimeError(f"more than {limit} jobs: something enqueues itself for ever")


def _times_of_events(found: list[tuple[int, str, dict[str, Any]]]) -> dict[Any, datetime]:
    ids = {arguments["event_id"] for _, task_name, arguments in found if task_name == "kernel.react"}
    with scope.platform():
        return dict(OutboxEvent._base_manager.filter(id__in=ids).values_list("id", "happened_at"))


def _take_due(share: tuple[int, int], queue: str) -> list[tuple[int, str, dict[str, Any]]]:
    mine, among = share
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, task_name, args from procrastinate_jobs where status = 'todo' and id %% %s = %s"
            " and (scheduled_at is null or scheduled_at <= %s) and %s in ('', queue_name) order by id limit 500",
            [among, mine, clock.now(), queue],
        )
        return [
            (row[0], row[1], row[2] if isinstance(row[2], dict) else json.loads(row[2])) for row in cursor.fetchall()
        ]
