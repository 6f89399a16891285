"""The second wall alone: raw SQL under the application's own role, table by table."""

from django.db import DatabaseError, connection, transaction

from shangquan.kernel import scope, walls
from tests.isolation.world import World

TABLES = walls.tenant_tables()


def _count(table: str, where: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where {where}")
        return int(cursor.fetchone()[0])


def test_without_a_scope_no_table_shows_a_row(world: World) -> None:
    outside = scope._scope.set(None)
    try:
        seen = {table: _count(table) for table, _ in TABLES}
    finally:
        scope._scope.reset(outside)
    assert not {table: rows for table, rows in seen.items() if rows}
    filled = [table for table, _ in TABLES if _count(table)]
    assert len(filled) > 25, "with its scope the same statements see the rows"


def test_in_another_districts_scope_no_table_shows_a_row_of_this_one(world: World) -> None:
    with scope.scope(world.second):
        seen = {table: _count(table, f"district_id <> {world.second}") for table, _ in TABLES}
        assert _count("checkout_bill") == 0 and _count("members_member") == 1
    assert not {table: rows for table, rows in seen.items() if rows}


def test_a_platform_scope_sees_only_the_tables_that_say_so(world: World) -> None:
    with scope.platform():
        seen = {table for table, platform in TABLES if not platform and _count(table)}
    assert not seen


def test_another_districts_scope_changes_and_removes_nothing(world: World) -> None:
    changed = {}
    with scope.scope(world.second):
        for table, _ in TABLES:
            for statement in (
                f"update {table} set district_id = district_id where district_id = {world.first}",
                f"delete from {table} where district_id = {world.first}",
            ):
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute(statement)
                        if cursor.rowcount:
                            changed[table] = statement
                except DatabaseError as refused:
                    assert "permission denied" in str(refused), refused  # the table only takes additions
    assert not changed


def test_no_row_is_put_into_or_moved_to_another_district(world: World) -> None:
    """A row copied or moved over the wall is stopped by the policy's check, or by a grant that is not there."""
    passed, tried = [], 0
    for table, _ in TABLES:
        if not _count(table):
            continue
        tried += 1
        with connection.cursor() as cursor:
            cursor.execute(
                "select column_name from information_schema.columns where table_name = %s and is_generated = 'NEVER'"
                " and column_name not in ('id', 'district_id')",
                [table],
            )
            columns = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        for statement in (
            f"update {table} set district_id = {world.second}",
            f"insert into {table} (district_id, {columns}) select {world.second}, {columns} from {table} limit 1",
        ):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
                passed.append(statement)
            except DatabaseError as refused:
                if "row-level security" not in str(refused) and "permission denied" not in str(refused):
                    passed.append(f"{statement}: {refused}")
    assert not passed, "\n".join(passed)
    assert tried > 25


def test_every_table_has_one_policy_for_all_commands(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tablename, cmd, qual, with_check from pg_policies")
        policies = cursor.fetchall()
    assert sorted(table for table, *_ in policies) == sorted(table for table, _ in TABLES)
    for table, command, seen, written in policies:
        assert command == "ALL" and "app.district_id" in seen and seen == written, table
