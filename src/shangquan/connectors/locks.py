"""The only row locks of this room."""

from shangquan.connectors.contracts import Kind
from shangquan.connectors.models import ConnectedAccount


def bound(kind: Kind) -> ConnectedAccount | None:
    """The account of a kind that the open district uses."""
    rows = ConnectedAccount.rows().filter(kind=kind, unbound_at__isnull=True)
    return rows.select_for_update(no_key=True).first()
