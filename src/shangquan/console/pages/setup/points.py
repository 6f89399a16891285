"""Points: what spending earns, what points pay, the tiers, and what the owner owes in points."""

from datetime import datetime
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shangquan.console.frame import pick, show
from shangquan.console.panels import Panel
from shangquan.console.writing import attempt, say
from shangquan.design.contracts import Column, Table, TableCell, TableRow
from shangquan.design.formats import fen, whole
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy


class _FromForm(forms.Form):
    starts_at = forms.DateTimeField(
        label=gettext_lazy("从什么时候起"), required=False, help_text=gettext_lazy("不填就是现在。"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def since(self, now: datetime) -> datetime:
        wanted: datetime | None = self.cleaned_data["starts_at"]
        return wanted or now


class EarnForm(_FromForm):
    yuan = forms.DecimalField(
        label=gettext_lazy("每花多少元得 1 分"), min_value=Decimal("0.01"), max_digits=8, decimal_places=2
    )  # fmt: skip
    field_order = ("yuan", "starts_at")


class SpendForm(_FromForm):
    points_per_yuan = forms.IntegerField(label=gettext_lazy("多少分抵 1 元"), min_value=1)
    step = forms.IntegerField(label=gettext_lazy("每次按多少分的整数倍用"), min_value=1, initial=1)
    minimum = forms.IntegerField(label=gettext_lazy("最少用多少分"), min_value=0, initial=0)
    max_share = forms.DecimalField(
        label=gettext_lazy("最多抵一单的百分之几"), min_value=0, max_value=100, decimal_places=2, initial=100
    )  # fmt: skip
    owner_share = forms.DecimalField(
        label=gettext_lazy("商圈承担百分之几"), min_value=0, max_value=100, decimal_places=2, initial=100,
        help_text=gettext_lazy("其余由用积分的商户承担。"),
    )  # fmt: skip
    field_order = ("points_per_yuan", "step", "minimum", "max_share", "owner_share", "starts_at")


class TierForm(forms.Form):
    code = forms.SlugField(label=gettext_lazy("代号"), max_length=20)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=20)
    name_en = forms.CharField(label=gettext_lazy("英文名"), max_length=40)
    rank = forms.IntegerField(label=gettext_lazy("排序"), min_value=0, max_value=99)
    payable = forms.DecimalField(
        label=gettext_lazy("付百分之几"), min_value=1, max_value=100, decimal_places=2, initial=100,
        help_text=gettext_lazy("95 就是打九五折，只在参加的商户有效。"),
    )  # fmt: skip


@require_safe
@with_right("points.read")
def points_page(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@with_right("points.manage")
def earn_rule(request: HttpRequest) -> HttpResponse:
    form, now = EarnForm(request.POST), clock.now()
    if form.is_valid():
        per_point = int(form.cleaned_data["yuan"] * 100)
        made = attempt(
            request, form, lambda: points.set_earn_rule(fen_per_point=per_point, starts_at=form.since(now), now=now),
            field="starts_at",
        )  # fmt: skip
        if made is not None:
            return _done(request)
    return _page(request, earn=form, status=400)


@require_POST
@with_right("points.manage")
def spend_rule(request: HttpRequest) -> HttpResponse:
    form, now = SpendForm(request.POST), clock.now()

    def work() -> int:
        given = form.cleaned_data
        return points.set_spend_rule(
            points_per_yuan=given["points_per_yuan"], step=given["step"], minimum=given["minimum"],
            max_share_bp=int(given["max_share"] * 100), owner_bp=int(given["owner_share"] * 100),
            starts_at=form.since(now), now=now,
        )  # fmt: skip

    if form.is_valid() and attempt(request, form, work, field="starts_at") is not None:
        return _done(request)
    return _page(request, spend=form, status=400)


@require_POST
@with_right("points.manage")
def tier(request: HttpRequest) -> HttpResponse:
    form = TierForm(request.POST)

    def work() -> bool:
        given = form.cleaned_data
        points.set_tier(
            code=given["code"], name=given["name"], name_en=given["name_en"], rank=given["rank"],
            payable_bp=int(given["payable"] * 100),
        )  # fmt: skip
        return True

    if form.is_valid() and attempt(request, form, work):
        return _done(request)
    return _page(request, new_tier=form, status=400)


def _page(
    request: HttpRequest,
    *,
    earn: EarnForm | None = None,
    spend: SpendForm | None = None,
    new_tier: TierForm | None = None,
    status: int = 200,
) -> HttpResponse:
    owed = points.liability(clock.now())
    may = scope.actor().may("points.manage")
    forms_shown = [
        Panel(_("改得分规则"), text=_("改规则是加一个新版本，以前的账不变。"), form=earn or EarnForm(),
              post=reverse("console:points_earn"), label=_("保存得分规则")),
        Panel(_("改用分规则"), form=spend or SpendForm(), post=reverse("console:points_spend"), label=_("保存用分规则")),
        Panel(_("加或改等级"), form=new_tier or TierForm(), post=reverse("console:points_tier"), label=_("保存等级")),
    ]  # fmt: skip
    page = {
        "heading": _("积分"),
        "facts": [
            (_("会员手里的积分"), whole(owed.held)), (_("折合"), fen(owed.worth_fen)), (_("会员欠的积分"), whole(owed.owed)),
            (_("发出过"), whole(owed.issued)), (_("用掉了"), whole(owed.spent)),
        ],
        "panels": [Panel(_("得分规则"), table=_earn()), Panel(_("用分规则"), table=_spend()), Panel(_("等级"), table=_tiers())],
        "side_panels": forms_shown if may else [],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _earn() -> Table:
    names = {card.id: pick(card.name, card.name_en) for card in district.merchants()}
    rows = [
        TableRow(
            [
                _at(card.starts_at),
                _("每 {sum} 得 1 分").format(sum=fen(card.fen_per_point)),
                names.get(card.merchant_id or 0, _("其余商户")) if card.merchant_id else _("所有商户"),
            ]
        )
        for card in points.earn_rules()
    ]
    return Table([Column(_("从")), Column(_("规则")), Column(_("在哪"))], rows, caption=_("得分规则"), total=len(rows))


def _spend() -> Table:
    rows = [
        TableRow(
            [
                _at(card.starts_at), _("{n} 分抵 1 元").format(n=whole(card.points_per_yuan)),
                _("{n} 的倍数，至少 {m}").format(n=whole(card.step), m=whole(card.minimum)),
                f"{card.max_share_bp / 100:g}%", f"{card.owner_bp / 100:g}%",
            ]
        )
        for card in points.spend_rules()
    ]  # fmt: skip
    columns = [
        Column(_("从")), Column(_("规则")), Column(_("怎么用"), minor=True), Column(_("最多抵"), right=True),
        Column(_("商圈承担"), right=True, minor=True),
    ]  # fmt: skip
    return Table(columns, rows, caption=_("用分规则"), total=len(rows))


def _tiers() -> Table:
    rows = [
        TableRow([TableCell(pick(card.name, card.name_en), tag="gold"), card.code, f"{card.payable_bp / 100:g}%"])
        for card in points.tiers()
    ]
    columns = [Column(_("等级")), Column(_("代号"), minor=True), Column(_("付原价的"), right=True)]
    return Table(columns, rows, caption=_("等级"), total=len(rows), empty_sentence=_("还没有等级。"))


def _done(request: HttpRequest) -> HttpResponse:
    say(request, _("已保存。"))
    return HttpResponseRedirect(reverse("console:points"))


def _at(moment: datetime) -> str:
    return tenancy.local(moment).strftime("%Y-%m-%d %H:%M")


urlpatterns_points = [
    path("points/", points_page, name="points"),
    path("points/earn/", earn_rule, name="points_earn"),
    path("points/spend/", spend_rule, name="points_spend"),
    path("points/tiers/", tier, name="points_tier"),
]
