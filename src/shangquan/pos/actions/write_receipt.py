"""What stands on a receipt. Its figures are the bill's own; nothing is computed anew."""

import io
from datetime import datetime
from typing import Any

from django.db.models import Q
from PIL import Image

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, RefundCard
from shangquan.district import door as district
from shangquan.identity import door as identity
from shangquan.kernel.money import yuan
from shangquan.members import door as members
from shangquan.pos.models import AdSlot, Ring, Till
from shangquan.pos.paper import Paper
from shangquan.tenancy import door as tenancy

CHANNELS = {
    "cash": "现金",
    "wechat_code": "微信支付 付款码",
    "wechat_native": "微信支付 扫码",
    "wechat_jsapi": "微信支付",
    "none": "无需付款",
}


def sale_receipt(till: Till, bill: BillCard, *, copy_no: int, now: datetime) -> bytes:
    """A paid bill's receipt: parts before the sum, what was saved, points, the advertising picture, the bill's code."""
    paper = Paper(till.paper)
    _head(paper, till, copy_no)
    quote = checkout.shown_quote(bill.id)
    for line in bill.lines:
        paper.line(line.title)
        count = "" if line.by_amount else f"  {line.quantity} x {yuan(line.unit_fen)}"
        paper.pair(count, yuan(line.list_fen))
    paper.rule()
    paper.pair(f"合计 {bill.pieces} 件", yuan(bill.list_fen))
    for deduction in quote.get("deductions", []):
        paper.pair(deduction["title_zh"], f"-{yuan(deduction['amount_fen'])}")
    paper.pair("实付 ¥" if till.paper == 48 else "实付", yuan(bill.payable_fen), bold=True, large=True)
    paper.pair("付款方式", CHANNELS.get(bill.channel, bill.channel))
    _cash(paper, bill)
    if bill.saved_fen:
        paper.line(f"本单已省 {yuan(bill.saved_fen)} 元", bold=True)
    _member(paper, bill, quote)
    paper.rule()
    _facts(paper, bill, bill.paid_at or now)
    _advertise(paper, till.merchant_id, now)
    paper.qr(bill.number)
    paper.line("凭此码退货、开票", align="center")
    return paper.done()


def refund_receipt(till: Till, bill: BillCard, refund: RefundCard, *, copy_no: int, now: datetime) -> bytes:
    """A return's receipt, with what goes back and the way it goes."""
    paper = Paper(till.paper)
    _head(paper, till, copy_no, "退货单")
    for line in refund.lines:
        paper.pair(f"{line.title} x {line.quantity}", f"-{yuan(line.paid_fen)}")
    paper.rule()
    paper.pair("退款", f"-{yuan(refund.refund_fen)}", bold=True, large=True)
    paper.pair("退回方式", CHANNELS.get(bill.channel, bill.channel))
    if refund.points_back:
        paper.pair("退回积分", f"+{refund.points_back}")
    if refund.points_taken:
        paper.pair("扣回积分", f"-{refund.points_taken}")
    if refund.coupons_back:
        paper.pair("退回优惠券", f"{len(refund.coupons_back)} 张")
    paper.rule()
    paper.pair("退货单号", refund.number)
    _facts(paper, bill, refund.asked_at)
    paper.qr(refund.number)
    return paper.done()


def _head(paper: Paper, till: Till, copy_no: int, title: str = "") -> None:
    store = district.store(till.store_id)
    if copy_no:
        paper.line("** 副本 COPY **", align="center", bold=True)
    paper.line(store.merchant, align="center", bold=True, large=True)
    paper.line(f"{tenancy.district().name} {store.unit}".strip(), align="center")
    if title:
        paper.line(title, align="center", bold=True)
    paper.rule()


def _cash(paper: Paper, bill: BillCard) -> None:
    ring = Ring.rows().filter(bill_id=bill.id).first() if bill.channel == "cash" else None
    if ring is not None and ring.received_fen is not None:
        paper.pair("收", yuan(ring.received_fen))
        paper.pair("找零", yuan(ring.received_fen - bill.payable_fen))


def _member(paper: Paper, bill: BillCard, quote: dict[str, Any]) -> None:
    if bill.member_id is None:
        return
    member = members.member(bill.member_id)
    paper.pair("会员", f"{member.name_masked} *{member.card_no[-4:]}")
    if bill.points_to_earn:
        paper.pair("本单得积分", f"+{bill.points_to_earn}")


def _facts(paper: Paper, bill: BillCard, at: datetime) -> None:
    paper.pair("单号", bill.number)
    paper.pair("时间", f"{tenancy.local(at):%Y-%m-%d %H:%M:%S}")
    clerk = identity.staff_card(bill.staff_id) if bill.staff_id is not None else None
    if clerk is not None:
        paper.pair("收银", clerk.name)


def _advertise(paper: Paper, merchant_id: int, now: datetime) -> None:
    row = (
        AdSlot.rows()
        .filter(Q(ends_at=None) | Q(ends_at__gt=now), merchant_id=merchant_id, starts_at__lte=now)
        .order_by("-starts_at")
        .first()
    )
    if row is not None:
        paper.picture(Image.open(io.BytesIO(bytes(row.picture))))
        paper.line(row.title, align="center")
