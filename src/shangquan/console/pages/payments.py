"""Money through the channels: every payment with its past, and the days on which our books and theirs differ (H14)."""

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shangquan.console import lists, writing
from shangquan.console.bill_words import CHANNELS
from shangquan.console.frame import show
from shangquan.design import formats
from shangquan.design.contracts import Column, Table, TableCell, TableRow, TimelineStep, Tone
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import NOT_FOUND, Refused
from shangquan.payments import door as payments
from shangquan.payments.contracts import DifferenceKind, IntentCard, State
from shangquan.payments.ports import bill_providers
from shangquan.tenancy import door as tenancy

STATES: dict[State, tuple[str | Promise, Tone]] = {
    State.CREATED: (gettext_lazy("未发出"), "plain"),
    State.SENT: (gettext_lazy("已发出"), "info"),
    State.WAITING: (gettext_lazy("等顾客付款"), "info"),
    State.UNKNOWN: (gettext_lazy("结果未知，正在查"), "warn"),
    State.PAID: (gettext_lazy("已收"), "ok"),
    State.FAILED: (gettext_lazy("没付成"), "bad"),
    State.CLOSED: (gettext_lazy("已关闭"), "plain"),
    State.REVERSED: (gettext_lazy("已撤销"), "plain"),
}
KINDS: dict[DifferenceKind, str | Promise] = {
    DifferenceKind.MISSING: gettext_lazy("渠道账单里没有"),
    DifferenceKind.EXTRA: gettext_lazy("我们的账里没有"),
    DifferenceKind.AMOUNT: gettext_lazy("两边金额不一样"),
}
_VIEWS: dict[str, tuple[State, ...]] = {
    "paid": (State.PAID,),
    "waiting": (State.CREATED, State.SENT, State.WAITING),
    "unknown": (State.UNKNOWN,),
    "failed": (State.FAILED, State.CLOSED, State.REVERSED),
}


@require_safe
@with_right("payments.read")
def payment_list(request: HttpRequest) -> HttpResponse:
    """Newest first. The owner's page: a merchant finds its payments at its bills."""
    _owner_only()
    found = payments.payments(
        states=_VIEWS.get(request.GET.get("view", ""), ()),
        text=request.GET.get("q", "").strip()[:64],
        before=lists.whole_number(request, "after"),
        limit=lists.PAGE + 1,
    )
    cards = found[: lists.PAGE]
    choices = [("", _("全部"), None), ("paid", _("已收"), None), ("waiting", _("等付款"), None), ("unknown", _("结果未知"), None),
               ("failed", _("没付成"), None)]  # fmt: skip
    begin, end = tenancy.day_span(tenancy.today(clock.now()), tenancy.today(clock.now()))
    taken = payments.totals(start=begin, end=end)
    page = {
        "heading": _("收款"),
        "sub": _today(taken),
        "views": lists.views(request, choices),
        "filters": [],
        "search_text": request.GET.get("q", ""),
        "search_hint": _("收款单号、渠道单号"),
        "rows": _table(cards, lists.cut([card.id for card in found])),
    }
    return show(request, "design/console_list.html", page)


@require_safe
@never_cache
@with_right("payments.read")
def payment_detail(request: HttpRequest, intent_id: int) -> HttpResponse:
    _owner_only()
    card = payments.intent(intent_id)
    word, tone = STATES[card.state]
    page = {
        "heading": card.number,
        "crumbs": [(_("收款"), reverse("console:payments"))],
        "state": str(word),
        "state_tone": tone,
        "facts": _facts(card),
        "refunds": payments.refunds_of(intent_id),
        "bill_url": reverse("console:bill", args=[int(card.source_id)]) if card.source == "bill" else "",
        "history": [_step(one) for one in payments.history(intent_id)][::-1],
    }
    return show(request, "console/payment.html", page)


@require_safe
@with_right("payments.reconcile")
def difference_list(request: HttpRequest) -> HttpResponse:
    """Open ones first; each is dealt with by a person who says why."""
    is_all, kind = request.GET.get("view") == "all", request.GET.get("kind", "")
    found = payments.differences(
        open_only=not is_all, kind=DifferenceKind(kind) if kind in set(DifferenceKind) else None
    )
    page = {
        "heading": _("对账差异"),
        "views": lists.views(request, [("", _("待处理"), None), ("all", _("全部"), None)]),
        "differences": [(one, str(KINDS[one.kind]), _intent_url(one.intent_id)) for one in found],
        "providers": bill_providers(),
        "yesterday": tenancy.today(clock.now()).isoformat(),
    }
    return show(request, "console/differences.html", page)


