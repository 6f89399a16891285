"""The only row locks of this room."""

from shangquan.points.models import Earning


def earning(bill_id: int) -> Earning | None:
    return Earning.rows().select_for_update().filter(bill_id=bill_id).first()
