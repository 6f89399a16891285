"""The laws of the house that neither ruff nor import-linter can see."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from shangquan.kernel import walls
from shangquan.kernel.errors import all_reasons
from shangquan.kernel.tenant import TenantModel

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "shangquan"
ROOMS = sorted(path for path in SRC.iterdir() if (path / "__init__.py").exists())
FREE = {"kernel", "config", "design", "demo"}  # infrastructure, not rooms of business
PLATFORM_TABLES = {
    "tenancy.District",
    "identity.Account",
    "identity.SignInAttempt",
    "members.Person",
    "members.PersonKey",
}


def sources(pattern: str = "**/*.py") -> Iterator[tuple[Path, str]]:
    for path in sorted(SRC.glob(pattern)):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield path, path.read_text()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_a_card(room: Path) -> None:
    card = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert card.startswith(f"Room card: {room.name}"), f"{room.name}/__init__.py must begin with its room card"


def test_other_rooms_are_reached_through_their_door_contracts_and_ports_only() -> None:
    """A room imports another room's `door`, `contracts`, `ports`, pure `rules` or, for APIs, its auth; nothing inside it."""
    allowed = {"door", "contracts", "ports", "rules"}
    api_only = {"identity.api"}
    rooms = {room.name for room in ROOMS} - FREE
    found = []
    for path, text in sources():
        here = path.relative_to(SRC).parts[0]
        if here not in rooms:
            continue
        for node in ast.walk(ast.parse(text)):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("shangquan."):
                module = node.module.removeprefix("shangquan.")
                names = [module] if "." in module else [f"{module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [a.name.removeprefix("shangquan.") for a in node.names if a.name.startswith("shangquan.")]
            for name in names:
                room, _, inside = name.partition(".")
                if room in rooms and room != here and inside.split(".")[0] not in allowed and name not in api_only:
                    found.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not found, "\n".join(found)


def test_rules_and_contracts_know_no_django_and_no_clock() -> None:
    found = []
    for path, text in sources():
        inside = path.relative_to(SRC).parts[1:]
        if not inside or inside[0].removesuffix(".py") not in ("rules", "contracts"):
            continue
        for line in text.splitlines():
            if re.match(r"\s*(from|import) (django|ninja|httpx|psycopg)", line) or "clock.now(" in line:
                found.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert not found, "\n".join(found)


def test_the_clock_is_read_at_the_edge_only() -> None:
    """`datetime.now` nowhere but in the kernel's clock; `clock.now` never in an action or a rule."""
    found = []
    for path, text in sources():
        parts = path.relative_to(SRC).parts
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"datetime\.now\(|timezone\.now\(|date\.today\(|time\.time\(", line) and parts[:2] != (
                "kernel",
                "clock.py",
            ):
                found.append(f"{path.relative_to(ROOT)}:{number}")
            if "clock.now(" in line and "actions" in parts and parts[0] not in ("kernel", "ledger"):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found, "\n".join(found)


def test_rows_are_locked_in_locks_py_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}"
        for path, text in sources()
        if "select_for_update" in text
        and path.name != "locks.py"
        and path.relative_to(SRC).parts[0] not in ("kernel", "tenancy")
    ]
    assert not found, "\n".join(found)


def test_every_right_that_is_asked_for_is_one_that_a_role_can_hold() -> None:
    from shangquan.identity.contracts import RIGHTS

    asked = re.compile(r"""(?:require|may|_for|right)\(\s*["']([a-z_]+\.[a-z_]+)["']""")
    found = [
        f"{path.relative_to(ROOT)}: {right}"
        for path, text in sources()
        for right in asked.findall(text)
        if right not in RIGHTS
    ]
    assert not found, "\n".join(found)


def test_no_signals_and_no_save_overrides_between_our_rooms() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path, text in sources()
        if ("django.dispatch" in text or "post_save" in text or "pre_save" in text) and "kernel" not in path.parts
    ]
    assert not found, "\n".join(found)


def test_no_drawers() -> None:
    drawers = {"utils", "helpers", "common", "manager", "service", "misc"}
    found = [str(p.relative_to(ROOT)) for p in SRC.rglob("*") if p.stem in drawers]
    assert not found, "\n".join(found)


def test_every_table_belongs_to_a_district_or_is_named_as_the_platforms() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("shangquan.")]
    loose = [model._meta.label for model in ours if not issubclass(model, TenantModel)]
    assert set(loose) <= PLATFORM_TABLES, f"tables without a district: {sorted(set(loose) - PLATFORM_TABLES)}"


def test_no_foreign_key_leaves_its_room() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("shangquan.")
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.app_label != model._meta.app_label
    ]
    assert not found, "\n".join(found)


def test_row_level_security_is_on_for_every_table_with_a_district(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relrowsecurity and relkind in ('r', 'p')")
        walled = {name for (name,) in cursor.fetchall()}
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False,), "the tests run under a role that could climb the wall"
    assert {table for table, _ in walls.tenant_tables()} <= walled


def test_refusals_speak_both_languages_and_carry_their_status() -> None:
    for reason in all_reasons():
        assert re.fullmatch(r"[A-Z]-\d{4}", reason.code), reason
        assert reason.code[2:5] == str(reason.status), f"{reason.code} does not carry its status {reason.status}"
        assert re.search("[一-鿿]", reason.zh) and reason.en and not re.search("[一-鿿]", reason.en), reason


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine, no package registry's host, in anything that is committed."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    words = re.compile(r"/work/|files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian\.org|/root/")
    found = []
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".txt", ".lock", ".html", ".js", ".css", ".json", ".cfg", ".yml", ""}
            and path.is_file()
        ):
            if "vendor" in path.parts or path == Path(__file__).resolve():
                continue
            if words.search(path.read_text(errors="ignore")):
                found.append(name)
    assert not found, "\n".join(found)
