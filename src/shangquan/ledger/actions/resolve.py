from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.ledger import locks
from shangquan.ledger.actions.post import move
from shangquan.ledger.contracts import ALREADY_RESOLVED, NO_SUCH_HOLD
from shangquan.ledger.models import Transfer


@required
def capture(*, source: str, source_id: str, step: str, amount: int | None = None) -> int:
    """Turn a pending transfer into a posted one, wholly or for a smaller `amount` (the rest is let go).

    Repeating it answers the first result. Refuses L-4041 when there is no such hold and
    L-4093 when it was resolved otherwise.
    """
    return _resolve(source, source_id, step, Transfer.Kind.POST, amount)


@required
def void(*, source: str, source_id: str, step: str) -> int:
    """Let a pending transfer go; nothing moves. Repeating it answers the first result; refusals as for `capture`."""
    return _resolve(source, source_id, step, Transfer.Kind.VOID, None)


def _resolve(source: str, source_id: str, step: str, kind: Transfer.Kind, amount: int | None) -> int:
    hold = Transfer.rows().filter(source=source, source_id=source_id, step=step, kind=Transfer.Kind.PENDING).first()
    if hold is None:
        raise Refused(NO_SUCH_HOLD, source=source, source_id=source_id, step=step)
    moved = hold.amount if amount is None else amount
    if not 0 <= moved <= hold.amount:
        raise ValueError("a hold can be captured for what it holds at the most")
    locked = locks.accounts([hold.debit_id, hold.credit_id])
    before = Transfer.rows().filter(resolves=hold).first()
    if before is not None:
        if (before.kind, before.amount) != (kind.value, moved):
            raise Refused(ALREADY_RESOLVED, source=source, source_id=source_id, step=step)
        return before.id
    row = Transfer.objects.create(
        debit_id=hold.debit_id, credit_id=hold.credit_id, amount=moved, kind=kind, resolves=hold,
        source=source, source_id=source_id, step=f"{step}:{kind.value}", memo=hold.memo, at=clock.now(),
    )  # fmt: skip
    move([row], locked)
    return int(row.id)
