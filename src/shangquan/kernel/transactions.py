"""Four words for four intents: start one, require one, savepoint (plain `atomic`), must not be inside one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection
from django.db.transaction import Atomic, atomic

P = ParamSpec("P")
R = TypeVar("R")


class TransactionMissing(RuntimeError):
    """An action was called without a transaction around it: its edge forgot to open one."""


class TransactionOpen(RuntimeError):
    """An outside call was tried while a transaction is open: it would hold locks for as long as a stranger likes."""


def inside() -> bool:
    """Whether a transaction of ours is open. The one a test case wraps around itself does not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def transaction() -> AbstractContextManager[None]:
    """Start a transaction. Only edges do: a page, an API call, a job, a command. Refuses to nest."""
    return atomic(durable=True)


def required(action: Callable[P, R]) -> Callable[P, R]:
    """For actions: fail loudly unless a transaction is open."""

    @wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not inside():
            raise TransactionMissing(f"{action.__module__}.{action.__qualname__} needs an open transaction")
        return action(*args, **kwargs)

    return guarded


def forbidden(call: Callable[P, R]) -> Callable[P, R]:
    """For outside calls: fail loudly when a transaction is open."""

    @wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        refuse_inside(f"{call.__module__}.{call.__qualname__}")
        return call(*args, **kwargs)

    return guarded


def refuse_inside(what: str) -> None:
    if inside():
        raise TransactionOpen(f"{what} must not run inside a transaction")


__all__ = [
    "Atomic",
    "TransactionMissing",
    "TransactionOpen",
    "forbidden",
    "inside",
    "refuse_inside",
    "required",
    "transaction",
]
