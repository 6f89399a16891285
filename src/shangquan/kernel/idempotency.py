"""A repeated request gets its first answer again. The unique constraint on (district, who, key) is the truth."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection

from shangquan.kernel import clock, scope
from shangquan.kernel.errors import BAD_INPUT, KEY_REUSED, Refused
from shangquan.kernel.transactions import required

Json = Any


def fingerprint(*parts: Any) -> str:
    """What makes two requests the same request."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@required
def once(*, key: str, request: str, run: Callable[[], Json]) -> Json:
    """Run and remember, or answer as before. `request` is a `fingerprint`; another one under the same key is refused.

    A second caller with the same key waits at the constraint until the first has committed, then reads its answer.
    A refusal rolls the key back with everything else, so a refused request may be tried again.
    """
    if not 8 <= len(key) <= 80:
        raise Refused(BAD_INPUT, why="Idempotency-Key 要 8 到 80 个字符")
    who = scope.actor()
    name = f"{who.kind}:{who.id}"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into kernel_idempotent_answer (district_id, who, key, fingerprint, made_at)
            values (%s, %s, %s, %s, %s) on conflict (district_id, who, key) do nothing returning id
            """,
            [scope.district_id(), name, key, request, clock.now()],
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "select fingerprint, answer from kernel_idempotent_answer where district_id = %s and who = %s and key = %s",
                [scope.district_id(), name, key],
            )
            known, answer = cursor.fetchone()
            if known != request:
                raise Refused(KEY_REUSED)
            return json.loads(answer) if isinstance(answer, str) else answer
        answer = run()
        cursor.execute(
            "update kernel_idempotent_answer set answer = %s::jsonb where id = %s",
            [json.dumps(answer, ensure_ascii=False, default=str), row[0]],
        )
        return json.loads(json.dumps(answer, ensure_ascii=False, default=str))
