"""The sale on the till: its lines, its member, its combination. Every action answers the ring as it is after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillKind, BillLineCard, BillState, Choice, Line, LineDraft
from shangquan.district import door as district
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.members import door as members
from shangquan.pos import locks
from shangquan.pos.access import staff_id
from shangquan.pos.contracts import BEING_PAID, NO_KEY, NO_RING, RingCard, RingState
from shangquan.pos.models import QuickKey, Ring, Till
from shangquan.pos.queries.cards import ring_card

FIRST_FILLER = 900_001


@required
def ring_up(till_id: int, now: datetime) -> Ring:
    """The till's open ring, a new one when there is none or the last one is paid; the till is locked.

    Refuses T-4041, T-4091 without a shift, T-4093 while the sale is being paid.
    """
    till = locks.till(till_id)
    shift = locks.open_shift(till.id)
    row = locks.open_ring(till.id)
    if row is not None and row.bill_id is not None:
        bill = checkout.bill(row.bill_id)
        if bill.state is BillState.HELD:
            raise Refused(BEING_PAID)
        if bill.state is not BillState.OPEN:
            row.state = RingState.CLOSED
            row.save(update_fields=["state"])
            row = None
    if row is None:
        row = Ring.objects.create(till=till, shift=shift, opened_at=now)
    row.till, row.shift = till, shift
    return row


@required
def add_product(*, till_id: int, product_id: int, pieces: int = 1, now: datetime) -> RingCard:
    """So many pieces more of a product: of its line, if the sale has one at the usual price, else on a new line."""
    row = ring_up(till_id, now)
    drafts = _drafts(row)
    price = district.product(product_id).price_fen
    for place, draft in enumerate(drafts):
        if draft.product_id == product_id and draft.unit_fen == price:
            drafts[place] = replace(draft, quantity=draft.quantity + pieces)
            return _put(row, drafts, place + 1, now)
    drafts.append(LineDraft(product_id=product_id, quantity=pieces))
    return _put(row, drafts, len(drafts), now)


@required
def add_amount(*, till_id: int, amount_fen: int, title: str = "", now: datetime) -> RingCard:
    """Goods without a bar code, as a typed amount."""
    row = ring_up(till_id, now)
    drafts = [*_drafts(row), LineDraft(amount_fen=amount_fen, title=title)]
    return _put(row, drafts, len(drafts), now)


@required
def set_quantity(*, till_id: int, line_no: int, quantity: int, now: datetime) -> RingCard:
    """Another number of pieces; 0 takes the line off. Refuses T-4045, B-4002."""
    row = ring_up(till_id, now)
    drafts = _drafts(row)
    at = _place(drafts, line_no)
    if quantity == 0:
        del drafts[at]
        return _put(row, drafts, min(at + 1, len(drafts)), now)
    if drafts[at].amount_fen is not None:
        raise Refused(NO_KEY)
    drafts[at] = replace(drafts[at], quantity=quantity)
    return _put(row, drafts, line_no, now)


@required
def set_price(*, till_id: int, line_no: int, unit_fen: int, now: datetime) -> RingCard:
    """Another price for this sale (改价). Refuses T-4045, B-4002."""
    row = ring_up(till_id, now)
    drafts = _drafts(row)
    at = _place(drafts, line_no)
    if drafts[at].amount_fen is not None:
        drafts[at] = replace(drafts[at], amount_fen=unit_fen)
    else:
        drafts[at] = replace(drafts[at], unit_fen=unit_fen)
    return _put(row, drafts, line_no, now)


@required
def set_member(*, till_id: int, member_id: int | None, how: str = "", now: datetime) -> RingCard:
    """The member whom the sale is for; None for a guest, whose coupons and points are then not used."""
    row = ring_up(till_id, now)
    if member_id is not None:
        members.member(member_id)
    changed = row.member_id != member_id
    row.member_id, row.member_how = member_id, how[:12] if member_id is not None else ""
    row.save()
    if row.bill_id is not None and changed:
        checkout.reprice(bill_id=row.bill_id, now=now, member_id=member_id, choice=Choice(), fillers=fillers(row.till))
    return ring_card(row)


@required
def set_referrer(*, till_id: int, referrer_id: int | None, now: datetime) -> RingCard:
    """Who brought the customer, for the commission (I5)."""
    row = ring_up(till_id, now)
    row.referrer_id = referrer_id
    row.save()
    if row.bill_id is not None:
        checkout.reprice(bill_id=row.bill_id, now=now, referrer_id=referrer_id, fillers=fillers(row.till))
    return ring_card(row)


@required
def choose(*, till_id: int, choice: Choice, now: datetime) -> BillCard:
    """Another combination, by hand. Refuses T-4098."""
    row = ring_up(till_id, now)
    if row.bill_id is None:
        locks.ring_with_bill(till_id)
    assert row.bill_id is not None
    return checkout.reprice(bill_id=row.bill_id, now=now, choice=choice, fillers=fillers(row.till))


@required
def park(*, till_id: int, label: str = "", now: datetime) -> RingCard:
    """Put the sale aside for later. Refuses T-4098 while nothing is on it, T-4093 while it is being paid."""
    row = ring_up(till_id, now)
    if row.bill_id is None:
        locks.ring_with_bill(till_id)
    row.state, row.label = RingState.PARKED, label.strip()[:40]
    row.save()
    return ring_card(row)


@required
def recall(*, till_id: int, ring_id: int, now: datetime) -> RingCard:
    """Take a parked sale back; what is on the till is parked in its place. Refuses T-4043, T-4093."""
    here = ring_up(till_id, now)
    wanted = Ring.rows().filter(id=ring_id, till_id=till_id, state=RingState.PARKED).first()
    if wanted is None:
        raise Refused(NO_RING)
    here.state = RingState.PARKED if here.bill_id is not None else RingState.CLOSED
    here.save(update_fields=["state"])
    wanted.state, wanted.shift = RingState.OPEN, here.shift
    wanted.save(update_fields=["state", "shift"])
    if wanted.bill_id is not None:
        checkout.reprice(bill_id=wanted.bill_id, now=now, fillers=fillers(here.till))
    return ring_card(wanted)


@required
def give_up(*, till_id: int, now: datetime) -> RingCard:
    """Clear the till: the bill is cancelled and the ring closed. Refuses T-4093 while it is being paid."""
    row = ring_up(till_id, now)
    if row.bill_id is not None:
        checkout.cancel(bill_id=row.bill_id, now=now)
    row.state = RingState.CLOSED
    row.save(update_fields=["state"])
    return ring_card(row)


@required
def finish(*, till_id: int, now: datetime) -> None:
    """Next customer: a paid sale leaves the till, an unpaid one stays."""
    locks.till(till_id)
    row = locks.open_ring(till_id)
    if row is not None and row.bill_id is not None and checkout.bill(row.bill_id).is_paid:
        row.state = RingState.CLOSED
        row.save(update_fields=["state"])


def fillers(till: Till) -> list[Line]:
    """The quick keys as goods at hand for "add a little and pay less". Two queries."""
    ids = list(QuickKey.rows().filter(store_id=till.store_id).order_by("place").values_list("product_id", flat=True))
    if not ids:
        return []
    cards = {card.id: card for card in district.products(till.merchant_id, ids=ids)}
    merchant = district.merchant(till.merchant_id)
    return [
        Line(
            line_id=FIRST_FILLER + place,
            product_id=card.id,
            category_id=merchant.category_id,
            merchant_id=till.merchant_id,
            store_id=till.store_id,
            quantity=1,
            unit_fen=card.price_fen,
            title=card.name,
            points_multiplier_bp=card.points_multiplier_bp,
        )
        for place, card in enumerate(cards[i] for i in ids if i in cards)
    ]


def _put(row: Ring, drafts: Sequence[LineDraft], newest: int, now: datetime) -> RingCard:
    """The lines as the bill's: a new bill for the first, a cancelled one when none is left."""
    row.newest, row.intent_id = newest, None
    if not drafts:
        if row.bill_id is not None:
            checkout.cancel(bill_id=row.bill_id, now=now)
            _start_again(row, now)
        return ring_card(row)
    if row.bill_id is None:
        card = checkout.open_bill(
            kind=BillKind.TILL,
            store_id=row.till.store_id,
            lines=drafts,
            member_id=row.member_id,
            staff_id=staff_id(),
            referrer_id=row.referrer_id,
            client_key=f"till:{row.till_id}:{row.id}",
            now=now,
        )
        row.bill_id = card.id
        row.save()
        if row.member_id is not None:
            checkout.reprice(bill_id=card.id, now=now, fillers=fillers(row.till))
        return ring_card(row)
    row.save()
    checkout.reprice(bill_id=row.bill_id, now=now, lines=drafts, fillers=fillers(row.till))
    return ring_card(row)


def _start_again(row: Ring, now: datetime) -> None:
    """The member stays when the last line goes; the cancelled bill stays with the old ring."""
    row.state = RingState.CLOSED
    row.save()
    row.pk, row.bill_id, row.state, row.newest, row.opened_at = None, None, RingState.OPEN, 0, now
    row._state.adding = True
    row.save()


def _drafts(row: Ring) -> list[LineDraft]:
    if row.bill_id is None:
        return []
    return [draft_of(line) for line in checkout.bill(row.bill_id).lines]


def draft_of(line: BillLineCard) -> LineDraft:
    if line.by_amount:
        return LineDraft(title=line.title, amount_fen=line.quantity)
    return LineDraft(line.product_id, line.quantity, line.unit_fen, line.title)


def _place(drafts: Sequence[LineDraft], line_no: int) -> int:
    if not 1 <= line_no <= len(drafts):
        raise Refused(NO_KEY)
    return line_no - 1
