"""Many at the same moment, each with a connection of its own, in threads or in processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from shangquan.kernel import scope
from shangquan.kernel.errors import Refused


def at_once(works: Sequence[Callable[[], Any]], threads: int = 0) -> list[Any]:
    """Run all together in the open scope; answers results, and the codes of refusals, in order.

    With fewer threads than works each thread does several; they begin at the same moment all the same.
    """
    opened, many = scope.current(), threads or len(works)
    gate = Barrier(many)

    def one(mine: Sequence[Callable[[], Any]]) -> list[Any]:
        with scope.scope(opened.district_id, actor=opened.actor):
            try:
                connection.ensure_connection()
                gate.wait(30)
                return [_answer(work) for work in mine]
            finally:
                connection.close()

    with ThreadPoolExecutor(many) as pool:
        parts = list(pool.map(one, [works[start::many] for start in range(many)]))
    return [parts[number % many][number // many] for number in range(len(works))]


def _answer(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refused as no:
        return no.reason.code
