"""Where settlement begins: the owner's periods and what waits for an answer, or a merchant's own statements."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.pages.settlement import words
from shangquan.console.pages.settlement.forms import CloseForm
from shangquan.console.writing import attempt, say
from shangquan.design.contracts import Action as Button
from shangquan.design.contracts import Column, Table, TableCell, TableRow, Todo
from shangquan.design.formats import fen_bare, fen_signed
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.settlement import door as settlement
from shangquan.settlement.contracts import OpenCard, StatementCard
from shangquan.tenancy import door as tenancy


@require_safe
@with_right("settlement.read")
def overview(request: HttpRequest) -> HttpResponse:
    if scope.actor().merchant_id is not None:
        return _merchant_page(request)
    now = clock.now()
    names = merchant_names()
    opened = settlement.open_figures()
    page = {
        "heading": _("结算"),
        "sub": _("每天的收款、退款、佣金和补贴逐笔记账，关账期后出对账单。"),
        "rows": _periods(tenancy.today(now)),
        "disputes": [
            Todo(
                title=_("{merchant} 对一行有异议").format(merchant=names.get(found.merchant_id, "")),
                note=f"¥{fen_bare(found.amount_fen)} · {found.reason}",
                tone="warn", icon="scale",
                action=Button(_("答复"), href=dispute_address(found.statement_id, found.line_id), small=True),
            )
            for found in settlement.open_disputes()
        ],
        "open_terms": words.equation(_sum(opened).equation) if opened else [],
        "open_total": (_("未结账期应付"), _sum(opened).total_fen),
        "open_merchants": len(opened),
        "may_close": scope.actor().may("settlement.close"),
        "ends_on": tenancy.today(now) - timedelta(days=1),
    }  # fmt: skip
    return show(request, "console/settlement/overview.html", page)


@require_safe
@with_right("settlement.read")
def period(request: HttpRequest, period_id: int) -> HttpResponse:
    """The statements of one period; for the owner's staff, since a merchant has one statement in it."""
    cards = settlement.statements(period_id=period_id, limit=2000)
    view = request.GET.get("view", "")
    shown = [card for card in cards if not view or card.state == view]
    title = words.period(cards[0].starts_on, cards[0].ends_on, today=tenancy.today(clock.now())) if cards else ""
    page = {
        "heading": _("{period} 对账单").format(period=title),
        "crumbs": [(_("结算"), reverse("console:periods"))],
        "views": lists.views(
            request,
            [
                ("", _("全部"), len(cards)),
                *(
                    (value, label, sum(card.state == value for card in cards))
                    for value, label in (("issued", _("待确认")), ("confirmed", _("已确认")), ("carried", _("结转")))
                ),
            ],
        ),
        "rows": statement_table(shown, merchant_names(), by_period=False),
    }
    return show(request, "console/list.html", page)


@require_http_methods(["GET", "POST"])
@with_right("settlement.close")
def close(request: HttpRequest) -> HttpResponse:
    """Look first (what each merchant's statement would be), then close. Closing cannot be undone."""
    now = clock.now()
    yesterday = tenancy.today(now) - timedelta(days=1)
    form = CloseForm(request.POST or request.GET or {"ends_on": yesterday.isoformat()})
    if form.is_valid() and request.method == "POST":
        made = attempt(
            request,
            form,
            lambda: settlement.close_period(ends_on=form.cleaned_data["ends_on"], now=now),
            field="ends_on",
        )
        if made is not None:
            say(request, _("账期已关，对账单已发给商户。"))
            return HttpResponseRedirect(reverse("console:settlement_period", args=[made]))
    status = 409 if request.method == "POST" else 200
    cards = (
        settlement.open_figures(until=_end_of(form.cleaned_data["ends_on"])) if "ends_on" in form.cleaned_data else []
    )
    together = _sum(cards)
    page = {
        "heading": _("关账期"),
        "crumbs": [(_("结算"), reverse("console:periods"))],
        "form": form,
        "terms": words.equation(together.equation),
        "total": (_("将出对账单合计"), together.total_fen),
        "rows": _preview(cards),
        "merchants": len(cards),
    }
    return show(request, "console/settlement/close.html", page, status=status)


def merchant_names() -> dict[int, str]:
    return {card.id: pick(card.name, card.name_en) for card in district.merchants()}


def dispute_address(statement_id: int, line_id: int) -> str:
    return f"{reverse('console:statement', args=[statement_id])}?view=disputed&line={line_id}"


