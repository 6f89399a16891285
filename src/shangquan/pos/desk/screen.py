"""A desk as values for the templates: frame, lines, combination, sum, keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shangquan.checkout.contracts import Quote
from shangquan.design.contracts import Action, MenuItem, SumLine, TillFrame
from shangquan.design.formats import fen, fen_bare, whole
from shangquan.district import door as district
from shangquan.kernel import scope
from shangquan.payments.contracts import Channel
from shangquan.pos.queries.desk import Desk

SHOWN_KEYS = 6


@dataclass(frozen=True)
class LineRow:
    """One line as the till shows it."""

    no: int
    name: str
    note: str
    unit_fen: int
    quantity: int
    sum_fen: int
    by_amount: bool
    is_new: bool
    is_selected: bool


def english() -> bool:
    return (get_language() or "").startswith("en")


def frame(there: Desk) -> TillFrame:
    shift = there.shift
    return TillFrame(
        store=f"{there.store.merchant} {there.store.unit}".strip(),
        till=there.till.name,
        person=shift.opened_name if shift is not None else scope.actor().name,
        shift=_("在班") if shift is not None else _("未开班"),
        link_state=_("在线"),
        printer_state=_("小票预览"),
        menu=(
            MenuItem(_("核销"), reverse("pos:check"), "ticket"),
            MenuItem(_("订单"), reverse("pos:orders"), "receipt"),
        ),
    )


def context(there: Desk, told: dict[str, Any], *, line: str = "") -> dict[str, Any]:
    rows = lines(there, line)
    selected = next((row for row in rows if row.is_selected), None)
    bill = there.bill
    return {
        "till_frame": frame(there),
        "desk": there,
        "rows": rows,
        "selected": selected,
        "told": told,
        "picture": _picture(there),
        "pieces": bill.pieces if bill is not None else 0,
        "member": member(there),
        "used": used(there),
        "unused": unused(there),
        "nudge": nudge(there),
        "sums": sums(there),
        "due_fen": bill.payable_fen if bill is not None and there.phase != "closed" else 0,
        "quick": quick(there),
        "functions": functions(there, selected if there.phase == "selling" else None),
        "main": main(there),
        "ways": ways(there),
    }


def lines(there: Desk, wanted: str) -> list[LineRow]:
    if there.bill is None or there.ring is None:
        return []
    chosen = int(wanted) if wanted.isdigit() else there.ring.newest
    known = {line.line_no for line in there.bill.lines}
    if chosen not in known:
        chosen = max(known, default=0)
    return [
        LineRow(
            no=line.line_no,
            name=line.title,
            note=_note(there, line.product_id),
            unit_fen=line.list_fen if line.by_amount else line.unit_fen,
            quantity=1 if line.by_amount else line.quantity,
            sum_fen=line.list_fen,
            by_amount=line.by_amount,
            is_new=line.line_no == there.ring.newest,
            is_selected=line.line_no == chosen,
        )
        for line in there.bill.lines
    ]


def _note(there: Desk, product_id: int | None) -> str:
    card = there.products.get(product_id or 0)
    if card is None:
        return _("手输金额") if product_id is None else ""
    code = card.barcode
    grouped = f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}" if len(code) == 13 else code
    return " · ".join(part for part in (card.spec, grouped) if part)


def _picture(there: Desk) -> str:
    logo = district.merchant(there.till.merchant_id).logo
    return f"design/art/{logo if logo.startswith('shop-') and '/' not in logo else 'shop-shop'}.svg"


def member(there: Desk) -> dict[str, Any] | None:
    card = there.member
    if card is None or there.ring is None:
        return None
    how = {
        "code": _("会员码已识别"),
        "card": _("卡号已识别"),
        "phone": _("手机号已识别"),
        "coupon": _("由券识别"),
    }
    facts = [_("%(n)s 积分") % {"n": whole(there.balance.available if there.balance else 0)}]
    facts.append(_("卡尾号 %(no)s") % {"no": card.card_no[-4:]})
    return {
        "name": card.name_masked or _("会员"),
        "initial": (card.name_masked or _("会员"))[:1],
        "tier": there.tier,
        "how": how.get(there.ring.member_how, ""),
        "facts": " · ".join(facts),
    }


def used(there: Desk) -> list[SumLine]:
    title = "title_en" if english() else "title_zh"
    return [SumLine(d[title], -d["amount_fen"], is_off=True) for d in there.quote.get("deductions", [])]


def unused(there: Desk) -> list[tuple[str, str]]:
    title, why = ("title_en", "en") if english() else ("title_zh", "zh")
    return [(notice[title], notice[why]) for notice in there.quote.get("not_used", [])][:4]


def nudge(there: Desk) -> dict[str, Any] | None:
    """Add a little and pay less, when a quick key's goods would do it."""
    for found in there.quote.get("nudges", []):
        card = there.products.get(found["product_id"] or 0)
        if card is None or there.bill is None or found["payable_fen"] >= there.bill.payable_fen:
            continue
        title = found["title_en"] if english() else found["title_zh"]
        said = _("加 %(n)s 个%(goods)s可用「%(title)s」，应收降为 %(due)s") % {
            "n": found["quantity"],
            "goods": card.name_en if english() and card.name_en else card.name,
            "title": title,
            "due": fen(found["payable_fen"]),
        }
        act = Action(_("加上"), post=reverse("pos:goods", args=[card.id]))
        return {"title": _("再加 %(sum)s 更划算") % {"sum": fen(found["add_fen"])}, "text": said, "act": act}
    return None


