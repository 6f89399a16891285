from datetime import datetime

from django.db import connection

from shangquan.codes import member_codes
from shangquan.codes.contracts import EXPIRED, REPLAYED, UNKNOWN_CODE
from shangquan.codes.models import MemberCodeUse
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.members import door as members
from shangquan.tenancy import door as tenancy


@required
def verify_member_code(digits: str, *, now: datetime, by: str) -> int:
    """The member who shows this code; each code is accepted once, by the constraint `member_code_use_once`.

    `by` says where, such as the store's name. Refuses a code that this house did not make (Q-4041), one out of its
    life (Q-4101) and one that was accepted before, saying when and by whom (Q-4091).
    """
    read = member_codes.read(digits.replace(" ", ""), district_id=scope.district_id(), now=now)
    if read is None or not members.members([read.member_id]):
        raise Refused(UNKNOWN_CODE)
    if read.late:
        raise Refused(EXPIRED)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into codes_member_code_use (district_id, member_id, step, turn, used_at, used_by)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (district_id, member_id, step, turn) do nothing returning id
            """,
            [scope.district_id(), read.member_id, read.step, read.turn, now, by[:60]],
        )
        accepted = cursor.fetchone() is not None
    if not accepted:
        before = MemberCodeUse.rows().get(member_id=read.member_id, step=read.step, turn=read.turn)
        raise Refused(REPLAYED, used_at=f"{tenancy.local(before.used_at):%H:%M:%S}", used_by=before.used_by)
    return read.member_id