def statement_table(cards: list[StatementCard], names: dict[int, str], *, by_period: bool) -> Table:
    """Statements with their payouts; the first column is the period or the merchant."""
    today = tenancy.today(clock.now())
    payouts = settlement.payouts(statement_ids=[card.id for card in cards])
    own = scope.actor().merchant_id is not None
    rows = []
    for card in cards:
        state, tone = words.statement_state(card, payouts.get(card.id), for_merchant=own)
        name = words.period(card.starts_on, card.ends_on, today=today) if by_period else names.get(card.merchant_id, "")
        rows.append(
            TableRow(
                [
                    TableCell(name, strong=True),
                    TableCell(card.number, mono=True),
                    _amount(card.equation["sales"]),
                    _amount(card.equation["refunds"]),
                    _amount(card.equation["subsidies"]),
                    _amount(card.equation["commission"]),
                    TableCell(fen_bare(card.payable_fen), strong=True, is_negative=card.payable_fen < 0),
                    str(card.dispute_count or ""),
                    TableCell(state, tag=tone),
                ],
                id=str(card.id),
                href=reverse("console:statement", args=[card.id]),
            )
        )
    return Table(
        [
            Column(_("账期") if by_period else _("商户")),
            Column(_("单号"), minor=True),
            Column(_("顾客实付 ¥"), right=True, minor=True),
            Column(_("退款 ¥"), right=True, minor=True),
            Column(_("补贴 ¥"), right=True, minor=True),
            Column(_("佣金 ¥"), right=True, minor=True),
            Column(_("应付 ¥"), right=True),
            Column(_("异议"), right=True, minor=True),
            Column(_("状态")),
        ],
        rows,
        caption=_("对账单"),
        total=len(rows),
        empty_sentence=_("还没有对账单，关账期后会出现在这里。"),
    )


def _merchant_page(request: HttpRequest) -> HttpResponse:
    cards = settlement.statements(limit=60)
    together = _sum(settlement.open_figures())
    waiting = sum(card.state == "issued" for card in cards)
    page = {
        "heading": _("对账单"),
        "sub": _("{n} 份等你确认").format(n=waiting) if waiting else _("没有等你确认的对账单"),
        "rows": statement_table(cards, {}, by_period=True),
        "terms": words.equation(together.equation),
        "total": (_("本期到现在应付给你"), together.total_fen),
    }
    return show(request, "console/list.html", page)


def _periods(today: date) -> Table:
    rows = [
        TableRow(
            [
                TableCell(words.period(card.starts_on, card.ends_on, today=today), strong=True),
                str(card.statements), str(card.confirmed), str(card.paid),
                TableCell(str(card.disputes or ""), strong=bool(card.disputes)),
                TableCell(fen_bare(card.total_fen), is_negative=card.total_fen < 0, strong=True),
            ],
            href=reverse("console:settlement_period", args=[card.id]),
        )
        for card in settlement.periods()
    ]  # fmt: skip
    columns = [
        Column(_("账期")), Column(_("对账单"), right=True), Column(_("已确认"), right=True), Column(_("已打款"), right=True),
        Column(_("异议"), right=True), Column(_("合计 ¥"), right=True),
    ]  # fmt: skip
    return Table(columns, rows, caption=_("账期"), total=len(rows), empty_sentence=_("还没有关过账期。"))


def _preview(cards: list[OpenCard]) -> Table:
    names = merchant_names()
    rows = [
        TableRow(
            [
                TableCell(names.get(card.merchant_id, ""), strong=True),
                str(card.line_count),
                *(_amount(card.equation[part]) for part in ("sales", "refunds", "subsidies", "commission")),
                TableCell(fen_signed(card.total_fen), strong=True, is_negative=card.total_fen < 0),
            ]
        )
        for card in cards
    ]
    columns = [
        Column(_("商户")), Column(_("行数"), right=True, minor=True), Column(_("顾客实付 ¥"), right=True, minor=True),
        Column(_("退款 ¥"), right=True, minor=True), Column(_("补贴 ¥"), right=True, minor=True),
        Column(_("佣金 ¥"), right=True, minor=True), Column(_("应付 ¥"), right=True),
    ]  # fmt: skip
    return Table(columns, rows, caption=_("预览"), total=len(rows), empty_sentence=_("到这一天没有要结的账。"))


def _sum(cards: list[OpenCard]) -> OpenCard:
    parts = {part: sum(card.equation[part] for card in cards) for part in (cards[0].equation if cards else ())}
    return OpenCard(0, parts, sum(card.total_fen for card in cards), sum(card.line_count for card in cards))


def _amount(amount_fen: int) -> TableCell:
    return TableCell(fen_bare(amount_fen), is_negative=amount_fen < 0)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tenancy.district().zone)
