"""An ordinary browser that wants to know its person: it shows a code, a phone scans it and agrees."""

from ..records import LoginSession, User
from ..world import World

LIFE_S = 300


def code_text(world: World, session: LoginSession) -> str:
    """What the code on the page says."""
    return f"{world.base_url}/connect/l/{session.id}"


def by_code_text(world: World, text: str) -> LoginSession | None:
    """The living session that a scanned text names."""
    session = world.logins.get(text.rsplit("/connect/l/", 1)[-1]) if "/connect/l/" in text else None
    return session if session and session.expires_at > world.clock.now() else None


def scanned(world: World, session: LoginSession, user: User) -> None:
    if session.status == "waiting":
        session.status, session.user_id = "scanned", user.id
        world.changes.tell("login", user.id, login=session.id)
