"""Pure decisions: who may grant what, how many tries a guesser has, where a sign-in may lead."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shangquan.identity.contracts import (
    OWNER_ONLY,
    RIGHTS,
    ROLES,
    UNKNOWN_RIGHT,
    UNKNOWN_ROLE,
    WRONG_PLACE,
    GrantCard,
    Role,
    RoleCard,
)
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.scope import Actor

# Failed tries within the window after which no further try is looked at. A success forgives its own name's failures;
# an address is never forgiven, else whoever owns one account could guess for ever.
WINDOW = timedelta(minutes=15)
TRIES_BY_NAME = 5
TRIES_BY_ADDRESS = 50
# A password that was right waits this long for its second step.
SECOND_STEP = timedelta(minutes=5)


def role_card(role: str) -> RoleCard:
    """Refuses A-4004."""
    try:
        return ROLES[role]
    except KeyError:
        raise Refused(UNKNOWN_ROLE, role=role) from None


def check_place(card: RoleCard, merchant_id: int | None, store_id: int | None) -> None:
    """Refuses A-4002: a district role with a merchant, a merchant's role without one, a store role without a store."""
    fits = (merchant_id is None) == card.of_owner and (
        card.store == "optional" or (store_id is not None) == (card.store == "needed")
    )
    if not fits or (merchant_id is None and store_id is not None):
        raise Refused(WRONG_PLACE, role=card.zh)


def check_wall(who: Actor, merchant_id: int | None, store_id: int | None) -> None:
    """Refuses (403) what lies outside the actor's own merchant or store."""
    inside_merchant = who.merchant_id is None or who.merchant_id == merchant_id
    inside_store = who.store_id is None or who.store_id == store_id
    if not (inside_merchant and inside_store):
        raise Refused(FORBIDDEN, right="staff.manage", merchant_id=merchant_id, store_id=store_id)


def check_rank(who: Actor, card: RoleCard) -> None:
    """Refuses (403) a role above the actor's own."""
    if who.kind == "system":
        return
    own = ROLES.get(who.role)
    if own is None or card.rank > own.rank:
        raise Refused(FORBIDDEN, right="staff.manage", role=card.role.value)


def check_device_rights(who: Actor, rights: Iterable[str], merchant_id: int | None) -> None:
    """A device gets no right that its maker lacks, and a partner's device none that is the owner's alone."""
    for right in rights:
        if right not in RIGHTS:
            raise Refused(UNKNOWN_RIGHT, right=right)
        if not who.may(right) or (merchant_id is not None and right in OWNER_ONLY):
            raise Refused(FORBIDDEN, right=right)


def live_rights(rights: Iterable[str], modules: frozenset[str]) -> frozenset[str]:
    """Without those whose module is not switched on, and those that no longer exist."""
    return frozenset(
        right for right in rights if right in RIGHTS and (not RIGHTS[right].module or RIGHTS[right].module in modules)
    )


def highest_first(grants: Iterable[GrantCard]) -> tuple[GrantCard, ...]:
    return tuple(sorted(grants, key=lambda grant: (-grant.role.rank, grant.id)))


def grants_together(grants: Sequence[GrantCard], chosen_id: int | None) -> tuple[GrantCard, ...]:
    """The grants that act as one: those with the same walls as the chosen one, or as the highest.

    Walls are never joined: a person who works in two stores acts for one of them at a time.
    """
    ordered = highest_first(grants)
    if not ordered:
        return ()
    first = next((grant for grant in ordered if grant.id == chosen_id), ordered[0])
    wall = (first.merchant_id, first.store_id)
    return (first, *(grant for grant in ordered if grant is not first and (grant.merchant_id, grant.store_id) == wall))


def wait_after(failures: Sequence[datetime], allowed: int, now: datetime) -> int:
    """Whole minutes until another try is looked at; 0 for at once. `failures` are those in the window, oldest first."""
    if len(failures) < allowed:
        return 0
    free_at = failures[len(failures) - allowed] + WINDOW
    return max(1, -(-int((free_at - now).total_seconds()) // 60))


def first_page(role: str) -> str:
    """Where a role begins its day."""
    return "/till/" if role == Role.CASHIER else "/console/"


def safe_next(target: str, default: str = "") -> str:
    """A path of our own, else `default` (nothing): a link that signs people in must not lead them to a stranger.

    Browsers read `\\` as `/` and drop control characters, so both make a target unsafe.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target or any(ord(c) < 33 for c in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target
