"""One statement: the equation on top, a row for each bill, what is behind the chosen row, dispute, confirm, pay."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.menu import address
from shangquan.console.pages.settlement import words
from shangquan.console.pages.settlement.forms import AnswerForm, DisputeForm, PaidForm
from shangquan.console.writing import attempt, perform, say
from shangquan.design.contracts import Action, Column, SumLine, Tab, Table, TableCell, TableRow, TimelineStep
from shangquan.design.formats import fen_bare, fen_signed
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import NOT_FOUND, Refused
from shangquan.settlement import door as settlement
from shangquan.settlement.contracts import DisputeCard, LineCard, MovementCard, PayoutCard, StatementCard
from shangquan.tenancy import door as tenancy

Chosen = tuple[MovementCard, list[LineCard]]
Typed = tuple[int, AnswerForm]


@require_safe
@with_right("settlement.read")
def statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    return _page(request, settlement.statement(statement_id))


@require_http_methods(["GET", "POST"])
@with_right("settlement.dispute")
def dispute(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Freeze one line of the chosen row; a refusal keeps what was typed."""
    card = settlement.statement(statement_id)
    chosen = _chosen(request, card)
    if chosen is None:
        raise Refused(NOT_FOUND)
    if request.method == "GET":
        return _page(request, card, chosen=chosen)
    form = DisputeForm(request.POST, lines=_named(chosen[1]))
    if form.is_valid():
        made = attempt(
            request,
            form,
            lambda: settlement.dispute_line(
                statement_id=card.id, line_id=form.cleaned_data["line_id"], reason=form.reason(), now=clock.now()
            ),
        )
        if made is not None:
            say(request, _("异议已提交，只冻结这一行；其余行照常确认和打款。"))
            return _to(card, chosen[0])
    return _page(request, card, chosen=chosen, dispute_form=form, status=409)


@require_POST
@with_right("settlement.confirm")
def confirm(request: HttpRequest, statement_id: int) -> HttpResponse:
    return perform(
        request,
        lambda: settlement.confirm_statement(statement_id=statement_id, now=clock.now()),
        to=reverse("console:statement", args=[statement_id]),
        said=_("已确认，留下了你的姓名和时间。商圈会按应付金额打款。"),
    )


@require_POST
@with_right("settlement.correct")
def answer(request: HttpRequest, statement_id: int, dispute_id: int) -> HttpResponse:
    """The owner's answer to one dispute."""
    card = settlement.statement(statement_id)
    chosen = _chosen(request, card)
    form = AnswerForm(request.POST)
    if chosen is None:
        raise Refused(NOT_FOUND)
    if form.is_valid():
        text, fen = form.cleaned_data["answer"], form.correct_fen()

        def work() -> bool:
            settlement.answer_dispute(dispute_id=dispute_id, answer=text, correct_fen=fen, now=clock.now())
            return True

        if attempt(request, form, work):
            say(request, _("已答复商户。"))
            return _to(card, chosen[0])
    return _page(request, card, chosen=chosen, answer_form=(dispute_id, form), status=409)


