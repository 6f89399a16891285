"""The only row locks of this room: accounts, in the order of their ids."""

from collections.abc import Iterable

from shangquan.ledger.models import LedgerAccount


def accounts(ids: Iterable[int]) -> dict[int, LedgerAccount]:
    return {
        row.id: row
        for row in LedgerAccount.rows().filter(id__in=set(ids)).order_by("id").select_for_update(no_key=True)
    }
