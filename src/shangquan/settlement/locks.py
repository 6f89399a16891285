"""The only row locks of this room, in the order they are taken: the district's books, a statement, a payout."""

from django.db import connection

from shangquan.kernel import scope
from shangquan.settlement.models import Payout, Statement

_BOOKS = 7052  # one of our advisory lock classes; the second key is the district


def books() -> None:
    """One period of a district is closed at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_BOOKS, scope.district_id()])


def statement(statement_id: int) -> Statement | None:
    return Statement.rows().select_for_update(of=("self",)).select_related("period").filter(id=statement_id).first()


def payout(payout_id: int) -> Payout | None:
    return Payout.rows().select_for_update(of=("self",)).filter(id=payout_id).first()
