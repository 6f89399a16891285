"""Orders: every bill with its parts and why, and returning goods with a look at what goes back to whom."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillLineCard, BillState, RefundSums
from shangquan.console import bill_words, lists, writing
from shangquan.console.frame import pick, show
from shangquan.design import formats
from shangquan.design.contracts import Action, Column, SumLine, Tab, Table, TableCell, TableRow
from shangquan.identity.door import with_right
from shangquan.kernel import clock, ids, scope
from shangquan.kernel.errors import Refused
from shangquan.payments import door as payments
from shangquan.settlement import door as settlement
from shangquan.settlement.contracts import LineCard
from shangquan.tenancy import door as tenancy

_VIEWS: dict[str, tuple[BillState, ...]] = {
    "paid": (BillState.PAID,),
    "refunded": (BillState.PARTLY_REFUNDED, BillState.REFUNDED),
    "open": (BillState.OPEN, BillState.HELD),
    "cancelled": (BillState.CANCELLED,),
}


@require_safe
@with_right("orders.read")
def bill_list(request: HttpRequest) -> HttpResponse:
    """Newest first behind the person's wall; view, day, store, way of payment and number stand in the address."""
    day = _day(request.GET.get("day", ""))
    since, until = tenancy.day_span(day, day) if day else (None, None)
    channel = request.GET.get("channel", "")
    store_id = lists.whole_number(request, "store")
    found = checkout.bills_behind_wall(
        states=_VIEWS.get(request.GET.get("view", ""), ()),
        channel=channel if channel in bill_words.CHANNELS else "",
        number=request.GET.get("q", "").strip().upper()[:32],
        store_id=store_id,
        merchant_id=lists.whole_number(request, "merchant"),
        since=since,
        until=until,
        before=lists.whole_number(request, "after"),
        limit=lists.PAGE + 1,
    )
    cards = found[: lists.PAGE]
    stores = bill_words.store_names([card.store_id for card in cards] + ([store_id] if store_id else []))
    choices = [("", _("全部"), None), ("paid", _("已付"), None), ("refunded", _("退款"), None), ("open", _("未付"), None),
               ("cancelled", _("已取消"), None)]  # fmt: skip
    page = {
        "heading": _("订单"),
        "views": lists.views(request, choices),
        "filters": _filters(request, day, channel, stores.get(store_id) if store_id else ""),
        "add_filters": _more_filters(request, day),
        "search_text": request.GET.get("q", ""),
        "search_hint": _("完整单号"),
        "rows": _table(cards, stores, lists.cut([card.id for card in found])),
    }
    return show(request, "design/console_list.html", page)


@require_safe
@never_cache
@with_right("orders.read")
def bill_detail(request: HttpRequest, bill_id: int) -> HttpResponse:
    card = checkout.bill_behind_wall("orders.read", bill_id)
    paid = checkout.paid_bill(bill_id) if card.is_paid else None
    refunds = checkout.refunds_of(bill_id)
    state, tone = bill_words.STATES[card.state]
    who = scope.actor()
    page = {
        "heading": card.number,
        "crumbs": [(_("订单"), reverse("console:bills"))],
        "state": str(state),
        "state_tone": tone,
        "card": card,
        "facts": bill_words.facts(card, bill_words.store_names([card.store_id]).get(card.store_id, formats.DASH)),
        "sums": bill_words.sums(card, paid),
        "lines": _line_table(card),
        "borne": bill_words.borne(paid) if paid else [],
        "refunds": refunds,
        "payments": payments.intents_of("bill", str(bill_id)) if who.may("payments.read") else [],
        "channels": bill_words.CHANNELS,
        "settled": _settled(settlement.lines_of_bill(bill_id)) if who.may("settlement.read") else [],
        "history": bill_words.history(card, refunds),
        "member_url": bill_words.member_address(card),
        "page_actions": _actions(card),
    }
    return show(request, "console/bill.html", page)


