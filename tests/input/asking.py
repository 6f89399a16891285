"""Asking the whole product badly, and what every answer of "no" must be."""

import json
import re
from functools import cache
from typing import Any

from django.db import connection
from django.test import Client

from shangquan.kernel import walls
from tests.isolation.walk import Operation
from tests.isolation.world import HOSTS

Json = Any
# Written by the refusal itself: who was refused what, and who tried to sign in.
NOTES = ("kernel_audit", "identity_signinattempt", "django_session", "procrastinate_jobs", "procrastinate_events")


def counts() -> dict[str, int]:
    """Rows of every table, in one query."""
    tables = [table for table, _ in walls.tenant_tables() if table not in NOTES]
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(f"select '{table}', count(*) from {table}" for table in tables))
        return dict(cursor.fetchall())


def bearer(operation: Operation) -> dict[str, str]:
    return {"authorization": "Bearer member" if operation.kinds == ("member",) else "Bearer staff"}


@cache
def caller() -> Client:
    """One client for all: nobody here signs in by cookie, and its middleware is built once."""
    return Client(raise_request_exception=False, headers={"host": HOSTS[0]})


def check_refusal(status: int, body: bytes, what: str) -> Json:
    """A refusal carries its code, its status in the code, and a sentence in both languages."""
    assert 400 <= status < 500, f"{what}: {status} {body[:300]!r}"
    told = json.loads(body)
    assert set(told) == {"code", "name", "message", "message_en", "data"}, f"{what}: {told}"
    assert re.fullmatch(r"[A-Z]-\d{4}", told["code"]) and told["code"][2:5] == str(status), f"{what}: {told}"
    assert re.search("[一-鿿]", told["message"]) and told["message_en"], f"{what}: {told}"
    return told
