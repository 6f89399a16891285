"""The second wall: row-level security and grants, rebuilt after every migrate so that no new table is forgotten."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

_POLICY = """
alter table {table} enable row level security;
drop policy if exists district on {table};
create policy district on {table} to {role}
  using (district_id = nullif(current_setting('app.district_id', true), '')::bigint {platform})
  with check (district_id = nullif(current_setting('app.district_id', true), '')::bigint {platform});
"""

_GRANTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select, update on all sequences in schema public to {role};
grant execute on all functions in schema public to {role};
"""

_APPEND_ONLY = """
revoke update, delete on {table} from {role};
"""


def tenant_tables() -> list[tuple[str, bool]]:
    """(table, whether a platform scope may see it too) of every model with a `district_id`."""
    return sorted(
        (model._meta.db_table, bool(getattr(model, "platform_table", False)))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and any(field.column == "district_id" for field in model._meta.local_concrete_fields)
    )


def append_only_tables() -> list[str]:
    """Tables whose rows the application may add but never change: models with `append_only = True`."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def rebuild(using: str = "default", **_: Any) -> None:
    """Runs as the owner, once for each app that migrates; all of it is repeatable.

    As the application's own role it does nothing: a test that empties its tables sends the same signal.
    """
    role = settings.APP_ROLE
    with connections[using].cursor() as cursor:
        cursor.execute("select current_user = %s", [role])
        if cursor.fetchone() == (True,):
            return
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(f'create role "{role}" login')
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        present = {name for (name,) in cursor.fetchall()}
        cursor.execute(_GRANTS.format(role=role))
        for table, platform in tenant_tables():
            if table in present:
                seen = "or current_setting('app.district_id', true) = '0'" if platform else ""
                cursor.execute(_POLICY.format(table=table, role=role, platform=seen))
        for table in append_only_tables():
            if table in present:
                cursor.execute(_APPEND_ONLY.format(table=table, role=role))