@require_http_methods(["GET", "POST"])
@never_cache
@with_right("payments.refund")
def bill_refund(request: HttpRequest, bill_id: int) -> HttpResponse:
    """Choose pieces and say why; look at what goes back to whom; only then it goes. The form's key makes it once."""
    card = checkout.bill_behind_wall("payments.refund", bill_id)
    here = reverse("console:bill", args=[bill_id])
    reason = request.POST.get("reason", "").strip()[:80]
    chosen, problem, found = _chosen(request, card), "", None
    if request.method == "POST":
        try:
            problem = "" if reason else _("写明为什么退。")
            if request.POST.get("step") != "refund" or problem:
                found = checkout.refund_sums(bill_id, chosen)
            else:
                made = _refund(request, bill_id, chosen, reason)
                writing.say(request, _("已退 %(sum)s，原路退回") % {"sum": formats.fen(made)})
                return HttpResponseRedirect(here)
        except Refused as refused:
            problem = writing.sentence(refused)
    page = {
        "heading": _("退款"),
        "crumbs": [(_("订单"), reverse("console:bills")), (card.number, here)],
        "card": card,
        "lines": [(line, _most(line), chosen.get(line.line_no, 0)) for line in card.lines],
        "reason": reason,
        "problem": problem,
        "goes_back": _goes_back(found) if found and not problem else None,
        "key": request.POST.get("key") or ids.token(),
        "back": here,
    }
    return show(request, "console/refund.html", page, status=409 if problem else 200)


def _refund(request: HttpRequest, bill_id: int, chosen: dict[int, int], reason: str) -> int:
    key, now, who = request.POST.get("key", ""), clock.now(), scope.actor()
    made: int = writing.run_once(
        request,
        lambda: (
            checkout.refund(
                bill_id=bill_id, lines=chosen, reason=reason, client_key=key, now=now, staff_id=who.id
            ).refund_fen
        ),
    )
    return made


def _chosen(request: HttpRequest, card: BillCard) -> dict[int, int]:
    """Pieces by line as typed, or all that is left of a line; a line of a typed amount is one piece for each fen."""
    found: dict[int, int] = {}
    for line in card.lines:
        text = request.POST.get(f"line-{line.line_no}", "").strip()
        if request.POST.get(f"all-{line.line_no}"):
            found[line.line_no] = line.quantity - line.returned
        elif text.isascii() and text.isdigit() and len(text) < 10 and int(text):
            found[line.line_no] = int(text)
    return found


def _most(line: BillLineCard) -> int:
    return line.quantity - line.returned


def _goes_back(found: RefundSums) -> list[SumLine]:
    """What goes to whom: money to the payer, coupons and points to the member, shares to those who bore them."""
    lines = [SumLine(_("退给顾客"), found.refund_fen, is_total=True)]
    shares: dict[str, int] = {}
    for line in found.lines:
        for share in line.shares:
            shares[share.payer] = shares.get(share.payer, 0) + share.amount_fen
    names = bill_words.payer_names(shares)
    lines += [
        SumLine(_("冲回 %(payer)s 承担的优惠") % {"payer": names.get(one, one)}, fen)
        for one, fen in shares.items()
        if fen
    ]
    if found.points_back:
        lines.append(SumLine(_("退回积分"), text=formats.whole(found.points_back)))
    if found.points_taken:
        lines.append(SumLine(_("收回送出的积分"), text=formats.whole(found.points_taken)))
    if found.coupons_back:
        lines.append(SumLine(_("退回券"), text=_("%(n)s 张") % {"n": len(found.coupons_back)}))
    return lines


def _actions(card: BillCard) -> list[Action]:
    may = scope.actor().may("payments.refund", merchant_id=card.merchant_id, store_id=card.store_id)
    if not may or card.state not in bill_words.RETURNABLE:
        return []
    return [Action(_("退款"), href=reverse("console:bill_refund", args=[card.id]), icon="refund")]


