"""Every address of the product, found by walking its URL table and its OpenAPI object, and filled with a district's own ids."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from shangquan.config.api import api
from shangquan.identity.api import Right, Token
from shangquan.kernel import walls

Json = Any
MOST = 3  # addresses that one operation is tried at


@dataclass(frozen=True)
class Operation:
    """One method at one address. `kinds` may call it (empty: anyone); `right` is asked for, if any."""

    method: str
    path: str
    kinds: tuple[str, ...]
    right: str
    body: Json
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))


@cache
def operations() -> list[Operation]:
    schema = _schema()
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                doors = [auth for auth in operation.auth_callbacks if isinstance(auth, Token)]
                rights = [auth.card.name for auth in doors if isinstance(auth, Right)]
                for method in operation.methods:
                    at = re.sub(r"\{\w+:(\w+)\}", r"{\1}", re.sub("/+", "/", f"/api/v1/{prefix}/{path}"))
                    at = at if at in schema["paths"] else at.rstrip("/")
                    told = schema["paths"][at][method.lower()]
                    content = (told.get("requestBody") or {}).get("content", {})
                    body = content.get("application/json", {}).get("schema")
                    kinds = doors[0].kinds if doors else ()
                    found.append(Operation(method, at, kinds, rights[0] if rights else "", body, *_named(told)))
    return found


def _named(told: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the query's parameters and of the headers."""
    by_place = {
        place: tuple(one["name"] for one in told.get("parameters", ()) if one["in"] == place)
        for place in ("query", "header")
    }
    return by_place["query"], by_place["header"]


@dataclass(frozen=True)
class Page:
    """A page of the URL table: its address with `<kind:name>` where an id goes."""

    route: str
    module: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.route))


@cache
def pages() -> list[Page]:
    return [
        page for page in _pages(get_resolver(), "/") if not page.route.startswith(("/api/", "/_design/", "/static/"))
    ]


def _pages(of: URLResolver, prefix: str) -> Iterator[Page]:
    for found in of.url_patterns:
        if isinstance(found, URLResolver):
            yield from _pages(found, prefix + str(found.pattern))
        elif isinstance(found, URLPattern):
            yield Page(prefix + str(found.pattern), found.callback.__module__)


