from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.ledger import locks
from shangquan.ledger.contracts import NOT_ENOUGH, TRANSFER_DIFFERS, AccountKey, Entry
from shangquan.ledger.models import LedgerAccount, Transfer


@required
def post(entries: Sequence[Entry]) -> list[int]:
    """Post all entries or none; answers their transfer ids in the same order.

    A repeat of an entry is answered with its first transfer and moves nothing; other values under the same
    (source, source_id, step) are refused (L-4091). An account that may not go below zero refuses (L-4092): the
    constraint `ledger_no_overdraft` is what makes it true, the check here only says it kindly.
    """
    if any(entry.amount <= 0 for entry in entries):
        raise ValueError("a transfer moves a positive amount")
    ids = open_accounts({key for entry in entries for key in (entry.debit, entry.credit)})
    fresh = _insert(entries, ids)
    rows = {(row.source, row.source_id, row.step): row for row in fresh}
    if any(_name(entry) not in rows for entry in entries):
        rows |= _stored(entries)
    for entry in entries:
        row = rows[_name(entry)]
        kind = Transfer.Kind.PENDING if entry.pending else Transfer.Kind.POSTED
        if (row.debit_id, row.credit_id, row.amount, row.kind) != (
            ids[_slot(entry.debit)], ids[_slot(entry.credit)], entry.amount, kind,
        ):  # fmt: skip
            raise Refused(TRANSFER_DIFFERS, source=entry.source, source_id=entry.source_id, step=entry.step)
    move(fresh)
    return [rows[_name(entry)].id for entry in entries]


def move(transfers: Sequence[Transfer], locked: dict[int, LedgerAccount] | None = None) -> None:
    """Add freshly written transfers to their accounts' sums; `locked` are those accounts when they are locked already."""
    change: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for transfer in transfers:
        for side, account_id in (("debits", transfer.debit_id), ("credits", transfer.credit_id)):
            if transfer.kind in (Transfer.Kind.POSTED, Transfer.Kind.POST):
                change[account_id][f"{side}_posted"] += transfer.amount
            if transfer.kind == Transfer.Kind.PENDING:
                change[account_id][f"{side}_pending"] += transfer.amount
            elif transfer.resolves is not None:
                change[account_id][f"{side}_pending"] -= transfer.resolves.amount
    locked = locks.accounts(change) if locked is None else locked
    for account_id, deltas in change.items():
        account = locked[account_id]
        for column, delta in deltas.items():
            setattr(account, column, getattr(account, column) + delta)
        left = account.credits_posted - account.debits_posted - account.debits_pending
        if left < 0 and not account.may_overdraw:
            raise Refused(NOT_ENOUGH, account=account.kind, short=-left)
    LedgerAccount.rows().bulk_update(
        locked.values(), ["debits_posted", "credits_posted", "debits_pending", "credits_pending"]
    )


def _slot(key: AccountKey) -> tuple[str, str, str]:
    return key.kind, key.owner, key.unit


def _name(entry: Entry) -> tuple[str, str, str]:
    return entry.source, entry.source_id, entry.step


def open_accounts(keys: set[AccountKey]) -> dict[tuple[str, str, str], int]:
    """Ids of the accounts, opened on first use."""
    wanted = sorted({_slot(key): key for key in keys}.items())
    found = _find([slot for slot, _ in wanted])
    missing = [key for slot, key in wanted if slot not in found]
    if missing:
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(kind=key.kind, owner=key.owner, unit=key.unit, may_overdraw=key.may_overdraw)
                for key in missing
            ],
            ignore_conflicts=True,
        )
        found |= _find([_slot(key) for key in missing])
    return found


def _find(slots: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    kinds, owners, units = zip(*slots, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.kind, a.owner, a.unit, a.id from ledger_account a"
            " join unnest(%s::text[], %s::text[], %s::text[]) w(kind, owner, unit) using (kind, owner, unit)"
            " where a.district_id = %s",
            [list(kinds), list(owners), list(units), scope.district_id()],
        )
        return {(kind, owner, unit): account_id for kind, owner, unit, account_id in cursor.fetchall()}


def _insert(entries: Sequence[Entry], ids: dict[tuple[str, str, str], int]) -> list[Transfer]:
    """The transfers that were not there before."""
    now = clock.now()
    columns = zip(
        *(
            (
                ids[_slot(entry.debit)],
                ids[_slot(entry.credit)],
                entry.amount,
                Transfer.Kind.PENDING.value if entry.pending else Transfer.Kind.POSTED.value,
                entry.source,
                entry.source_id,
                entry.step,
                entry.memo,
            )
            for entry in entries
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into ledger_transfer
              (district_id, debit_id, credit_id, amount, kind, source, source_id, step, memo, at)
            select %s, w.*, %s
              from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                          %s::text[], %s::text[], %s::text[], %s::text[]) w
            on conflict (district_id, source, source_id, step) do nothing
            returning id, debit_id, credit_id, amount, kind, source, source_id, step
            """,
            [scope.district_id(), now, *(list(column) for column in columns)],
        )
        names = ("id", "debit_id", "credit_id", "amount", "kind", "source", "source_id", "step")
        return [Transfer(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _stored(entries: Sequence[Entry]) -> dict[tuple[str, str, str], Transfer]:
    sources, source_ids, steps = zip(*(_name(entry) for entry in entries), strict=True)
    rows = Transfer.rows().extra(  # a row-wise match on three columns, which the ORM cannot say
        where=["(source, source_id, step) in (select * from unnest(%s::text[], %s::text[], %s::text[]))"],
        params=[list(sources), list(source_ids), list(steps)],
    )
    return {(row.source, row.source_id, row.step): row for row in rows}
