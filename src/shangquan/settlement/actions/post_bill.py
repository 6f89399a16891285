"""Lines and ledger entries at the moment of payment and of refund. Called by checkout, in its transaction."""

from collections.abc import Iterable
from datetime import datetime

from shangquan.checkout.contracts import PaidBill, PaidShare, RefundedBill
from shangquan.district import door as district
from shangquan.kernel.transactions import required
from shangquan.ledger import door as ledger
from shangquan.settlement import queries, rules
from shangquan.settlement.contracts import LineKind, Posted
from shangquan.settlement.models import SettlementLine
from shangquan.settlement.rules import Part


class _Posting:
    """Fills checkout's port `BillPosting`."""

    def on_paid(self, paid: PaidBill, now: datetime) -> None:
        post_bill(paid=paid)

    def on_refunded(self, refund: RefundedBill, now: datetime) -> None:
        post_refund(refund=refund)


POSTING = _Posting()


@required
def post_bill(*, paid: PaidBill) -> None:
    """Post a paid bill; once (`settlement_line_once`)."""
    parts = [Part(line.merchant_id, line.store_id, line.paid_fen, _borne(line.shares)) for line in paid.lines]
    rates = {card.id: card.commission_bp for card in district.merchants(ids=sorted({p.merchant_id for p in parts}))}
    made = rules.lines_of_payment(parts, paid.channel or "none", rates)
    _post(made, "bill", paid.bill_id, paid.bill_id, paid.number, paid.paid_at)


@required
def post_refund(*, refund: RefundedBill) -> None:
    """Post a refund; it lands in the next open period, whenever the bill was paid. Once a refund."""
    parts = [Part(refund.merchant_id, refund.store_id, line.paid_fen, _borne(line.shares)) for line in refund.lines]
    booked = {
        merchant: rules.Booked(received, commission, received_back, commission_back)
        for merchant, received, commission, received_back, commission_back in queries.booked(refund.bill_id)
    }
    made = rules.lines_of_refund(parts, refund.channel or "none", booked)
    _post(made, "refund", refund.refund_id, refund.bill_id, refund.number, refund.asked_at)


def _borne(shares: Iterable[PaidShare]) -> tuple[tuple[str, str, int], ...]:
    return tuple((share.payer, str(share.kind), share.amount_fen) for share in shares)


def _post(made: list[Posted], source: str, source_id: int, bill_id: int, number: str, at: datetime) -> None:
    if not made:
        return
    SettlementLine.objects.bulk_create(
        SettlementLine(
            merchant_id=line.merchant_id, store_id=line.store_id, kind=line.kind, amount_fen=line.amount_fen,
            source=source, source_id=source_id, step=line.step, bill_id=bill_id, bill_number=number, happened_at=at,
        )
        for line in made
    )  # fmt: skip
    ledger.post([entry(line, source, str(source_id)) for line in made if not _is_mirror(line)])


def _is_mirror(line: Posted) -> bool:
    """What one merchant bears is what the other receives: one movement, two statement lines."""
    return line.kind in (LineKind.SUBSIDY_OUT, LineKind.SUBSIDY_OUT_BACK)


def entry(line: Posted, source: str, source_id: str) -> ledger.Entry:
    """The ledger entry of a line: between the merchant's payable account and the other side."""
    merchant = payable_key(line.merchant_id)
    other = _other_side(line.against)
    debit, credit = (other, merchant) if line.amount_fen > 0 else (merchant, other)
    step = f"settle:{line.merchant_id}:{line.step}"
    return ledger.Entry(debit, credit, abs(line.amount_fen), source, source_id, step, memo=line.memo or line.kind)


def payable_key(merchant_id: int) -> ledger.AccountKey:
    """What the house owes a merchant; refunds after a payout may drive it below zero until the next period."""
    return ledger.AccountKey("merchant.payable", f"merchant:{merchant_id}", may_overdraw=True)


def _other_side(against: str) -> ledger.AccountKey:
    if against.startswith("merchant:"):
        return payable_key(int(against.partition(":")[2]))
    return ledger.AccountKey("owner.subsidy" if against == "owner" else against, may_overdraw=True)
