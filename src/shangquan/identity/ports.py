"""What rooms above tell this one; filled once at start-up."""

from collections.abc import Callable

from django.http import HttpRequest

from shangquan.identity.contracts import WRONG_PLACE
from shangquan.kernel.errors import Refused
from shangquan.kernel.scope import Actor

Visitor = Callable[[HttpRequest, int], Actor | None]
MerchantOfStore = Callable[[int], int | None]

_visitors: list[Visitor] = []
_stores: list[MerchantOfStore] = []


def register_visitor(visitor: Visitor) -> None:
    """`visitor(request, district_id)` recognises a member's session and answers the member as an actor, or None.

    It is asked while no scope is open but the system's scope of that district.
    """
    if visitor not in _visitors:
        _visitors.append(visitor)


def register_stores(merchant_of_store: MerchantOfStore) -> None:
    """Answers whose a store is, None for no store: so that nobody is given a store of someone else's."""
    _stores[:] = [merchant_of_store]


def visitor_of(request: HttpRequest, district_id: int) -> Actor | None:
    for visitor in _visitors:
        found = visitor(request, district_id)
        if found is not None:
            return found
    return None


def check_store(merchant_id: int | None, store_id: int | None, *, named: str) -> None:
    """Refuses A-4002 for a store that is not that merchant's."""
    if store_id is not None and _stores and _stores[0](store_id) != merchant_id:
        raise Refused(WRONG_PLACE, role=named)
