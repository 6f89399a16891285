"""A scratch database with the product's schema, on a PostgreSQL of the bench's own with the product's settings."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

_OWNER = "postgres"


@contextmanager
def scratch(root: Path) -> Iterator[None]:
    """Django's connection leads to a new database until the block ends; then it is dropped."""
    template, name = f"bench_{_schema(root)}", f"bench_run_{os.getpid()}"
    with _server() as server:
        if not server.execute("select 1 from pg_database where datname = %s", [template]).fetchone():
            _build(server, template)
        server.execute(f'create database "{name}" template "{template}"')
        try:
            _lead_to(settings.APP_ROLE, name)
            yield
        finally:
            connection.close()
            server.execute(f'drop database if exists "{name}" with (force)')


def as_owner() -> psycopg.Connection[Any]:
    """A connection of its own to the database in use, as who may create tables; autocommit."""
    now = connection.settings_dict
    return psycopg.connect(host=now["HOST"], dbname=now["NAME"], user=_OWNER, autocommit=True)


def require_durable() -> None:
    """A figure without fsync and synchronous_commit would be of another product: refuses to measure."""
    with as_owner() as owner:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = owner.execute(f"show {name}").fetchone()
            if row is None or row[0] != "on":
                raise SystemExit(f"{name} is off: nothing would be measured that counts")


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=connection.settings_dict["HOST"], dbname="postgres", user=_OWNER, autocommit=True, connect_timeout=10
    )


def _build(server: psycopg.Connection[Any], template: str) -> None:
    from django.core.management import call_command

    old = server.execute("select datname from pg_database where datname ~ '^bench_[0-9a-f]+$'").fetchall()
    for (gone,) in old:
        server.execute(f'drop database "{gone}" with (force)')
    building = "bench_building"
    server.execute(f"drop database if exists {building} with (force)")
    server.execute(f"create database {building}")
    _lead_to(_OWNER, building)
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    server.execute(f'alter database {building} rename to "{template}"')


def _lead_to(user: str, name: str) -> None:
    connection.close()
    connection.settings_dict.update({"USER": user, "NAME": name})


def _schema(root: Path) -> str:
    """Changes when a table may change, so that a built database serves until then."""
    digest = hashlib.sha256()
    for file in sorted((root / "src").rglob("*.py")):
        if "migrations" in file.parts or file.name in ("walls.py", "models.py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
