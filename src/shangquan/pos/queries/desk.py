"""Everything that the till shows, in one read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillState
from shangquan.district import door as district
from shangquan.district.contracts import ProductCard, StoreCard
from shangquan.members import door as members
from shangquan.members.contracts import MemberCard
from shangquan.payments import door as payments
from shangquan.payments.contracts import IntentCard, State
from shangquan.points import door as points
from shangquan.points.contracts import PointsBalance
from shangquan.pos.contracts import ReceiptCard, RingCard, TillCard
from shangquan.pos.models import QuickKey, Receipt, Ring, Shift, Till
from shangquan.pos.queries.cards import receipt_card, ring_card, till_card


@dataclass(frozen=True)
class Desk:
    """The till as it stands. `phase`: closed (no shift), selling, waiting (for the password or the scan), unknown, paid.

    `failed` is the last payment when it came to nothing.
    """

    till: TillCard
    store: StoreCard
    shift: Shift | None
    phase: str
    ring: RingCard | None
    bill: BillCard | None
    quote: Mapping[str, Any]
    products: Mapping[int, ProductCard]
    member: MemberCard | None
    tier: str
    balance: PointsBalance | None
    intent: IntentCard | None
    failed: IntentCard | None
    keys: tuple[ProductCard, ...]
    parked: int
    receipt: ReceiptCard | None

    @property
    def is_busy(self) -> bool:
        return self.phase in ("waiting", "unknown")


def desk(till: Till) -> Desk:
    """As many queries for one line as for two hundred."""
    shift = Shift.rows().filter(till=till, closed_at=None).first()
    row = Ring.rows().filter(till=till, state="open").first() if shift is not None else None
    bill = checkout.bill(row.bill_id) if row is not None and row.bill_id is not None else None
    intent = payments.intent(row.intent_id) if row is not None and row.intent_id is not None else None
    phase = _phase(shift, bill, intent)
    keys = _keys(till)
    wanted = {line.product_id for line in bill.lines if line.product_id is not None} if bill else set()
    goods = {card.id: card for card in district.products(till.merchant_id, ids=wanted | keys.keys())}
    member = members.member(row.member_id) if row is not None and row.member_id is not None else None
    return Desk(
        till=till_card(till),
        store=district.store(till.store_id),
        shift=shift,
        phase=phase,
        ring=ring_card(row) if row is not None else None,
        bill=bill,
        quote=checkout.shown_quote(bill.id) if bill is not None else {},
        products=goods,
        member=member,
        tier=_tier(member),
        balance=points.balance(member.id) if member is not None else None,
        intent=intent,
        failed=intent if phase == "selling" and intent is not None and _came_to_nothing(intent) else None,
        keys=tuple(goods[id] for id in sorted(keys, key=keys.__getitem__) if id in goods),
        parked=Ring.rows().filter(till=till, state="parked").aggregate(n=Count("id"))["n"],
        receipt=_receipt(bill) if phase == "paid" else None,
    )


def _phase(shift: Shift | None, bill: BillCard | None, intent: IntentCard | None) -> str:
    if shift is None:
        return "closed"
    if bill is None or bill.state in (BillState.OPEN, BillState.CANCELLED):
        return "selling"
    if bill.is_paid:
        return "paid"
    return "unknown" if intent is not None and intent.state in (State.SENT, State.UNKNOWN) else "waiting"


def _came_to_nothing(intent: IntentCard) -> bool:
    return intent.state in (State.FAILED, State.CLOSED, State.REVERSED)


def _keys(till: Till) -> dict[int, int]:
    return dict(QuickKey.rows().filter(store_id=till.store_id).values_list("product_id", "place"))


def _tier(member: MemberCard | None) -> str:
    if member is None:
        return ""
    return next((tier.name for tier in points.tiers() if tier.code == member.tier), "")


def _receipt(bill: BillCard | None) -> ReceiptCard | None:
    if bill is None:
        return None
    row = Receipt.rows().filter(bill_id=bill.id, refund_id=None).order_by("-copy_no").first()
    return receipt_card(row) if row is not None else None
