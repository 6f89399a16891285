"""The tests run on a real PostgreSQL, under the role that row-level security binds, as the product does."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in the main thread
ROOT = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of pages in a browser need Debian's Chromium; `.ci/run` installs it, a bare machine goes without them."""
    if shutil.which("chromium") is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


def _schema() -> str:
    """Changes when a table may change, so that a built database is used again until then."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "src").rglob("*.py")):
        if "migrations" in file.parts or file.name in ("walls.py", "models.py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _as(user: str, name: str) -> None:
    connection.close()
    connections.databases["default"].update({"USER": user, "NAME": name})
    connection.settings_dict.update({"USER": user, "NAME": name})


def _owner_runs(*statements: str) -> None:
    app = dict(connection.settings_dict)
    _as(_OWNER, "postgres")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    _as(app["USER"], app["NAME"])


_OWNER = "postgres"


def _build(template: str, app_role: str) -> None:
    from django.core.management import call_command

    building = f"building_{template}"
    with connection.cursor() as cursor:
        cursor.execute(f'create database "{building}"')
    _as(_OWNER, building)
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute(f"grant truncate on all tables in schema public to {app_role}")
    _as(_OWNER, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'alter database "{building}" rename to "{template}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """A template database per schema, built once, copied for each worker."""
    app_role = settings.APP_ROLE
    if "DATABASE_URL" in os.environ:
        pytest.exit("tests use the embedded PostgreSQL: unset DATABASE_URL")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    template, name = f"tpl_{_schema()}", f"test_{worker}_{os.getpid()}"
    with django_db_blocker.unblock(), (settings.VAR / "template.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # several workers, one template
        _as(_OWNER, "postgres")
        with connection.cursor() as cursor:
            cursor.execute(
                "select datname from pg_database where datname like 'tpl\\_%' or datname like 'building\\_%'"
            )
            known = {found for (found,) in cursor.fetchall()}
            for old in known - {template}:
                cursor.execute(f'drop database if exists "{old}" with (force)')
        if template not in known:
            _build(template, app_role)
        _as(_OWNER, "postgres")
        with connection.cursor() as cursor:
            cursor.execute(f'create database "{name}" template "{template}"')
        _as(app_role, name)
    yield
    with django_db_blocker.unblock():
        _owner_runs(f'drop database if exists "{name}" with (force)')


@pytest.fixture
def now() -> datetime:
    """The Sunday evening of the district's story: 2026-11-22 18:24 in Shanghai."""
    from datetime import UTC

    return datetime(2026, 11, 22, 10, 24, tzinfo=UTC)


@pytest.fixture
def district_id(db: None, now: datetime) -> Iterator[int]:
    """An open district with every ready module on, and its scope as the system."""
    from shangquan.kernel import scope
    from shangquan.kernel.transactions import transaction
    from shangquan.tenancy.actions.open_district import open_district

    with connection.cursor() as cursor:  # the queue's tables are not Django's, so emptying the others leaves it full
        cursor.execute("delete from procrastinate_jobs")
    with transaction():
        made = open_district(slug="qiwuli", name="栖梧里", name_en="Qiwuli", now=now)
    with scope.scope(made):
        yield made
