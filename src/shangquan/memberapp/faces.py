"""What other rooms answer, as the design's components want it: tickets, sums, cells."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from shangquan.checkout.contracts import BillCard
from shangquan.coupons.contracts import TicketAction, TicketCard
from shangquan.design import formats
from shangquan.design.contracts import Action, SumLine, Ticket, Tone
from shangquan.memberapp.shell import new_key, path, said

_TONES: Mapping[str, Tone] = {
    "claimed": "ok",
    "use": "ok",
    "few_left": "offer",
    "giving": "gold",
    "not_for_you": "gold",
}
_ICONS = {"claimed": "check", "giving": "gift", "not_for_you": "lock", "held": "clock", "too_early": "clock"}
_STILL_GOOD = ("held", "too_early", "giving", "not_for_you", "starts_at", "day_full", "paused")


def face(text: str) -> tuple[str, str, bool]:
    """The stub's words as (amount, unit, is money): '¥30' -> ('30', '', True), '8.5 折' -> ('8.5', '折', False)."""
    if text.startswith("¥") and " " not in text:
        return text[1:], "", True
    amount, _space, unit = text.partition(" ")
    return amount, unit, False


def ticket(card: TicketCard, *, next_page: str = "", scene: str = "", why: str = "", soft: bool = False) -> Ticket:
    """A coupon on a shelf or in the wallet, with its one status line and its one button."""
    amount, unit, is_money = face(said(card.stub_zh, card.stub_en))
    total = card.left * 10_000 // card.left_bp if card.left and card.left_bp else None
    note = "" if card.status in ("few_left", "claim") and not card.mine else said(card.status_zh, card.status_en)
    return Ticket(
        amount=amount,
        unit=unit,
        is_money=is_money,
        title=said(card.title_zh, card.title_en),
        rule=said(card.threshold_zh, card.threshold_en),
        where=f"{said(card.period_zh, card.period_en)} · {said(card.place_zh, card.place_en)}",
        note="" if card.starts_at and card.status == "starts_at" else note,
        note_tone=_TONES.get(card.status, "plain"),
        note_icon=_ICONS.get(card.status, ""),
        why=why,
        left=card.left if total and card.action in (TicketAction.CLAIM, TicketAction.CLAIM_MORE) else None,
        total=total,
        starts_at=card.starts_at if card.status == "starts_at" else None,
        action=_button(card, next_page, scene, soft),
        href=path("coupon", card.piece_id) if card.piece_id else "",
        is_off=card.action is TicketAction.NONE and card.status not in _STILL_GOOD,
    )


def _button(card: TicketCard, next_page: str, scene: str, soft: bool) -> Action:
    match card.action:
        case TicketAction.CLAIM | TicketAction.CLAIM_MORE:
            more = card.action is TicketAction.CLAIM_MORE
            return Action(
                _("再领一张") if more else _("领取"),
                post=path("claim", card.campaign_id),
                kind="soft" if more or soft else "primary",
                fields={"key": new_key(), "next": next_page, "scene": scene},
            )
        case TicketAction.USE if card.piece_id:
            return Action(_("去使用"), href=path("coupon", card.piece_id), kind="brand")
        case TicketAction.RECALL if card.piece_id:
            return Action(
                _("收回"),
                post=path("recall", card.piece_id),
                kind="line",
                fields={"next": path("coupons", tab="given")},
            )
        case _:
            return Action(_idle_words(card.status), kind="line")


def _idle_words(status: str) -> str:
    words = {
        "starts_at": _("未开始"),
        "sold_out": _("已抢完"),
        "day_full": _("明天再来"),
        "over": _("已结束"),
        "paused": _("暂停中"),
        "not_for_you": _("暂不能领"),
        "held": _("付款中"),
        "too_early": _("未到时间"),
        "used": _("已使用"),
        "expired": _("已过期"),
        "given": _("已送出"),
        "void": _("已作废"),
    }
    return words.get(status, _("暂不可用"))


def plain(found: Ticket) -> Ticket:
    """The same face without a button: a preview."""
    return replace(found, action=None, href="")


def sum_lines(bill: BillCard, quote: Mapping[str, object]) -> list[SumLine]:
    """Goods, each deduction with its name and sign, and how it was paid: the parts of the amount."""
    lines = [SumLine(_("商品合计（%(count)s 件）") % {"count": bill.pieces}, bill.list_fen)]
    deductions = quote.get("deductions")
    for one in deductions if isinstance(deductions, list) else []:
        lines.append(SumLine(deduction_words(one), -int(one["amount_fen"]), is_off=True))
    if bill.is_paid:
        lines.append(
            SumLine(_("付款方式"), text=" · ".join(filter(None, (channel_words(bill.channel), paid_at(bill)))))
        )
    if bill.refunded_fen:
        lines.append(SumLine(_("已退款"), -bill.refunded_fen, is_diff=True))
    return lines


def deduction_words(one: Mapping[str, object]) -> str:
    title = said(str(one.get("title_zh", "")), str(one.get("title_en", "")))
    points = one.get("points")
    if points:
        return _("积分抵扣（%(points)s 积分）") % {"points": formats.whole(int(str(points)))}
    return title


def channel_words(channel: str) -> str:
    words = {
        "cash": _("现金"),
        "wechat_code": _("微信支付"),
        "wechat_native": _("微信支付"),
        "wechat_jsapi": _("微信支付"),
        "none": _("券与积分全额抵扣"),
    }
    return words.get(channel, "")


def paid_at(bill: BillCard) -> str:
    from django.utils import timezone

    return "" if bill.paid_at is None else f"{timezone.localtime(bill.paid_at):%H:%M:%S}"


def state_words(bill: BillCard) -> tuple[str, Tone]:
    words: Mapping[str, tuple[str, Tone]] = {
        "open": (_("待付款"), "warn"),
        "held": (_("付款中"), "info"),
        "paid": (_("已付款"), "ok"),
        "partly_refunded": (_("部分退款"), "info"),
        "refunded": (_("已退款"), "plain"),
        "cancelled": (_("已取消"), "plain"),
    }
    return words[bill.state.value]


def saved_words(bill: BillCard) -> str:
    return _("本单已省 %(amount)s") % {"amount": formats.fen(bill.saved_fen)} if bill.saved_fen else ""


def tickets(cards: Iterable[TicketCard], *, next_page: str, scene: str = "") -> list[Ticket]:
    return [ticket(card, next_page=next_page, scene=scene) for card in cards]
