"""What the shells may do with outside accounts."""

from shangquan.connectors.actions.bind import bind, bind_official_account, card, unbind
from shangquan.connectors.contracts import ConnectedCard, Kind
from shangquan.connectors.keys import known
from shangquan.connectors.models import ConnectedAccount
from shangquan.kernel import scope

__all__ = ["Kind", "accounts", "bind", "bind_official_account", "district_of", "known", "unbind"]


def accounts() -> list[ConnectedCard]:
    """Of the open district, those in use."""
    return [card(row) for row in ConnectedAccount.rows().filter(unbound_at__isnull=True).order_by("kind")]


def district_of(kind: Kind, outside_id: str) -> int | None:
    """Which district an outside account serves: for callbacks, which come before any scope."""
    with scope.platform():
        found = ConnectedAccount._base_manager.filter(kind=kind, outside_id=outside_id, unbound_at__isnull=True)
        return found.values_list("district_id", flat=True).first()