@require_POST
@with_right("payments.reconcile")
def difference_resolve(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Refuses an empty reason in place."""
    note, now, here = request.POST.get("note", "").strip(), clock.now(), reverse("console:differences")
    if not note:
        writing.say(request, _("写明为什么对不上、怎么处理的。"), "bad")
        return HttpResponseRedirect(here)
    return writing.perform(
        request,
        lambda: payments.resolve_difference(difference_id=difference_id, note=note, now=now),
        to=here,
        said=_("已处理"),
    )


@require_POST
@with_right("payments.reconcile")
def reconcile(request: HttpRequest) -> HttpResponse:
    """Fetch a channel's bill of a day and compare, by a job."""
    here, provider = reverse("console:differences"), request.POST.get("provider", "")
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        day = None
    if provider not in bill_providers() or day is None:
        writing.say(request, _("选一个渠道和一天。"), "bad")
        return HttpResponseRedirect(here)
    return writing.perform(
        request,
        lambda: payments.reconcile_later(provider, day.isoformat()),
        to=here,
        said=_("正在取账单比对，稍后刷新"),
    )


def _owner_only() -> None:
    if scope.actor().merchant_id is not None:
        raise Refused(NOT_FOUND)


def _today(taken: dict[str, tuple[int, int]]) -> str:
    parts = [f"{CHANNELS.get(channel, channel)} {formats.fen(fen)}" for channel, (_n, fen) in taken.items()]
    return _("今天：%(sums)s") % {"sums": " · ".join(parts)} if parts else ""


def _table(cards: list[IntentCard], after: str) -> Table:
    rows = []
    for card in cards:
        word, tone = STATES[card.state]
        local = tenancy.local(card.paid_at or card.created_at)
        cells: list[TableCell | str] = [
            card.number, TableCell(f"{local:%m-%d %H:%M}", title=f"{local:%Y-%m-%d %H:%M:%S}"),
            TableCell(str(word), tag=tone), str(CHANNELS.get(card.channel.value, card.channel.value)), card.description,
            formats.fen_bare(card.amount_fen), formats.fen_bare(card.refunded_fen),
        ]  # fmt: skip
        rows.append(TableRow(cells, id=str(card.id), href=reverse("console:payment", args=[card.id])))
    columns = [
        Column(_("收款单号")), Column(_("时间")), Column(_("状态")), Column(_("方式"), minor=True), Column(_("为了"), minor=True),
        Column(_("金额 ¥"), right=True), Column(_("已退 ¥"), right=True, minor=True),
    ]  # fmt: skip
    return Table(columns, rows, caption=_("收款"), after=after, empty_sentence=_("还没有收款。"))


def _facts(card: IntentCard) -> list[tuple[str, str]]:
    rows = [
        (_("金额"), formats.fen(card.amount_fen)),
        (_("方式"), str(CHANNELS.get(card.channel.value, card.channel.value))),
        (_("为了"), card.description),
        (_("渠道单号"), card.transaction_id or formats.DASH),
        (_("已退"), formats.fen(card.refunded_fen)),
    ]
    if card.message:
        rows.append((_("渠道说"), f"{card.message} {card.code}".strip()))
    return rows


def _step(event: dict[str, object]) -> TimelineStep:
    """A line of the payment's past; states in words."""
    words = {state.value: str(word) for state, (word, _tone) in STATES.items()}
    moved = words.get(str(event["to_state"]), str(event["to_state"]))
    note = " ".join(str(event[key]) for key in ("code", "message") if event[key])
    return TimelineStep(moved or str(event["what"]), event["at"], note=note, by_system=True)  # type: ignore[arg-type]


def _intent_url(intent_id: int | None) -> str:
    return reverse("console:payment", args=[intent_id]) if intent_id is not None else ""


urlpatterns_payments = [
    path("payments/", payment_list, name="payments"),
    path("payments/<int:intent_id>/", payment_detail, name="payment"),
    path("differences/", difference_list, name="differences"),
    path("differences/reconcile/", reconcile, name="reconcile"),
    path("differences/<int:difference_id>/", difference_resolve, name="difference_resolve"),
]
