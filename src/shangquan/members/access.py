"""Row and right in one step. A merchant's staff see the members who had dealings with their merchant, nobody else."""

from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.members.contracts import NO_MEMBER
from shangquan.members.models import Dealing, Member

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


def walled(rows: Rows, merchant_id: int | None = None) -> Rows:
    """The members that the actor may see, or those of `merchant_id`. Refuses another merchant's (403)."""
    wall = scope.actor().merchant_id
    if wall is not None and merchant_id not in (None, wall):
        raise Refused(FORBIDDEN, right="members.view")
    wanted = wall if wall is not None else merchant_id
    if wanted is None:
        return rows
    return rows.filter(Exists(Dealing.rows().filter(member=OuterRef("pk"), merchant_id=wanted)))


def member_for(right: str, member_id: int) -> Member:
    """The member's row if the actor holds `right` and may see this member. Refuses 403, then M-4041."""
    scope.require(right)
    row = walled(Member.rows()).filter(id=member_id).first()
    if row is None:
        raise Refused(NO_MEMBER)
    return row
