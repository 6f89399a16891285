"""Members, masked. A merchant's staff see those who dealt with their merchant, and only what happened there (D13)."""

import tempfile
from datetime import datetime
from typing import IO, cast

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shangquan.checkout import door as checkout
from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.menu import address
from shangquan.console.panels import Panel
from shangquan.console.writing import perform, say
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import PieceCard
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow, TimelineStep
from shangquan.design.formats import fen_bare, whole
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.members.contracts import MemberCard
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy

_FEW = 20


class RevealForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("为什么要看"), max_length=200, min_length=2)


class TierForm(forms.Form):
    tier = forms.ChoiceField(label=gettext_lazy("等级"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [("basic", _("会员")), *((card.code, pick(card.name, card.name_en)) for card in points.tiers())]
        cast(forms.ChoiceField, self.fields["tier"]).choices = list(dict(choices).items())


@require_safe
@with_right("members.read")
def member_list(request: HttpRequest) -> HttpResponse:
    text, tier = request.GET.get("q", "").strip()[:60], request.GET.get("view", "")
    found = members.search(text, tier=tier, before=lists.whole_number(request, "after"), limit=lists.PAGE + 1)
    shown = found[: lists.PAGE]
    of_owner = scope.actor().merchant_id is None
    held = points.balances([card.id for card in shown]) if of_owner and shown else {}
    rows = [
        TableRow(
            [
                TableCell(card.name_masked or "—", strong=True), TableCell(card.card_no_grouped, mono=True),
                TableCell(card.phone_masked, mono=True), tier_word(card.tier),
                *([TableCell(whole(held[card.id].available))] if of_owner else []),
                channel_word(card.channel), _day(card.joined_at),
            ],
            id=str(card.id),
            href=reverse("console:member", args=[card.id]),
        )
        for card in shown
    ]  # fmt: skip
    columns = [
        Column(_("会员")), Column(_("卡号"), minor=True), Column(_("手机号")), Column(_("等级")),
        *([Column(_("积分"), right=True, minor=True)] if of_owner else []),
        Column(_("从哪来"), minor=True), Column(_("入会"), minor=True),
    ]  # fmt: skip
    choices = [("", _("全部"), None), *((card.code, pick(card.name, card.name_en), None) for card in points.tiers())]
    page = {
        "heading": _("会员") if of_owner else _("顾客"),
        "sub": "" if of_owner else _("在你家买过、领过券或关注过的会员"),
        "views": lists.views(request, choices),
        "filters": [], "search_text": text, "search_hint": _("姓名、卡号、手机号或后四位"),
        "rows": Table(columns, rows, caption=_("会员"), after=lists.cut([card.id for card in found])),
        "page_actions": [
            Action("CSV", post=reverse("console:members_export"), icon="download", fields={"format": "csv"}),
            Action("JSON", post=reverse("console:members_export"), icon="download", fields={"format": "jsonl"}),
        ] if scope.actor().may("members.export") else [],
    }  # fmt: skip
    return show(request, "console/list.html", page)


@require_safe
@with_right("members.read")
def member_page(request: HttpRequest, member_id: int) -> HttpResponse:
    return _page(request, members.member_seen(member_id))


@require_POST
@never_cache
@with_right("members.read_phone")
def reveal(request: HttpRequest, member_id: int) -> HttpResponse:
    """Show the whole phone on this one answer; the audit keeps who looked and why. Nothing is kept in the session."""
    card = members.member_seen(member_id)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _page(request, card, reveal_form=form, status=400)
    with transaction():
        phone = members.reveal_phone(member_id, reason=form.cleaned_data["reason"])
    return _page(request, card, phone=phone or _("没有留手机号"))


@require_POST
@with_right("members.edit")
def change_tier(request: HttpRequest, member_id: int) -> HttpResponse:
    members.member_seen(member_id)
    form = TierForm(request.POST)
    to = reverse("console:member", args=[member_id])
    if not form.is_valid():
        say(request, _("没有这个等级。"), "bad")
        return HttpResponseRedirect(to)
    tier = form.cleaned_data["tier"]
    return perform(
        request, lambda: members.set_tier(member_id, tier, now=clock.now()), to=to, said=_("等级已改。")
    )  # fmt: skip


@require_POST
@with_right("members.export")
def export(request: HttpRequest) -> HttpResponseBase:
    """All members that the person may see, as CSV or JSON lines; written to a file first, so that size is no matter."""
    kind = "jsonl" if request.POST.get("format") == "jsonl" else "csv"
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with transaction():
        for text in members.export_members(kind):  # type: ignore[arg-type]
            file.write(text.encode())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"members.{kind}")


def tier_word(code: str) -> str:
    known = scope.current().memo
    if "console.tiers" not in known:
        known["console.tiers"] = {card.code: pick(card.name, card.name_en) for card in points.tiers()}
    names: dict[str, str] = known["console.tiers"]
    return names.get(code, _("会员") if code in ("", "basic") else code)


def channel_word(channel: str) -> str:
    words = {
        "official_account": _("公众号"), "mini_program": _("小程序"), "pos": _("收银台"), "site": _("官网"), "wifi": "WiFi",
        "shake": _("摇一摇"), "receipt": _("小票"), "street_view": _("街景"), "share": _("好友分享"), "import": _("导入"),
    }  # fmt: skip
    return words.get(channel, channel)


def _page(
    request: HttpRequest, card: MemberCard, *, phone: str = "", reveal_form: RevealForm | None = None, status: int = 200
) -> HttpResponse:
    now, who = clock.now(), scope.actor()
    facts = [
        (_("卡号"), card.card_no_grouped), (_("手机号"), phone or card.phone_masked or "—"),
        (_("等级"), tier_word(card.tier)), (_("从哪来"), channel_word(card.channel)), (_("入会"), _day(card.joined_at)),
    ]  # fmt: skip
    if who.merchant_id is None:
        balance = points.balance(card.id)
        facts.append((_("积分"), _("{n} 可用").format(n=whole(balance.available))))
        if balance.owed:
            facts.append((_("欠积分"), whole(balance.owed)))
    side = []
    if who.may("members.read_phone") and not phone:
        side.append(
            Panel(
                _("看完整手机号"), text=_("谁看过、为什么看，操作记录里都有。"), form=reveal_form or RevealForm(),
                post=reverse("console:member_phone", args=[card.id]), label=_("显示"),
            )
        )  # fmt: skip
    if who.may("members.edit"):
        side.append(
            Panel(
                _("改等级"), form=TierForm({"tier": card.tier}), label=_("改等级"),
                post=reverse("console:member_tier", args=[card.id]),
            )
        )  # fmt: skip
    page = {
        "heading": card.name_masked or _("会员"),
        "crumbs": [(_("会员") if who.merchant_id is None else _("顾客"), reverse("console:members"))],
        "state": tier_word(card.tier), "state_tone": "gold", "facts": facts, "now": now,
        "panels": [*_panels(request, card, now)], "side_panels": side, "history": _history(card),
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _panels(request: HttpRequest, card: MemberCard, now: datetime) -> list[Panel]:
    who = scope.actor()
    found = []
    if who.may("orders.read"):
        found.append(Panel(_("订单"), table=_bills(request, card)))
    if who.may("coupons.read"):
        found.append(Panel(_("优惠券"), table=_coupons(card, now)))
    if who.merchant_id is None:
        found.append(Panel(_("积分"), table=_points(card)))
    return found


def _bills(request: HttpRequest, card: MemberCard) -> Table:
    before = lists.whole_number(request, "after")
    found = checkout.bills_of_member(card.id, merchant_id=scope.actor().merchant_id, before=before, limit=_FEW + 1)
    rows = [
        TableRow(
            [
                TableCell(bill.number, mono=True), _time(bill.paid_at), TableCell(fen_bare(bill.list_fen)),
                TableCell(fen_bare(bill.saved_fen)), TableCell(fen_bare(bill.payable_fen), strong=True),
            ],
            href=address("console:bill", bill.id),
        )
        for bill in found[:_FEW]
    ]  # fmt: skip
    columns = [
        Column(_("单号")), Column(_("付款时间"), minor=True), Column(_("原价 ¥"), right=True, minor=True),
        Column(_("已省 ¥"), right=True, minor=True), Column(_("实付 ¥"), right=True),
    ]  # fmt: skip
    after = lists.cut([bill.id for bill in found], _FEW)
    return Table(columns, rows, caption=_("订单"), after=after, empty_sentence=_("还没有付过款的订单。"))


def _coupons(card: MemberCard, now: datetime) -> Table:
    """A merchant sees the pieces of its own campaigns, and others' that were used in its stores."""
    own = scope.actor().merchant_id
    names = {"usable": _("可用"), "used": _("已用"), "expired": _("过期")}
    rows = []
    for name, word in names.items():
        for piece in coupons.pieces.of_member(card.id, name, now, limit=_FEW if own is None else 200):
            if own is None or own in (piece.terms.issuer_id, piece.used_merchant_id):
                rows.append(_piece(piece, word))
    columns = [Column(_("券")), Column(_("领取"), minor=True), Column(_("使用"), minor=True), Column(_("状态"))]
    return Table(columns, rows[:60], caption=_("优惠券"), empty_sentence=_("没有领过券。"))


def _piece(piece: PieceCard, word: str) -> TableRow:
    title = pick(piece.terms.title_zh, piece.terms.title_en)
    return TableRow(
        [title, _time(piece.claimed_at), _time(piece.used_at), word], href=address("console:coupon", piece.campaign_id)
    )


def _points(card: MemberCard) -> Table:
    rows = [
        TableRow(
            [
                pick(line.reason_zh, line.reason_en), _time(line.at),
                TableCell(f"{'+' if line.points > 0 else '−'}{whole(abs(line.points))}", is_negative=line.points < 0),
                TableCell(whole(line.balance)),
            ]
        )
        for line in points.lines(card.id, limit=_FEW)
    ]  # fmt: skip
    columns = [
        Column(_("为什么")), Column(_("时间"), minor=True), Column(_("积分"), right=True), Column(_("余额"), right=True)
    ]  # fmt: skip
    return Table(columns, rows, caption=_("积分"), empty_sentence=_("还没有积分变动。"))


def _history(card: MemberCard) -> list[TimelineStep]:
    """Newest first. Follows and consents are between the member and the district: a merchant sees its own dealings."""
    own = scope.actor().merchant_id
    if own is not None:
        return [
            TimelineStep(
                _("最近一次来往"), at=dealing.last_at,
                note=_("买过 {bought} 次，领券 {claimed} 次").format(bought=dealing.bought, claimed=dealing.claimed),
            )
            for dealing in members.dealings(card.id)
            if dealing.merchant_id == own
        ]  # fmt: skip
    words = {
        "joined": _("入会"), "followed": _("关注公众号"), "unfollowed": _("取消关注"),
        "consented": _("同意"), "withdrew": _("撤回同意"),
    }  # fmt: skip
    entries = reversed(members.timeline(card.id))
    return [TimelineStep(words.get(entry.what, entry.what), at=entry.at, note=_about(entry.about)) for entry in entries]


def _about(about: str) -> str:
    purposes = {
        "membership": _("会员服务"), "marketing": _("营销消息"), "location": _("位置与设备识别"), "face": _("人脸识别"),
        "plate": _("车牌识别"),
    }  # fmt: skip
    return purposes.get(about) or channel_word(about)


def _time(moment: datetime | None) -> str:
    return tenancy.local(moment).strftime("%Y-%m-%d %H:%M") if moment else "—"


def _day(moment: datetime) -> str:
    return tenancy.local(moment).strftime("%Y-%m-%d")


urlpatterns_members = [
    path("members/", member_list, name="members"),
    path("members/export/", export, name="members_export"),
    path("members/<int:member_id>/", member_page, name="member"),
    path("members/<int:member_id>/phone/", reveal, name="member_phone"),
    path("members/<int:member_id>/tier/", change_tier, name="member_tier"),
]