def sums(there: Desk) -> list[SumLine]:
    bill = there.bill
    if bill is None:
        return []
    made = [SumLine(ngettext("合计 %(n)s 件", "合计 %(n)s 件", bill.pieces) % {"n": bill.pieces}, bill.list_fen)]
    off = bill.saved_fen + bill.prepaid_fen
    if off:
        made.append(SumLine(_("优惠券与积分") if bill.points_used else _("优惠"), -off, is_off=True))
    if bill.member_id is not None:
        made.append(SumLine(_("付款后得积分"), text=f"+{whole(bill.points_to_earn)}"))
    return made


def quick(there: Desk) -> list[Action]:
    shown = there.keys[:SHOWN_KEYS]
    return [
        Action(card.name, post=reverse("pos:goods", args=[card.id]), key=f"¥{fen_bare(card.price_fen)}")
        for card in shown
    ]


def functions(there: Desk, selected: LineRow | None) -> list[Action]:
    here = reverse("pos:till")
    recall = _("取单 · %(n)s") % {"n": there.parked} if there.parked else _("取单")
    price = f"{here}?do=price&line={selected.no}" if selected is not None else here
    remove = reverse("pos:remove", args=[selected.no]) if selected is not None else ""
    return [
        Action(_("改价"), href=price, key="F2"),
        Action(_("删行"), post=remove, href="" if remove else here, key="Del"),
        Action(_("挂单"), post=reverse("pos:park") if there.bill is not None else "", href=here, key="F4"),
        Action(recall, href=f"{here}?do=recall", key="F7"),
        Action(_("退货"), href=reverse("pos:refund_search"), key="F8"),
        Action(_("交班"), href=reverse("pos:close_shift"), icon="clock"),
    ]


def main(there: Desk) -> Action:
    due = there.bill.payable_fen if there.bill is not None else 0
    if there.bill is not None and due == 0:
        return Action(_("无需付款，完成"), post=reverse("pos:cash"), icon="check", fields={"expected": "0"})
    why = "" if there.bill is not None else _("扫第一件商品后即可收款")
    return Action(_("扫顾客付款码"), href=f"{reverse('pos:till')}?do=code", icon="scan", key="Enter", why_not=why)


def ways(there: Desk) -> list[Action]:
    if there.bill is None or there.bill.payable_fen == 0:
        return []
    here = reverse("pos:till")
    expected = {"expected": str(there.bill.payable_fen)}
    return [
        Action(_("出示收款码"), post=reverse("pos:show"), icon="qrcode", fields=expected),
        Action(_("现金"), href=f"{here}?do=cash", icon="cash", key="F9"),
    ]


def combinations(quotes: Sequence[Quote]) -> list[dict[str, Any]]:
    """Combinations to choose from, the best first."""
    title = "title_en" if english() else "title_zh"
    return [
        {
            "is_best": place == 0,
            "payable_fen": quote.payable_fen,
            "saved_fen": quote.saved_fen,
            "parts": [(getattr(deduction, title), -deduction.amount_fen) for deduction in quote.deductions],
            "pieces": [deduction.piece_id for deduction in quote.deductions if deduction.piece_id is not None],
            "points": "1" if quote.points_used else "0",
        }
        for place, quote in enumerate(quotes)
    ]


def cash_offers(due_fen: int) -> list[int]:
    """Sums that a customer is likely to hand over: rounded up to 1, 10, 50 and 100 yuan."""
    return sorted({-(-due_fen // step) * step for step in (100, 1_000, 5_000, 10_000)} | {due_fen})[:5]


def is_shown_code(there: Desk) -> bool:
    return there.intent is not None and there.intent.channel is Channel.WECHAT_NATIVE