def _line_table(card: BillCard) -> Table:
    rows = [
        TableRow([line.title, formats.whole(line.quantity), formats.fen_bare(line.unit_fen),
                  formats.fen_bare(line.list_fen), formats.fen_bare(line.paid_fen), formats.whole(line.returned)])
        for line in card.lines
    ]  # fmt: skip
    columns = [Column(_("商品")), Column(_("数量"), right=True), Column(_("单价 ¥"), right=True, minor=True),
               Column(_("小计 ¥"), right=True), Column(_("实付 ¥"), right=True), Column(_("已退件数"), right=True, minor=True)]  # fmt: skip
    return Table(columns, rows, caption=_("商品"))


def _settled(lines: list[LineCard]) -> list[SumLine]:
    return [SumLine(pick(one.kind_zh, one.kind_en), one.amount_fen) for one in lines]


def _table(cards: list[BillCard], stores: dict[int, str], after: str) -> Table:
    rows = []
    for card in cards:
        word, tone = bill_words.STATES[card.state]
        local = tenancy.local(card.paid_at or card.opened_at)
        cells: list[TableCell | str] = [
            card.number, TableCell(f"{local:%m-%d %H:%M}", title=f"{local:%Y-%m-%d %H:%M:%S}"),
            stores.get(card.store_id, formats.DASH), TableCell(str(word), tag=tone), bill_words.channel_of(card),
            formats.fen_bare(card.list_fen), formats.fen_bare(card.saved_fen + card.prepaid_fen),
            formats.fen_bare(card.payable_fen), formats.fen_bare(card.refunded_fen),
        ]  # fmt: skip
        rows.append(TableRow(cells, id=str(card.id), href=bill_words.address(card)))
    columns = [
        Column(_("单号")), Column(_("时间")), Column(_("门店"), minor=True), Column(_("状态")), Column(_("付款方式"), minor=True),
        Column(_("合计 ¥"), right=True, minor=True), Column(_("优惠 ¥"), right=True, minor=True),
        Column(_("实付 ¥"), right=True), Column(_("已退 ¥"), right=True, minor=True),
    ]  # fmt: skip
    taken = sum(card.payable_fen for card in cards if card.is_paid)
    back = sum(card.refunded_fen for card in cards)
    totals = (
        [_("本页已付合计"), "", "", "", "", "", "", formats.fen_bare(taken), formats.fen_bare(back)] if cards else []
    )
    return Table(columns, rows, caption=_("订单"), after=after, totals=totals, empty_sentence=_("还没有订单。"))


def _filters(request: HttpRequest, day: date | None, channel: str, store: str | None) -> list[Tab]:
    """Each chip takes its condition away."""
    found = []
    if day:
        found.append(Tab(_("日期：%(day)s") % {"day": day.isoformat()}, lists.address(request, day=None)))
    if channel in bill_words.CHANNELS:
        label = _("付款方式：%(way)s") % {"way": bill_words.CHANNELS[channel]}
        found.append(Tab(label, lists.address(request, channel=None)))
    if store:
        found.append(Tab(_("门店：%(store)s") % {"store": store}, lists.address(request, store=None)))
    return found


def _more_filters(request: HttpRequest, day: date | None) -> list[Action]:
    today = tenancy.today(clock.now())
    found = []
    if day != today:
        found.append(Action(_("今天"), href=lists.address(request, day=today.isoformat())))
    if day != today - timedelta(days=1):
        found.append(Action(_("昨天"), href=lists.address(request, day=(today - timedelta(days=1)).isoformat())))
    if not request.GET.get("channel"):
        found += [
            Action(str(label), href=lists.address(request, channel=key))
            for key, label in bill_words.CHANNELS.items()
            if key in ("cash", "wechat_code")
        ]
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


urlpatterns_bills = [
    path("bills/", bill_list, name="bills"),
    path("bills/<int:bill_id>/", bill_detail, name="bill"),
    path("bills/<int:bill_id>/refund/", bill_refund, name="bill_refund"),
]
