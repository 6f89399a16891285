"""A bill in words: its state, its way of payment, its sums with who bears what, what happened to it."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillState, PaidBill, RefundCard
from shangquan.console import menu
from shangquan.console.frame import pick
from shangquan.design import formats
from shangquan.design.contracts import SumLine, TimelineStep, Tone
from shangquan.district import door as district
from shangquan.kernel import scope
from shangquan.members import door as members

Words = str | Promise
STATES: dict[BillState, tuple[Words, Tone]] = {
    BillState.OPEN: (gettext_lazy("未付"), "plain"),
    BillState.HELD: (gettext_lazy("付款中"), "info"),
    BillState.PAID: (gettext_lazy("已付"), "ok"),
    BillState.PARTLY_REFUNDED: (gettext_lazy("部分退款"), "warn"),
    BillState.REFUNDED: (gettext_lazy("已退款"), "bad"),
    BillState.CANCELLED: (gettext_lazy("已取消"), "plain"),
}
CHANNELS: dict[str, Words] = {
    "cash": gettext_lazy("现金"),
    "wechat_code": gettext_lazy("微信付款码"),
    "wechat_native": gettext_lazy("微信扫码"),
    "wechat_jsapi": gettext_lazy("微信内支付"),
    "none": gettext_lazy("无需付款"),
}
DEDUCTIONS: dict[str, Words] = {
    "group_buy": gettext_lazy("团购券"),
    "exchange": gettext_lazy("兑换券"),
    "tier": gettext_lazy("会员折扣"),
    "discount": gettext_lazy("折扣券"),
    "cash": gettext_lazy("满减券"),
    "points": gettext_lazy("积分抵扣"),
    "ecash": gettext_lazy("现金券"),
}
RETURNABLE = (BillState.PAID, BillState.PARTLY_REFUNDED)


def channel_of(card: BillCard) -> str:
    return str(CHANNELS.get(card.channel, card.channel)) or formats.DASH


def store_names(ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(ids))
    return {one.id: f"{pick(one.name, one.name_en)} {one.unit}" for one in district.stores(wanted)} if wanted else {}


def payer_names(payers: Iterable[str]) -> dict[str, str]:
    """`owner` and `merchant:7` as people call them."""
    ids = sorted({int(one.removeprefix("merchant:")) for one in payers if one.startswith("merchant:")})
    shops = {f"merchant:{one.id}": pick(one.name, one.name_en) for one in district.merchants(ids)} if ids else {}
    return {"owner": _("商圈"), **shops}


def sums(card: BillCard, paid: PaidBill | None) -> list[SumLine]:
    """List price, each deduction with its sign, what was paid; they add up."""
    lines = [SumLine(_("商品合计"), card.list_fen)]
    if paid is None:
        rest = card.saved_fen + card.prepaid_fen
        lines += [SumLine(_("优惠"), -rest, is_off=True)] if rest else []
    else:
        titles = {
            (one["kind"], one["ref"]): pick(one["title_zh"], one["title_en"])
            for one in checkout.shown_quote(card.id).get("deductions", ())
        }
        for one in paid.deductions:
            name = titles.get((one.kind.value, one.ref)) or str(DEDUCTIONS[one.kind.value])
            lines.append(SumLine(name, -one.amount_fen, is_off=True))
    lines.append(SumLine(_("实付"), card.payable_fen, is_total=True))
    if card.refunded_fen:
        lines += [
            SumLine(_("已退"), -card.refunded_fen),
            SumLine(_("净收"), card.payable_fen - card.refunded_fen, is_total=True),
        ]
    return lines


def borne(paid: PaidBill) -> list[tuple[str, str, int]]:
    """(deduction, who bears it, fen) for every part that somebody bears."""
    names = payer_names(payer for one in paid.deductions for payer, _fen in one.payers)
    return [
        (str(DEDUCTIONS[one.kind.value]), names.get(payer, payer), fen)
        for one in paid.deductions
        for payer, fen in one.payers
    ]


def facts(card: BillCard, store: str) -> list[tuple[str, str]]:
    rows = [(_("门店"), store), (_("付款方式"), channel_of(card))]
    if card.member_id is not None and scope.actor().may("members.read"):
        found = members.members([card.member_id])
        rows.append((_("会员"), found[0].name_masked if found else formats.DASH))
    if card.points_used:
        rows.append((_("用掉积分"), formats.whole(card.points_used)))
    return rows


def history(card: BillCard, refunds: Sequence[RefundCard]) -> list[TimelineStep]:
    steps = [TimelineStep(_("开单"), card.opened_at)]
    if card.paid_at is not None:
        steps.append(
            TimelineStep(_("付款 %(sum)s") % {"sum": formats.fen(card.payable_fen)}, card.paid_at, state="done")
        )
    for one in refunds:
        words = {"sum": formats.fen(one.refund_fen), "number": one.number}
        note = one.reason if one.done_at else f"{one.reason} · {_('款项在退回途中')}"
        steps.append(TimelineStep(_("退款 %(sum)s（%(number)s）") % words, one.asked_at, note=note))
    return steps[::-1]


def address(card: BillCard) -> str:
    return reverse("console:bill", args=[card.id])


def member_address(card: BillCard) -> str:
    return menu.address("console:member", card.member_id) if card.member_id is not None else ""