def _page(
    request: HttpRequest,
    card: StatementCard,
    *,
    chosen: Chosen | None = None,
    dispute_form: DisputeForm | None = None,
    answer_form: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    now, who = clock.now(), scope.actor()
    chosen = chosen or _chosen(request, card)
    payout = settlement.payouts(statement_ids=[card.id]).get(card.id)
    state, tone = words.statement_state(card, payout, for_merchant=who.merchant_id is not None)
    counts = settlement.movement_counts(card.id)
    shop = district.merchant(card.merchant_id)
    title = words.period(card.starts_on, card.ends_on, today=tenancy.today(now))
    payable = (
        _("应付给你") if who.merchant_id is not None else _("应付给 {name}").format(name=pick(shop.name, shop.name_en))
    )
    page = {
        "heading": _("{period} 对账单").format(period=title),
        "crumbs": [
            (_("对账单") if who.merchant_id is not None else _("结算"), reverse("console:periods")),
            (pick(shop.name, shop.name_en), reverse("console:periods")),
        ],
        "card": card, "state": state, "state_tone": tone, "now": now,
        "sub": _("{name} 于 {at} 确认").format(name=card.confirmed_by, at=_local(card.confirmed_at)) if card.confirmed_at else "",
        "page_actions": [
            Action("CSV", href=reverse("console:statement_csv", args=[card.id]), icon="download"),
            Action("Excel", href=reverse("console:statement_xlsx", args=[card.id]), icon="download"),
        ],
        "terms": words.equation(card.equation, frozen_fen=card.frozen_fen),
        "total": (payable, card.payable_fen),
        "views": _views(request, counts),
        "search_text": request.GET.get("q", ""),
        "search_hint": _("单号"),
        **_store_filters(request, card.merchant_id),
        "rows": _rows(request, card, counts, chosen),
        "counts": counts,
        "rest": counts["all"] - counts["disputed"],
        "may_confirm": card.state == "issued" and who.may("settlement.confirm"),
        "payout": payout,
        "payout_panel": _payout_panel(card, payout),
        "chosen": _panel(request, card, chosen, dispute_form, answer_form) if chosen else None,
    }  # fmt: skip
    return show(request, "console/settlement/statement.html", page, status=status)


def _views(request: HttpRequest, counts: dict[str, int]) -> list[Tab]:
    names = [
        ("", _("全部"), "all"), ("sales", _("销售"), "sales"), ("refunds", _("退款"), "refunds"),
        ("other", _("更正与结转"), "other"), ("disputed", _("有异议"), "disputed"), ("answered", _("商圈已回复"), "answered"),
    ]  # fmt: skip
    return lists.views(request, [(value, label, counts[key]) for value, label, key in names])


def _store_filters(request: HttpRequest, merchant_id: int) -> dict[str, list[Tab] | list[Action]]:
    stores = district.stores(merchant_id=merchant_id)
    wanted = lists.whole_number(request, "store")
    named = {store.id: store.unit or store.name for store in stores}
    if wanted in named:
        return {"filters": [Tab(_("门店：{unit}").format(unit=named[wanted]), lists.address(request, store=None))]}
    more = (
        [Action(unit, href=lists.address(request, store=key)) for key, unit in named.items()] if len(named) > 1 else []
    )
    return {"filters": [], "add_filters": more}


def _rows(request: HttpRequest, card: StatementCard, counts: dict[str, int], chosen: Chosen | None) -> Table:
    view, text = request.GET.get("view", ""), request.GET.get("q", "").strip()[:40]
    store = lists.whole_number(request, "store")
    found = settlement.movements(
        card.id, view=view, text=text, store_id=store, before=lists.whole_number(request, "after"),
        limit=lists.PAGE + 1,
    )  # fmt: skip
    shown = found[: lists.PAGE]
    plain = not text and store is None
    columns = [
        Column(_("时间")), Column(_("单号"), minor=True), Column(_("类型")), Column(_("顾客实付 ¥"), right=True, minor=True),
        Column(_("补贴 ¥"), right=True, minor=True), Column(_("佣金 ¥"), right=True, minor=True),
        Column(_("其他 ¥"), right=True, minor=True), Column(_("应付 ¥"), right=True), Column(_("状态")),
    ]  # fmt: skip
    return Table(
        columns,
        [_row(request, row, card, chosen) for row in shown],
        caption=_("对账单的行"),
        after=lists.cut([row.key for row in found]),
        before="",
        total=counts.get(view or "all") if plain else None,
        empty_sentence=_("没有找到，换个条件试试"),
    )


def _row(request: HttpRequest, row: MovementCard, card: StatementCard, chosen: Chosen | None) -> TableRow:
    state, tone = words.movement_state(row, card)
    is_current = chosen is not None and chosen[0].key == row.key
    return TableRow(
        [
            TableCell(_local(row.happened_at, "%m-%d %H:%M"), title=_local(row.happened_at, "%Y-%m-%d %H:%M:%S")),
            TableCell(row.bill_number or "—", mono=True),
            words.movement_kind(row),
            _amount(row.customer_fen), _amount(row.subsidy_fen), _amount(row.commission_fen), _amount(row.other_fen),
            TableCell(fen_bare(row.total_fen), strong=True, is_negative=row.total_fen < 0),
            TableCell(state, tag=tone),
        ],
        id=str(row.key),
        href=f"{lists.address(request, row=_key(row), line=None)}#row",
        is_current=is_current,
    )  # fmt: skip


def _chosen(request: HttpRequest, card: StatementCard) -> Chosen | None:
    """The row that the address names: ?row=bill-12, or the row of ?line=."""
    source, dash, number = request.GET.get("row", "").partition("-")
    if dash and number.isascii() and number.isdigit() and len(number) < 19:
        return settlement.movement(card.id, source, int(number))
    line = lists.whole_number(request, "line")
    return settlement.movement_of_line(card.id, line) if line is not None else None


def _panel(
    request: HttpRequest,
    card: StatementCard,
    chosen: Chosen,
    dispute_form: DisputeForm | None,
    answer_form: Typed | None,
) -> dict[str, object]:
    row, lines = chosen
    who = scope.actor()
    free = [line for line in lines if line.dispute is None]
    may_dispute = bool(free) and card.state == "issued" and who.may("settlement.dispute")
    disputes = [line.dispute for line in lines if line.dispute]
    return {
        "row": row,
        "title": words.movement_kind(row),
        "close": lists.address(request, row=None, line=None),
        "sums": [
            *(SumLine(words.line_kind(line), line.amount_fen, is_diff=line.dispute is not None) for line in lines),
            SumLine(_("这一行应付"), row.total_fen, is_total=True),
        ],
        "bill": address("console:bill", row.bill_id) if row.bill_id and who.may("orders.read") else "",
        "form": (dispute_form or DisputeForm(lines=_named(free))) if may_dispute else None,
        "post": f"{reverse('console:statement_dispute', args=[card.id])}?row={_key(row)}",
        "disputes": [_dispute(card, row, found, answer_form) for found in disputes],
        "history": _history(row, disputes),
    }


def _dispute(card: StatementCard, row: MovementCard, found: DisputeCard, typed: Typed | None) -> dict[str, object]:
    state, tone = words.dispute_state(found.state)
    may_answer = found.state == "open" and scope.actor().may("settlement.correct")
    form = typed[1] if typed and typed[0] == found.id else AnswerForm(auto_id=f"answer{found.id}_%s")
    return {
        "card": found, "state": state, "tone": tone,
        "form": form if may_answer else None,
        "post": f"{reverse('console:dispute_answer', args=[card.id, found.id])}?row={_key(row)}",
    }  # fmt: skip


def _history(row: MovementCard, disputes: list[DisputeCard]) -> list[TimelineStep]:
    made = [TimelineStep(_("提出异议"), at=found.made_at, who=found.made_by, state="now") for found in disputes]
    what = _("顾客退款，记账") if row.source == "refund" else _("顾客付款，记账")
    first = what if row.source in ("bill", "refund") else _("系统记账")
    return [*made, TimelineStep(first, at=row.happened_at, by_system=True)]


def _payout_panel(card: StatementCard, payout: PayoutCard | None) -> dict[str, object] | None:
    """What the acting person may do about the payment of this statement, and what has been done."""
    if card.state != "confirmed" or (payout is None and card.payable_fen <= 0):
        return None
    who = scope.actor()
    state, tone = words.payout_state(payout) if payout else (_("还没有经办"), "plain")
    may_pay = who.may("settlement.pay")
    is_maker = payout is not None and payout.maker_id == who.id
    return {
        "state": state, "tone": tone, "card": payout,
        "prepare": reverse("console:payout_prepare", args=[card.id]) if may_pay and payout is None else "",
        "approve": reverse("console:payout_approve", args=[payout.id])
        if payout and payout.state == "prepared" and who.may("settlement.approve") else "",
        "why_not": _("复核的人不能是经办人。") if is_maker else "",
        "pay": reverse("console:payout_paid", args=[payout.id]) if payout and payout.state == "approved" and may_pay else "",
        "form": PaidForm(),
        "proof": reverse("console:payout_proof", args=[payout.id]) if payout and payout.proof else "",
    }  # fmt: skip


def _named(lines: list[LineCard]) -> list[tuple[LineCard, str]]:
    return [(line, f"{words.line_kind(line)} {fen_signed(line.amount_fen)}") for line in lines if line.dispute is None]


def _to(card: StatementCard, row: MovementCard) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('console:statement', args=[card.id])}?row={_key(row)}")


def _key(row: MovementCard) -> str:
    return f"{row.source}-{row.source_id}"


def _amount(amount_fen: int) -> TableCell:
    return TableCell(fen_bare(amount_fen), is_negative=amount_fen < 0)


def _local(moment: datetime | None, style: str = "%Y-%m-%d %H:%M") -> str:
    return tenancy.local(moment).strftime(style) if moment else ""
