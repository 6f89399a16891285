"""Pushes: only the owner sends; a merchant asks, and the owner decides (C6)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shangquan.console.frame import pick, show
from shangquan.console.pages.setup.account_forms import PushForm
from shangquan.console.panels import Panel
from shangquan.console.writing import attempt, perform, say
from shangquan.design.contracts import Column, Table, TableCell, TableRow, Tone
from shangquan.design.formats import whole
from shangquan.district import door as district
from shangquan.identity.door import staff_only
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.members import door as members
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import PushCard
from shangquan.tenancy import door as tenancy


@require_safe
@staff_only
def pushes(request: HttpRequest) -> HttpResponse:
    _allowed()
    return _page(request)


@require_POST
@staff_only
def push_new(request: HttpRequest) -> HttpResponse:
    """The owner's push goes out; a merchant's waits for the owner."""
    _allowed()
    form, who, now = PushForm(request.POST), scope.actor(), clock.now()

    def work() -> int:
        ids = members.member_ids(tier=form.cleaned_data["tier"])
        if who.merchant_id is None:
            return messaging.push(member_ids=ids, article=form.article(), now=now).id
        return messaging.request_push(merchant_id=who.merchant_id, member_ids=ids, article=form.article(), now=now).id

    if form.is_valid() and attempt(request, form, work, field="title") is not None:
        own = who.merchant_id is not None
        say(request, _("已交给商圈，批准后发。") if own else _("已排队发送：同意营销消息的粉丝，每人每天至多一条。"))
        return HttpResponseRedirect(reverse("console:pushes"))
    return _page(request, form, status=400)


@require_POST
@staff_only
def push_decide(request: HttpRequest, push_id: int) -> HttpResponse:
    approve = request.POST.get("approve") == "1"
    return perform(
        request, lambda: messaging.decide_push(push_id=push_id, approve=approve, now=clock.now()).id,
        to=reverse("console:pushes"), said=_("已批准，开始发送。") if approve else _("已拒绝。"),
    )  # fmt: skip


def _page(request: HttpRequest, form: PushForm | None = None, status: int = 200) -> HttpResponse:
    who = scope.actor()
    own = who.merchant_id
    cards = messaging.pushes(merchant_id=own)
    names = {card.id: pick(card.name, card.name_en) for card in district.merchants(None if own is None else [own])}
    waiting = [card for card in cards if card.state == "requested"] if own is None else []
    columns = [
        Column(_("标题")), Column(_("谁的"), minor=True), Column(_("想发给"), right=True, minor=True),
        Column(_("能发给"), right=True, minor=True), Column(_("已发"), right=True), Column(_("时间"), minor=True),
        Column(_("状态")),
    ]  # fmt: skip
    rows = [_row(card, names) for card in cards]
    new = Panel(
        _("新推送") if own is None else _("申请推送"), form=form or PushForm(), post=reverse("console:push_new"),
        text=_("只发给关注了并同意营销消息的会员，每人每天至多一条。"),
        label=_("发送") if own is None else _("交给商圈"),
        confirm=_("发出去就收不回。继续吗？") if own is None else "",
    )  # fmt: skip
    page = {
        "heading": _("推送"),
        "panels": [
            *(panel for card in waiting for panel in _decide(card, names)),
            Panel(_("发过的"), table=Table(columns, rows, caption=_("推送"), empty_sentence=_("还没有推送过。"))),
        ],
        "side_panels": [new],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _decide(card: PushCard, names: dict[int, str]) -> list[Panel]:
    """Two buttons, each a form of its own."""
    facts = [
        (_("谁的"), names.get(card.merchant_id or 0, _("商圈"))), (_("标题"), card.article.title),
        (_("摘要"), card.article.description or "—"), (_("网址"), card.article.url), (_("想发给"), whole(card.wanted)),
    ]  # fmt: skip
    post = reverse("console:push_decide", args=[card.id])
    yes = Panel(
        _("商户申请推送"), facts=facts, post=post, fields={"approve": "1"}, label=_("批准并发送"),
        confirm=_("发出去就收不回。继续吗？"),
    )  # fmt: skip
    return [yes, Panel(_("或者不发"), post=post, fields={"approve": "0"}, label=_("拒绝"), danger=True)]


def _row(card: PushCard, names: dict[int, str]) -> TableRow:
    states: dict[str, tuple[str, Tone]] = {
        "requested": (_("等商圈批准"), "warn"),
        "refused": (_("已拒绝"), "bad"),
        "sending": (_("已发完"), "ok") if card.sent >= card.taken else (_("发送中"), "info"),
    }
    word, tone = states.get(card.state, (card.state, "plain"))
    who = names.get(card.merchant_id, "") if card.merchant_id is not None else _("商圈")
    return TableRow(
        [
            TableCell(card.article.title, href=card.article.url), who, whole(card.wanted), whole(card.taken),
            whole(card.sent), tenancy.local(card.created_at).strftime("%m-%d %H:%M"), TableCell(word, tag=tone),
        ]
    )  # fmt: skip


def _allowed() -> None:
    """The owner's staff who may send, a merchant's who may ask."""
    who = scope.actor()
    right = "push.send" if who.merchant_id is None else "push.request"
    tenancy.require_module("push")
    if not who.may(right):
        raise Refused(FORBIDDEN, right=right)


urlpatterns_pushes = [
    path("pushes/", pushes, name="pushes"),
    path("pushes/new/", push_new, name="push_new"),
    path("pushes/<int:push_id>/", push_decide, name="push_decide"),
]