class Ids:
    """What stands in a district's tables under a name: `store_id` is the key of a table of stores, `number` a column.

    With a merchant, rows of tables that belong to merchants are that merchant's.
    """

    def __init__(self, district_id: int, merchant_id: int | None = None) -> None:
        self.district_id, self.merchant_id = district_id, merchant_id
        self._known: dict[str, list[Any]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "select table_name, column_name from information_schema.columns where table_schema = 'public'"
            )
            self._columns = cursor.fetchall()

    def of(self, name: str) -> list[Any]:
        if name not in self._known:
            self._known[name] = self._look(name) or [1]
        return self._known[name]

    def is_merchants(self, name: str) -> bool:
        """Whether what stands under the name belongs to a merchant."""
        return any(self._merchant_column(table) for table in self._keyed(name))

    def _keyed(self, name: str) -> list[str]:
        thing = name.removesuffix("_id")
        if not name.endswith("_id"):
            return []
        return sorted(
            (t for t, _ in walls.tenant_tables() if t.replace("_", "").endswith(thing.replace("_", ""))), key=len
        )

    def _merchant_column(self, table: str) -> str:
        if table == "district_merchant":
            return "id"
        having = {column for owner, column in self._columns if owner == table}
        return next((column for column in ("merchant_id", "issuer_merchant_id") if column in having), "")

    def _look(self, name: str) -> list[Any]:
        places = [(table, "id") for table in self._keyed(name)]
        ours = {table for table, _ in walls.tenant_tables()}
        places += [(table, column) for table, column in self._columns if column == name and table in ours]
        found: list[Any] = []
        with connection.cursor() as cursor:
            for table, column in places:
                wanted, values = "district_id = %s", [self.district_id]
                if self.merchant_id is not None and self._merchant_column(table):
                    wanted, values = f"{wanted} and {self._merchant_column(table)} = %s", [*values, self.merchant_id]
                cursor.execute(
                    f"select {column} from {table} where {wanted} and {column} is not null order by id limit 2", values
                )
                found += [value for (value,) in cursor.fetchall() if value != ""]
        return list(dict.fromkeys(found))[: 2 * MOST]

    def fill(self, template: str, names: tuple[str, ...]) -> list[str]:
        """The address with ids in it: at most `MOST` of them."""
        if not names:
            return [template]
        rows = list(zip_longest(*(self.of(name)[:MOST] for name in names)))
        filled = []
        for row in rows:
            address = template
            for name, value in zip(names, row, strict=True):
                chosen = self.of(name)[0] if value is None else value
                address = re.sub(rf"<(?:\w+:)?{name}>|\{{{name}\}}", str(chosen), address)
            filled.append(address)
        return filled

    def body(self, schema: Json, name: str = "") -> Json:
        """The least body that the schema takes, with ids of this district wherever an id is asked for."""
        if schema is None:
            return None
        if "$ref" in schema:
            return self.body(_component(schema["$ref"]), name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self.body(schema[several][0], name)
        kind = schema.get("type")
        if kind == "object":
            wanted = set(schema.get("required", ())) | {
                key for key in schema.get("properties", {}) if key.endswith("_id")
            }
            return {key: self.body(what, key) for key, what in schema.get("properties", {}).items() if key in wanted}
        if kind == "array":
            return [self.body(schema.get("items", {}), name.removesuffix("s"))]
        if kind in ("integer", "number"):
            return self.of(name)[0] if name.endswith("_id") else max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return True
        return self._text(schema, name)

    def required(self, schema: Json) -> list[str]:
        """Names of the fields without which a body is refused."""
        whole = _component(schema["$ref"]) if "$ref" in schema else schema
        return list(whole.get("required", ()))

    def _text(self, schema: Json, name: str) -> str:
        if schema.get("format") == "date-time":
            return "2027-01-01T00:00:00Z"
        if schema.get("format") == "date":
            return "2027-01-01"
        known = (
            [value for value in self.of(name) if isinstance(value, str)]
            if name in ("number", "code", "token", "username")
            else []
        )
        return known[0] if known else "x" * max(1, schema.get("minLength", 1))


@cache
def _schema() -> Json:
    return api.get_openapi_schema()


def _component(ref: str) -> Json:
    found: Json = _schema()
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found


def digest(where: str, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """A digest of the rows of each table that `where` chooses, in one query; tables without its columns are left out.

    `where` names its columns as `{column} = 1`.
    """
    tables = [table for table in _tables(where) if table not in but]
    chosen = re.sub(r"[{}]", "", where)
    parts = (f"select '{t}', md5(string_agg(t::text, '|' order by t.id)) from {t} t where {chosen}" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts))
        return {table: text or "" for table, text in cursor.fetchall()}


def texts(where: str, *, but: frozenset[str] = frozenset()) -> set[str]:
    """Every text of four characters or more in the rows that `where` chooses: what must not show elsewhere.

    Words of the code itself (states, kinds) are not secrets.
    """
    chosen = re.sub(r"[{}]", "", where)
    ours = set(_tables(where)) - but
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and data_type in ('character varying', 'text')"
        )
        parts = [
            f'select "{column}" from {table} t where {chosen}' for table, column in cursor.fetchall() if table in ours
        ]
        cursor.execute(" union ".join(parts))
        return {
            text for (text,) in cursor.fetchall() if text and len(text) >= 4 and not re.fullmatch(r"[a-z_.:]+", text)
        }


def _tables(where: str) -> list[str]:
    wanted = re.findall(r"\{(\w+)\}", where)
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.columns where table_schema = 'public' and column_name = any(%s)"
            " group by 1 having count(*) = %s",
            [wanted, len(wanted)],
        )
        having = {name for (name,) in cursor.fetchall()}
    return [table for table, _ in walls.tenant_tables() if table in having]
