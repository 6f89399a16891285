"""How settlement is said on pages."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shangquan.design.contracts import Tone
from shangquan.design.formats import MONTHS_EN, day, day_range, is_english
from shangquan.settlement.contracts import LineCard, MovementCard, PayoutCard, StatementCard

Term = tuple[str, str, int]


def period(starts_on: date, ends_on: date, *, today: date) -> str:
    """ "10 月" for a whole month, else the two days."""
    language = get_language() or ""
    if starts_on == ends_on:
        return day(starts_on, today=today, language=language)
    whole = starts_on.day == 1 and (ends_on + timedelta(days=1)).day == 1 and starts_on.month == ends_on.month
    if not whole or starts_on.year != ends_on.year:
        return day_range(starts_on, ends_on, today=today, language=language)
    if is_english(language):
        return f"{MONTHS_EN[starts_on.month - 1]} {starts_on.year}"
    return f"{starts_on.month} 月" if starts_on.year == today.year else f"{starts_on.year} 年 {starts_on.month} 月"


def line_kind(line: LineCard) -> str:
    return line.kind_en if is_english(get_language() or "") else line.kind_zh


def movement_kind(row: MovementCard) -> str:
    if row.source == "bill":
        return _("销售") if row.customer_fen else _("跨店券")
    if row.source == "refund":
        return _("退款")
    return _("上期结转") if row.source == "statement" else _("更正")


def movement_state(row: MovementCard, card: StatementCard) -> tuple[str, Tone]:
    if row.disputed:
        return _("有异议"), "warn"
    if row.answered:
        return _("商圈已回复"), "info"
    return (_("待确认"), "plain") if card.state == "issued" else (_("已确认"), "ok")


def statement_state(card: StatementCard, payout: PayoutCard | None, *, for_merchant: bool) -> tuple[str, Tone]:
    if card.state == "carried":
        return _("结转下期"), "info"
    if card.state == "issued":
        return (_("待你确认"), "warn") if for_merchant else (_("待商户确认"), "info")
    if payout is None:
        if card.payable_fen <= 0:
            return _("已确认，无应付"), "ok"
        return (_("已确认，待打款"), "info") if for_merchant else (_("已确认，待打款"), "warn")
    return payout_state(payout)


def payout_state(payout: PayoutCard) -> tuple[str, Tone]:
    states: dict[str, tuple[str, Tone]] = {
        "prepared": (_("待复核"), "warn"),
        "approved": (_("待打款"), "warn"),
        "sent": (_("银行处理中"), "info"),
        "paid": (_("已打款"), "ok"),
        "failed": (_("打款失败"), "bad"),
    }
    return states.get(payout.state, (payout.state, "plain"))


def dispute_state(state: str) -> tuple[str, Tone]:
    states: dict[str, tuple[str, Tone]] = {
        "open": (_("等商圈答复"), "warn"),
        "stands": (_("维持原数"), "info"),
        "corrected": (_("已更正"), "ok"),
    }
    return states.get(state, (state, "plain"))


def equation(parts: Mapping[str, int], *, frozen_fen: int = 0) -> list[Term]:
    """The terms on top of a statement as (sign, name, fen): they add up to the total; parts of zero are left out."""
    names = {
        "sales": _("顾客实付"),
        "subsidies": _("券和积分补贴"),
        "refunds": _("退款"),
        "commission": _("佣金"),
        "cash": _("商户已收现金"),
        "corrections": _("更正与结转"),
    }
    always = ("sales", "subsidies", "refunds", "commission")
    terms: list[Term] = []
    for part, name in names.items():
        amount = parts.get(part, 0)
        if not amount and part not in always:
            continue
        minus = amount < 0 or (amount == 0 and part in ("refunds", "commission"))
        terms.append((("−" if minus else "+") if terms else "", name, abs(amount) if terms else amount))
    if frozen_fen:
        terms.append(("−" if frozen_fen > 0 else "+", _("异议冻结"), abs(frozen_fen)))
    return terms
