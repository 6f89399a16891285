"""What rooms above say of the things that codes point at. Filled at start-up (`AppConfig.ready`), read by `resolve`."""

from collections.abc import Callable
from datetime import datetime

from shangquan.codes.contracts import Resolved, SceneCard, SubjectState

Resolver = Callable[[str, datetime], Resolved | None]
Subject = Callable[[int, datetime], SubjectState | None]
Destination = Callable[[SceneCard, SubjectState | None], str]

resolvers: dict[str, Resolver] = {}
subjects: dict[str, Subject] = {}
destinations: dict[str, Destination] = {}


def register_resolver(name: str, resolver: Resolver) -> None:
    """Let a room recognise its own texts (a coupon code). It answers None for what is not its own, and never guesses."""
    if resolvers.setdefault(name, resolver) is not resolver:
        raise ValueError(f"two resolvers are called {name}")


def register_subject(subject_kind: str, subject: Subject) -> None:
    """Let a room say how a subject of its kind stands now: open with actions, ended with a result (E11), gone (None)."""
    if subjects.setdefault(subject_kind, subject) is not subject:
        raise ValueError(f"two rooms answer for {subject_kind}")


def register_destination(subject_kind: str, destination: Destination) -> None:
    """Let a room name the page that a scene code of its kind opens, with the scene's context in the address (E10)."""
    if destinations.setdefault(subject_kind, destination) is not destination:
        raise ValueError(f"two rooms give pages for {subject_kind}")
