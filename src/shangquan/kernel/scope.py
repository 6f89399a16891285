"""Who acts, and in which district. A scope is always open; what runs without one fails.

The scope is what the tables' managers filter by and what PostgreSQL's row-level security reads (`postgres/base.py`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from shangquan.kernel.errors import FORBIDDEN, Refused

PLATFORM = 0  # the district id of a platform scope: sees the tables marked `platform_table`, no district's rows


class ScopeMissing(RuntimeError):
    """A tenant table was used with no scope open: a bug, never an answer."""


@dataclass(frozen=True)
class Actor:
    """Who does it: `kind` is staff, member, device, job, system or guest; `rights` are strings such as 'coupons.edit'.

    `merchant_id` and `store_id` are the walls around a merchant's staff and devices; None means the whole district.
    """

    kind: str = "guest"
    id: int = 0
    name: str = ""
    role: str = ""
    merchant_id: int | None = None
    store_id: int | None = None
    rights: frozenset[str] = field(default_factory=frozenset)

    def may(self, right: str, *, merchant_id: int | None = None, store_id: int | None = None) -> bool:
        """Whether this actor holds `right`, for that merchant and store where they are named."""
        if self.kind == "system":
            return True
        if right not in self.rights:
            return False
        if self.merchant_id is not None and merchant_id is not None and merchant_id != self.merchant_id:
            return False
        return not (self.store_id is not None and store_id is not None and store_id != self.store_id)


SYSTEM = Actor(kind="system", name="系统")
GUEST = Actor()


@dataclass(frozen=True)
class Scope:
    district_id: int
    actor: Actor
    request_id: str = ""
    ip: str = ""
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what was read once for this scope


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope:
    scope = _scope.get()
    if scope is None:
        raise ScopeMissing("no scope is open: wrap the work in kernel.scope.scope(district_id)")
    return scope


def current_or_none() -> Scope | None:
    return _scope.get()


def district_id() -> int:
    """The open district; refuses a platform scope."""
    found = current().district_id
    if found == PLATFORM:
        raise ScopeMissing("a platform scope is open, but this needs a district")
    return found


def actor() -> Actor:
    return current().actor


@contextmanager
def scope(district_id: int, *, actor: Actor = SYSTEM, request_id: str = "", ip: str = "") -> Iterator[Scope]:
    """Open a district's scope. Nested scopes restore the outer one."""
    opened = Scope(district_id, actor, request_id, ip)
    reset = _scope.set(opened)
    try:
        yield opened
    finally:
        _scope.reset(reset)


def platform(*, actor: Actor = SYSTEM) -> AbstractContextManager[Scope]:
    """A scope above the districts: for relays and set-up."""
    return scope(PLATFORM, actor=actor)


def require(right: str, *, merchant_id: int | None = None, store_id: int | None = None) -> Actor:
    """The acting person if they may; otherwise refuses with 403. The edge that answers writes the refusal to the audit."""
    who = actor()
    if not who.may(right, merchant_id=merchant_id, store_id=store_id):
        raise Refused(FORBIDDEN, right=right)
    return who
