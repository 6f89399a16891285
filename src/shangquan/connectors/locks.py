"""The only row locks of this room."""

from shangquan.connectors.contracts import Kind
from shangquan.connectors.models import ConnectedAccount


def bound(kind: Kind, outside_id: str = "") -> ConnectedAccount | None:
    """The account of a kind that the open district uses, or the one named."""
    rows = ConnectedAccount.rows().filter(kind=kind, unbound_at__isnull=True)
    if outside_id:
        rows = rows.filter(outside_id=outside_id)
    return rows.select_for_update(no_key=True).first()
