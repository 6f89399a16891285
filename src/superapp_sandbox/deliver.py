"""Callbacks to the product: sent, retried on the platform's schedule, each attempt in the call log."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .calls import Call

if TYPE_CHECKING:
    import httpx

    from .world import World

# Waits before each retry; with the first attempt at once the whole takes 24 h 4 m. Reference: pay.weixin.qq.com,
# payment and refund result notices.
PAY_SCHEDULE_S = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
TRANSFER_SCHEDULE_S = (15,) * 10 + (300,) * 10 + (1800,) * 44
ANSWER_WITHIN_S = 5.0
_log = logging.getLogger(__name__)


@dataclass
class Attempt:
    """What is sent once; ``probe`` says that a refusal of it is the right answer."""

    headers: dict[str, str]
    body: str
    probe: bool = False
    note: str = ""


@dataclass
class Job:
    """One fact to be told to one address until it is accepted or the schedule ends."""

    id: int
    title: str
    group: str
    url: str
    make: Callable[[], Attempt]
    plain: str = ""
    schedule: tuple[int, ...] = PAY_SCHEDULE_S
    accepts: Callable[[int, str], bool] = lambda status, _: status in (200, 204)
    first_wait_s: float = 0
    repeats: int = 0
    waits_for_next: bool = False
    attempts: int = 0
    state: str = "waiting"  # waiting | accepted | given up | dropped
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def summary(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "url": self.url, "attempts": self.attempts, "state": self.state}


class Deliverer:
    """Sends jobs in the background of the one loop."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.answer_within_s = ANSWER_WITHIN_S
        self.jobs: dict[int, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def client(self) -> "httpx.AsyncClient":
        if self._client is None:
            import httpx  # late: it costs half a second, which a start need not wait for

            # trust_env off: a proxy of the engineer's shell must not see local callbacks.
            self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
        return self._client

    def start(self, job: Job) -> None:
        self.jobs[job.id] = job
        self.run(self._deliver(job))

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let a coroutine run in the background and keep it alive."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (wrong := task.exception()) is not None:
            _log.error("background work failed", exc_info=wrong)

    async def close(self) -> None:
        self.forget()
        if self._client is not None:
            await self._client.aclose()

    def forget(self) -> None:
        """Stop everything that waits to be sent."""
        for task in list(self._tasks):
            task.cancel()
        self.jobs.clear()

    async def _deliver(self, job: Job) -> None:
        await self.world.clock.sleep(job.first_wait_s)
        if job.waits_for_next:
            await job.released.wait()
        for wait in (*job.schedule, None):
            accepted, probe = await self._send_once(job)
            if job.attempts == 1:
                self._release_others(job)
            if accepted:
                job.state = "accepted"
                for _ in range(job.repeats):
                    await self._send_once(job)
                return
            if wait is None:
                break
            # A refused probe is followed by a good one soon; anything else by the schedule.
            await self.world.clock.sleep(1 if probe else wait)
        job.state = "given up"

    def _release_others(self, sent: Job) -> None:
        for job in self.jobs.values():
            if job is not sent and job.group == sent.group and job.waits_for_next:
                job.released.set()

    async def _send_once(self, job: Job) -> tuple[bool, bool]:
        job.attempts += 1
        attempt = job.make()
        call = self.world.calls.open(self.world.clock.now(), "out", "POST", job.url)
        call.title, call.decrypted = f"{job.title} #{job.attempts}", job.plain
        if attempt.note:
            call.step("故障注入 fault", True, attempt.note)
        status = await send(self.client(), call, attempt.headers, attempt.body, self.answer_within_s)
        accepted = job.accepts(status, call.answer_body)
        call.step("应答 answer", accepted or attempt.probe, _why(status, accepted))
        self.world.changes.tell("call", call=call.id)
        return accepted, attempt.probe


def _why(status: int, accepted: bool) -> str:
    if accepted:
        return f"HTTP {status}: accepted"
    return (
        f"HTTP {status}: not the answer that is asked for, will be retried"
        if status
        else "no answer within 5 s, will be retried"
    )


async def send(client: "httpx.AsyncClient", call: Call, headers: dict[str, str], body: str, within_s: float) -> int:
    """One request, written into ``call``. The HTTP status, or 0 when nothing came back in time."""
    import httpx

    loop = asyncio.get_running_loop()
    started = loop.time()
    call.request_headers, call.request_body = dict(headers), body
    try:
        # wait_for, because httpx's own limit counts each read alone and not the whole answer.
        answer = await asyncio.wait_for(
            client.request(call.method, call.path, content=body.encode(), headers=headers, timeout=within_s), within_s
        )
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as wrong:
        call.answer_body = f"{type(wrong).__name__}: {wrong}"
        return 0
    finally:
        call.took_ms = int((loop.time() - started) * 1000)
    call.status, call.answer_headers, call.answer_body = answer.status_code, dict(answer.headers), answer.text[:20000]
    return answer.status_code
