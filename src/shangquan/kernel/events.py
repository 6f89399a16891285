"""Events: past facts, published in the transaction of the change they tell of, delivered later to each reaction.

A room declares its events in `contracts.py`; `journeys` declares the reactions. A reaction runs in a transaction of its
own together with the mark that it ran, so however often it is delivered it takes effect once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter

from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import required


@dataclass(frozen=True)
class Event:
    """Base of all events: a frozen dataclass of plain values (int, str, bool, datetime, tuples of them)."""

    event_name: ClassVar[str] = ""


E = TypeVar("E", bound=Event)
Reaction = Callable[[Any], None]

_events: dict[str, type[Event]] = {}
_reactions: dict[str, dict[str, Reaction]] = {}


def event(name: str) -> Callable[[type[E]], type[E]]:
    """Class decorator, above `@dataclass(frozen=True)`: gives the event the stable name it is stored under."""

    def register(cls: type[E]) -> type[E]:
        if _events.setdefault(name, cls) is not cls:
            raise ValueError(f"two events are called {name}")
        cls.event_name = name
        return cls

    return register


def reaction(cls: type[E], *, name: str) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Declare a reaction to an event. It gets the event inside its own transaction and scope; it must not call outside."""

    def register(react: Callable[[E], None]) -> Callable[[E], None]:
        table = _reactions.setdefault(cls.event_name, {})
        if table.setdefault(name, react) is not react:
            raise ValueError(f"two reactions to {cls.event_name} are called {name}")
        return react

    return register


_adapters: dict[type[Event], TypeAdapter[Any]] = {}


def _adapter(cls: type[Event]) -> TypeAdapter[Any]:
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


@required
def publish(*facts: Event) -> None:
    """Write the facts to the outbox, in the open transaction and scope."""
    from shangquan.kernel.models import OutboxEvent

    now = clock.now()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(name=fact.event_name, payload=_adapter(type(fact)).dump_python(fact, mode="json"), happened_at=now)
        for fact in facts
    )


def reactions_to(name: str) -> tuple[str, ...]:
    return tuple(_reactions.get(name, ()))


def table_of_reactions() -> dict[str, tuple[str, ...]]:
    """Every event with the names of its reactions: the contents of `journeys`."""
    return {name: reactions_to(name) for name in sorted(_events)}


def deliver(event_id: int, reaction_name: str) -> bool:
    """Run one reaction to one event, unless it ran before. Answers whether it ran now. Needs an open scope.

    The mark `reaction_once` goes in first, in the transaction of the effect: a second delivery waits for it and does
    nothing, a failed one leaves no mark.
    """
    from django.db import connection

    from shangquan.kernel.transactions import transaction

    with transaction():
        with connection.cursor() as cursor:
            cursor.execute(
                """
                with mark as (
                  insert into kernel_reaction_done (district_id, event_id, reaction, done_at) values (%s, %s, %s, %s)
                  on conflict on constraint reaction_once do nothing returning event_id
                )
                select o.name, o.payload from kernel_outbox o join mark on o.id = mark.event_id
                """,
                [scope.district_id(), event_id, reaction_name, clock.now()],
            )
            row = cursor.fetchone()
        if row is None:
            return False
        name, payload = row
        fact = _adapter(_events[name]).validate_python(json.loads(payload) if isinstance(payload, str) else payload)
        _reactions[name][reaction_name](fact)
        return True
