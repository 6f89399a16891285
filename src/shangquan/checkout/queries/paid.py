"""A paid bill as the sums that are booked and refunded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from shangquan.checkout.contracts import (
    BillKind,
    DeductionKind,
    PaidBill,
    PaidDeduction,
    PaidLine,
    PaidShare,
    RefundedLine,
)
from shangquan.checkout.models import Bill, BillDeduction, BillDeductionShare, BillLine


def paid_lines(bill: Bill) -> list[PaidLine]:
    """Each line with its money and its shares, in the order of application. Two queries."""
    shares: dict[int, list[PaidShare]] = defaultdict(list)
    rows = BillDeductionShare.rows().filter(deduction__bill=bill).select_related("deduction")
    for row in rows.order_by("deduction__place", "id"):
        part = PaidShare(DeductionKind(row.deduction.kind), row.deduction.ref, row.payer, row.amount_fen)
        shares[row.line_id].append(part)
    return [
        PaidLine(
            line_id=line.line_no,
            product_id=line.product_id,
            merchant_id=bill.merchant_id,
            store_id=bill.store_id,
            quantity=line.quantity,
            list_fen=line.list_fen,
            paid_fen=line.paid_fen,
            shares=tuple(shares[line.id]),
            points_used=line.points_used,
            category_id=line.category_id,
            points_multiplier_bp=line.points_multiplier_bp,
            title=line.title,
        )
        for line in BillLine.rows().filter(bill=bill).order_by("line_no")
    ]


def paid_bill(bill: Bill, deductions: Sequence[BillDeduction] | None = None) -> PaidBill:
    """For a bill that is paid; `deductions` are its own when the caller has just read them."""
    assert bill.paid_at is not None, "only a paid bill is booked"
    lines = paid_lines(bill)
    return PaidBill(
        bill_id=bill.id,
        number=bill.number,
        kind=BillKind(bill.kind),
        merchant_id=bill.merchant_id,
        store_id=bill.store_id,
        member_id=bill.member_id,
        channel=bill.channel,
        list_fen=bill.list_fen,
        payable_fen=bill.payable_fen,
        points_used=bill.points_used,
        deductions=deductions_of(bill, (share for line in lines for share in line.shares), deductions),
        lines=tuple(lines),
        staff_id=bill.staff_id,
        referrer_id=bill.referrer_id,
        paid_at=bill.paid_at,
    )


def deductions_of(
    bill: Bill, shares: Iterable[PaidShare], rows: Sequence[BillDeduction] | None = None
) -> tuple[PaidDeduction, ...]:
    """Shares summed by deduction and payer; what sums to nothing is left out."""
    sums: dict[tuple[DeductionKind, str], dict[str, int]] = {}
    for share in shares:
        payers = sums.setdefault((share.kind, share.ref), {})
        payers[share.payer] = payers.get(share.payer, 0) + share.amount_fen
    if rows is None:
        rows = list(BillDeduction.rows().filter(bill=bill))
    pieces = {(row.kind, row.ref): row.piece_id for row in rows}
    return tuple(
        PaidDeduction(
            kind=kind,
            ref=ref,
            piece_id=pieces[kind, ref],
            amount_fen=sum(payers.values()),
            payers=tuple((payer, fen) for payer, fen in payers.items() if fen),
        )
        for (kind, ref), payers in sums.items()
        if any(payers.values())
    )


def refunded_shares(lines: Iterable[RefundedLine]) -> list[PaidShare]:
    return [share for line in lines for share in line.shares]
