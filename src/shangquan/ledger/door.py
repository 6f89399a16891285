"""What other rooms may do with value."""

from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import Q

from shangquan.kernel import scope
from shangquan.kernel.transactions import required
from shangquan.ledger import locks
from shangquan.ledger.actions.post import open_accounts, post
from shangquan.ledger.actions.resolve import capture, void
from shangquan.ledger.contracts import AccountKey, Balance, Entry, Proof, StatementLine, Unit
from shangquan.ledger.models import LedgerAccount, Transfer

__all__ = ["AccountKey", "Entry", "capture", "post", "void"]


@required
def lock(keys: Sequence[AccountKey]) -> None:
    """Keep these accounts still until the transaction ends, so that what is decided on a balance stays true."""
    locks.accounts(open_accounts(set(keys)).values())


def was_posted(source: str, source_id: str, steps: Sequence[str]) -> bool:
    """Whether any of these entries was posted before."""
    return Transfer.rows().filter(source=source, source_id=source_id, step__in=steps).exists()


def steps(source: str, source_id: str) -> frozenset[str]:
    """The steps that were posted under this name, resolutions of holds included."""
    return frozenset(Transfer.rows().filter(source=source, source_id=source_id).values_list("step", flat=True))


def balance(kind: str, owner: str = "", unit: Unit = "fen") -> Balance:
    """Zero for an account that was never used."""
    return balances(kind, [owner], unit)[owner]


def balances(kind: str, owners: Sequence[str], unit: Unit = "fen") -> dict[str, Balance]:
    """Of many owners in one query; each owner asked for is in the answer."""
    rows = LedgerAccount.rows().filter(kind=kind, owner__in=owners, unit=unit)
    found = {row.owner: _balance(row) for row in rows}
    return {owner: found.get(owner, Balance(0, 0, 0)) for owner in owners}


def total(kind: str, unit: Unit = "fen") -> Balance:
    """Of all owners of a kind together, such as the points that members hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(credits_posted - debits_posted), 0), coalesce(sum(debits_pending), 0),"
            " coalesce(sum(credits_pending), 0) from ledger_account where district_id = %s and kind = %s and unit = %s",
            [scope.district_id(), kind, unit],
        )
        posted, out, into = cursor.fetchone()
    return Balance(int(posted), int(out), int(into))


def all_lines(kind: str, unit: Unit = "fen") -> Iterator[tuple[str, StatementLine]]:
    """Every posted movement of all accounts of a kind with its owner, oldest first, 2 000 at a time: for taking out."""
    rows = (
        Transfer.rows()
        .filter(Q(debit__kind=kind, debit__unit=unit) | Q(credit__kind=kind, credit__unit=unit))
        .filter(kind__in=["posted", "post"], amount__gt=0)
        .select_related("debit", "credit")
        .order_by("id")
    )
    for row in rows.iterator(chunk_size=2000):
        for account, amount in ((row.debit, -row.amount), (row.credit, row.amount)):
            if account.kind == kind and account.unit == unit:
                yield (
                    account.owner,
                    StatementLine(row.id, row.at, amount, row.source, row.source_id, row.step, row.memo),
                )


def statement(
    kind: str, owner: str = "", unit: Unit = "fen", *, before: int | None = None, limit: int = 50
) -> list[StatementLine]:
    """Posted movements of an account, newest first; `before` is the last transfer id of the page above."""
    account = LedgerAccount.rows().filter(kind=kind, owner=owner, unit=unit).first()
    if account is None:
        return []
    rows = Transfer.rows().filter(Q(debit=account) | Q(credit=account), kind__in=["posted", "post"], amount__gt=0)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        StatementLine(
            transfer_id=row.id,
            at=row.at,
            amount=row.amount if row.credit_id == account.id else -row.amount,
            source=row.source,
            source_id=row.source_id,
            step=row.step,
            memo=row.memo,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def balance_before(kind: str, owner: str = "", unit: Unit = "fen", *, before: int | None = None) -> int:
    """What stood before the transfer `before` (or stands now): where a page of the statement begins to count down."""
    account = LedgerAccount.rows().filter(kind=kind, owner=owner, unit=unit).first()
    if account is None:
        return 0
    posted = account.credits_posted - account.debits_posted
    if before is None:
        return posted
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(case when credit_id = %(a)s then amount else -amount end), 0) from ledger_transfer"
            " where (debit_id = %(a)s or credit_id = %(a)s) and kind in ('posted', 'post') and id >= %(before)s",
            {"a": account.id, "before": before},
        )
        return posted - int(cursor.fetchone()[0])


def prove() -> Proof:
    """Whether every balance is the sum of its transfers and all debits equal all credits: one query over everything."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with open_hold as (
              select p.* from ledger_transfer p
               where p.kind = 'pending' and p.district_id = %(d)s
                 and not exists (select 1 from ledger_transfer r where r.resolves_id = p.id)
            ), moved as (
              select debit_id as account_id, amount as dp, 0 as cp, 0 as dh, 0 as ch from ledger_transfer
               where kind in ('posted', 'post') and district_id = %(d)s
              union all select credit_id, 0, amount, 0, 0 from ledger_transfer
               where kind in ('posted', 'post') and district_id = %(d)s
              union all select debit_id, 0, 0, amount, 0 from open_hold
              union all select credit_id, 0, 0, 0, amount from open_hold
            ), sums as (
              select account_id, sum(dp) dp, sum(cp) cp, sum(dh) dh, sum(ch) ch from moved group by account_id
            )
            select count(*),
                   (select count(*) from ledger_transfer where district_id = %(d)s),
                   coalesce(sum(a.debits_posted), 0) = coalesce(sum(a.credits_posted), 0),
                   coalesce(array_agg(a.id) filter (where
                     (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending) is distinct from
                     (coalesce(s.dp, 0), coalesce(s.cp, 0), coalesce(s.dh, 0), coalesce(s.ch, 0))), '{}')
              from ledger_account a left join sums s on s.account_id = a.id
             where a.district_id = %(d)s
            """,
            {"d": scope.district_id()},
        )
        accounts, transfers, sum_zero, mismatches = cursor.fetchone()
    return Proof(accounts=accounts, transfers=transfers, sum_zero=bool(sum_zero), mismatches=tuple(mismatches))


def _balance(row: LedgerAccount) -> Balance:
    return Balance(
        posted=row.credits_posted - row.debits_posted, pending_out=row.debits_pending, pending_in=row.credits_pending
    )
