"""Sales that a till made without a network, booked when they arrive: in their order, each once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillKind, BillState, Choice, LineDraft
from shangquan.kernel.errors import Refused
from shangquan.kernel.idempotency import fingerprint
from shangquan.kernel.money import yuan
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel
from shangquan.pos import locks
from shangquan.pos.access import staff_id, till_for
from shangquan.pos.actions.print_receipt import print_first
from shangquan.pos.contracts import (
    BAD_TICKET,
    NEEDS_CENTRE,
    NO_SHIFT,
    PRICE_MOVED,
    TICKET_DIFFERS,
    RingState,
    TicketAnswer,
)
from shangquan.pos.models import OfflineTicket, Ring, Shift, Till

OLDEST = timedelta(days=30)
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One sale made off line: `seq` is the till's own number. Only cash; a member by the number on the card."""

    seq: int
    sold_at: datetime
    total_fen: int
    lines: tuple[LineDraft, ...]
    card_no: str = ""
    coupons: tuple[str, ...] = ()
    points: int = 0
    channel: str = "cash"


@forbidden
def upload(*, till_id: int, tickets: Sequence[Ticket], now: datetime) -> list[TicketAnswer]:
    """Book the tickets in the order of their numbers; a repeat is told what the first upload was told.

    Each is booked for itself, so a refused one holds nobody up: it is kept and answered with its reason for a person to
    look at. Lines are charged as they were sold; coupons, points and wallet codes are refused (T-4031), since only the
    centre can know. Points are earned from the bill as from every other. Needs `till.use`. Refuses T-4041 for the till.
    """
    till = till_for("till.use", till_id)
    return [_book(till, ticket, now) for ticket in sorted(tickets, key=lambda ticket: ticket.seq)]


def _book(till: Till, ticket: Ticket, now: datetime) -> TicketAnswer:
    row_id, known = _take(till.id, ticket, now)
    if known is not None:
        return known
    try:
        bill_number = _sell(till, row_id, ticket, now)
    except Refused as refused:
        answer = TicketAnswer(ticket.seq, "refused", "", refused.reason.code, refused.zh, refused.en)
    else:
        answer = TicketAnswer(ticket.seq, "booked", bill_number)
    with transaction():
        _remember(row_id, answer)
    return answer


def _take(till_id: int, ticket: Ticket, now: datetime) -> tuple[int, TicketAnswer | None]:
    """The ticket's row, and the answer of its first upload if it has one (`offline_ticket_once`)."""
    content = _content(ticket)
    asked = fingerprint(content)
    with transaction():
        row, _ = OfflineTicket.objects.get_or_create(
            till_id=till_id,
            seq=ticket.seq,
            defaults={"fingerprint": asked, "content": content, "sold_at": ticket.sold_at, "received_at": now},
        )
    if row.fingerprint != asked:
        differs = Refused(TICKET_DIFFERS, seq=ticket.seq)
        return row.id, TicketAnswer(ticket.seq, "refused", "", differs.reason.code, differs.zh, differs.en)
    return row.id, TicketAnswer(**row.answer) if row.state != "taken" else None


def _sell(till: Till, row_id: int, ticket: Ticket, now: datetime) -> str:
    """Open, hold, charge; each step is repeatable, so a ticket that was interrupted goes on where it stopped."""
    _check(ticket, now)
    with transaction():
        bill_id, intent_id = _hold(till.id, row_id, ticket, now)
    if intent_id is not None:
        payments.charge(intent_id=intent_id, now=ticket.sold_at)
    with transaction():
        print_first(till_id=till.id, bill_id=bill_id, now=now)
    return checkout.bill(bill_id).number


@required
def _hold(till_id: int, row_id: int, ticket: Ticket, now: datetime) -> tuple[int, int | None]:
    locks.till(till_id)
    row = locks.ticket(row_id)
    member = members.by_card(ticket.card_no) if ticket.card_no else None
    bill = checkout.open_bill(
        kind=BillKind.TILL,
        store_id=Till.rows().get(id=till_id).store_id,
        lines=ticket.lines,
        member_id=member.id if member is not None else None,
        staff_id=staff_id(),
        client_key=f"offline:{till_id}:{ticket.seq}",
        now=ticket.sold_at,
        choice=Choice(only_forced=True, use_points=False),
    )
    if bill.state is BillState.OPEN and bill.payable_fen != ticket.total_fen:
        bill = checkout.reprice(
            bill_id=bill.id, now=ticket.sold_at, member_id=None
        )  # a price of the centre's; sold as to a guest
    if bill.payable_fen != ticket.total_fen:
        raise Refused(PRICE_MOVED, seq=ticket.seq, taken=yuan(ticket.total_fen), due=yuan(bill.payable_fen))
    if not Ring.rows().filter(bill_id=bill.id).exists():
        Ring.objects.create(
            till_id=till_id,
            shift=_shift_of(till_id, ticket.sold_at),
            state=RingState.CLOSED,
            bill_id=bill.id,
            member_id=bill.member_id,
            member_how="card" if bill.member_id is not None else "",
            opened_at=ticket.sold_at,
        )
    row.bill_id = bill.id
    row.save(update_fields=["bill_id"])
    if bill.is_paid:
        return bill.id, None
    _, intent = checkout.hold(bill_id=bill.id, channel=Channel.CASH, now=now, expected_fen=ticket.total_fen)
    return bill.id, intent.id if intent is not None else None


def _shift_of(till_id: int, sold_at: datetime) -> Shift:
    """The open shift: a counted one is never changed by what arrives later. Refuses T-4091 without one."""
    row = Shift.rows().filter(till_id=till_id, closed_at=None).first()
    if row is None:
        raise Refused(NO_SHIFT)
    return row


def _check(ticket: Ticket, now: datetime) -> None:
    if ticket.coupons or ticket.points or ticket.channel != "cash":
        raise Refused(NEEDS_CENTRE)
    if not now - OLDEST <= ticket.sold_at <= now + AHEAD:
        raise Refused(BAD_TICKET, seq=ticket.seq, why="时间太早或在将来", why_en="its time is too old or in the future")


@required
def _remember(row_id: int, answer: TicketAnswer) -> None:
    """A refusal for want of a shift is not kept: the ticket may come again once somebody is at work."""
    row = locks.ticket(row_id)
    if row.state == "taken" and answer.code != NO_SHIFT.code:
        row.state, row.answer = answer.state, asdict(answer)
        row.save(update_fields=["state", "answer"])


def _content(ticket: Ticket) -> dict[str, Any]:
    return {
        "sold_at": ticket.sold_at.isoformat(),
        "total_fen": ticket.total_fen,
        "lines": [asdict(line) for line in ticket.lines],
        "card_no": ticket.card_no,
        "coupons": list(ticket.coupons),
        "points": ticket.points,
        "channel": ticket.channel,
    }
