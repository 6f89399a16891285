"""Points on a bill: held while it is being paid, captured when it is, released when it is not."""

from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.ledger import door as ledger
from shangquan.ledger.contracts import NOT_ENOUGH
from shangquan.points.contracts import ISSUED, POINTS_NOT_ENOUGH, SPENT, held_by

_STEP = "points.hold"


@required
def hold(*, member_id: int, points: int, bill_id: int) -> None:
    """Set points aside for a bill; repeatable, and possible again after a release (a payment that failed is tried anew).

    Refuses J-4091 when fewer are available.
    """
    known = ledger.steps("bill", str(bill_id))
    held = _latest(known)
    step = _step(0) if held is None else _step(held + 1) if f"{_step(held)}:void" in known else _step(held)
    entry = ledger.Entry(held_by(member_id), SPENT, points, "bill", str(bill_id), step, pending=True, memo="spend")
    try:
        ledger.post([entry])
    except Refused as refused:
        if refused.reason is NOT_ENOUGH:
            raise Refused(POINTS_NOT_ENOUGH, short=refused.data["short"]) from None
        raise


@required
def capture(*, bill_id: int) -> None:
    """The bill is paid: what was held is spent."""
    ledger.capture(source="bill", source_id=str(bill_id), step=_held_step(bill_id))


@required
def release(*, bill_id: int) -> None:
    """The bill is not paid: what was held is free again."""
    ledger.void(source="bill", source_id=str(bill_id), step=_held_step(bill_id))


def _step(attempt: int) -> str:
    return _STEP if attempt == 0 else f"{_STEP}.{attempt}"


def _held_step(bill_id: int) -> str:
    return _step(_latest(ledger.steps("bill", str(bill_id))) or 0)


def _latest(known: frozenset[str]) -> int | None:
    """The last attempt at holding among these steps; each has a step of its own, since a transfer never changes."""
    attempt = 0
    while _step(attempt) in known:
        attempt += 1
    return attempt - 1 if attempt else None


@required
def give_back(*, member_id: int, points: int, bill_id: int, refund_id: int) -> None:
    """A refund returns points that were spent on the bill; once per refund."""
    ledger.post(
        [ledger.Entry(SPENT, held_by(member_id), points, "refund", str(refund_id), "points.back", memo="give_back")]
    )


@required
def grant(*, member_id: int, points: int, source: str, source_id: str, memo: str) -> None:
    """Points for something other than spending (an activity, goodwill); once per (source, source_id)."""
    ledger.post([ledger.Entry(ISSUED, held_by(member_id), points, source, source_id, "points.grant", memo=memo)])
