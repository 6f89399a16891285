"""Staff with their roles, device tokens, and the audit. A merchant's administrator sees and manages its own people."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.panels import Panel
from shangquan.console.writing import attempt, perform, say
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow
from shangquan.district import door as district
from shangquan.identity import door as identity
from shangquan.identity.contracts import RIGHTS, ROLES, DeviceCard, GrantCard, StaffCard
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import NOT_FOUND, Refused
from shangquan.tenancy import door as tenancy


class GrantForm(forms.Form):
    """Only roles that the granter may give; a merchant's staff give roles of their merchant."""

    role = forms.ChoiceField(label=gettext_lazy("角色"))
    merchant_id = forms.TypedChoiceField(label=gettext_lazy("商户"), coerce=int, empty_value=None, required=False)
    store_id = forms.TypedChoiceField(label=gettext_lazy("门店"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = scope.actor()
        rank = ROLES[who.role].rank if who.role in ROLES else 0
        of_owner = who.merchant_id is None
        roles = [card for card in ROLES.values() if card.rank <= rank and (of_owner or not card.of_owner)]
        shops = district.merchants(None if of_owner else [who.merchant_id or 0])
        stores = district.stores(merchant_id=who.merchant_id)
        if who.store_id is not None:
            stores = [store for store in stores if store.id == who.store_id]
        self._choose("role", [(card.role.value, pick(card.zh, card.en)) for card in roles])
        self._choose(
            "merchant_id", [("", _("商圈"))] * of_owner + [(card.id, pick(card.name, card.name_en)) for card in shops]
        )
        self._choose("store_id", [("", "—"), *((card.id, f"{card.unit} {card.name}".strip()) for card in stores)])

    def place(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"role": given["role"], "merchant_id": given["merchant_id"], "store_id": given["store_id"]}

    def _choose(self, name: str, choices: list[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices


class StaffForm(GrantForm):
    username = forms.CharField(
        label=gettext_lazy("账号"), max_length=60, help_text=gettext_lazy("3 到 60 个字母、数字或 . _ - @。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    password = forms.CharField(
        label=gettext_lazy("初始密码"), max_length=200, strip=False,
        help_text=gettext_lazy("至少 10 个字符；请对方登录后自己改。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )  # fmt: skip
    field_order = ("username", "name", "password", "role", "merchant_id", "store_id")


class DeviceForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("设备名"), max_length=60)
    merchant_id = forms.TypedChoiceField(label=gettext_lazy("商户"), coerce=int, empty_value=None, required=False)
    store_id = forms.TypedChoiceField(label=gettext_lazy("门店"), coerce=int, empty_value=None, required=False)
    rights = forms.MultipleChoiceField(label=gettext_lazy("可以做什么"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = scope.actor()
        places = GrantForm()
        for name in ("merchant_id", "store_id"):
            cast(forms.ChoiceField, self.fields[name]).choices = cast(forms.ChoiceField, places.fields[name]).choices
        held = [card for card in RIGHTS.values() if card.name in who.rights]
        cast(forms.ChoiceField, self.fields["rights"]).choices = [(card.name, pick(card.zh, card.en)) for card in held]


@require_safe
@with_right("staff.read")
def staff_list(request: HttpRequest) -> HttpResponse:
    who = scope.actor()
    text = request.GET.get("q", "").strip()[:60]
    found = identity.staff_page(
        merchant_id=who.merchant_id, store_id=who.store_id, text=text, after=request.GET.get("after", "")[:60],
        limit=lists.PAGE + 1,
    )  # fmt: skip
    shown = found[: lists.PAGE]
    names = _places()
    rows = [
        TableRow(
            [
                TableCell(card.name, strong=True), TableCell(card.username, mono=True), _roles(card, names),
                TableCell(_("已开"), tag="ok") if card.has_code else TableCell(_("没开"), tag="plain"), _at(card.last_sign_in),
            ],
            id=str(card.id),
            href=reverse("console:staff_one", args=[card.id]),
        )
        for card in shown
    ]  # fmt: skip
    columns = [
        Column(_("姓名")), Column(_("账号"), minor=True), Column(_("角色")), Column(_("两步验证"), minor=True),
        Column(_("上次登录"), minor=True),
    ]  # fmt: skip
    after = shown[-1].username if len(found) > lists.PAGE else ""
    page = {
        "heading": _("员工"), "filters": [], "search_text": text, "search_hint": _("姓名、账号"),
        "rows": Table(columns, rows, caption=_("员工"), after=after),
        "page_actions": [Action(_("加员工"), href=reverse("console:staff_new"), icon="plus", kind="primary")]
        if who.may("staff.manage") else [],
    }  # fmt: skip
    return show(request, "console/list.html", page)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@with_right("staff.manage")
def staff_new(request: HttpRequest) -> HttpResponse:
    """An account with its first role, or nothing of both."""
    form = StaffForm(request.POST or None)
    now = clock.now()

    def work() -> int:
        given = form.cleaned_data
        made = identity.make_account(
            username=given["username"], name=given["name"], password=given["password"], now=now
        )
        identity.grant_role(account_id=made, now=now, **form.place())
        return made

    if form.is_valid():
        made = attempt(request, form, work)
        if made is not None:
            say(request, _("账号已建，把账号和初始密码当面告诉对方。"))
            return HttpResponseRedirect(reverse("console:staff_one", args=[made]))
    page = {"heading": _("加员工"), "crumbs": [(_("员工"), reverse("console:staff"))], "form": form,
            "cancel": reverse("console:staff")}  # fmt: skip
    return show(request, "console/form.html", page, status=400 if form.is_bound else 200)


@require_safe
@with_right("staff.read")
def staff_one(request: HttpRequest, account_id: int) -> HttpResponse:
    return _staff_page(request, _seen(account_id))


@require_POST
@with_right("staff.manage")
def staff_grant(request: HttpRequest, account_id: int) -> HttpResponse:
    card = _seen(account_id)
    form = GrantForm(request.POST)
    if form.is_valid():
        made = attempt(
            request, form, lambda: identity.grant_role(account_id=account_id, now=clock.now(), **form.place())
        )
        if made is not None:
            say(request, _("角色已给，马上生效。"))
            return HttpResponseRedirect(reverse("console:staff_one", args=[account_id]))
    return _staff_page(request, card, form, status=400)


@require_POST
@with_right("staff.manage")
def staff_revoke(request: HttpRequest, account_id: int, grant_id: int) -> HttpResponse:
    card = _seen(account_id)
    if grant_id not in {grant.id for grant in card.grants}:
        raise Refused(NOT_FOUND)
    return perform(
        request, lambda: identity.revoke_role(grant_id=grant_id, now=clock.now()), to=reverse("console:staff"),
        said=_("角色已收回，马上生效。"),
    )  # fmt: skip


@require_safe
@with_right("devices.manage")
def device_list(request: HttpRequest) -> HttpResponse:
    return _device_page(request)


@require_POST
@never_cache
@with_right("devices.manage")
def device_new(request: HttpRequest) -> HttpResponse:
    """The token stands on this one answer and nowhere else."""
    form = DeviceForm(request.POST)
    if form.is_valid():
        made = attempt(request, form, lambda: identity.make_device_token(now=clock.now(), **form.cleaned_data))
        if made is not None:
            return _device_page(request, made=made)
    return _device_page(request, form, status=400)


@require_POST
@with_right("devices.manage")
def device_revoke(request: HttpRequest, device_id: int) -> HttpResponse:
    return perform(
        request, lambda: identity.revoke_device_token(device_id=device_id, now=clock.now()),
        to=reverse("console:devices"), said=_("令牌已收回，设备马上不能用。"),
    )  # fmt: skip


@require_safe
@with_right("audit.read")
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first; refusals of a missing right are there too."""
    who = scope.actor()
    view, text = request.GET.get("view", ""), request.GET.get("q", "").strip()[:60]
    page = identity.audit_page(
        merchant_id=who.merchant_id, action=text, refused_only=view == "refused",
        before=lists.whole_number(request, "after"), limit=lists.PAGE,
    )  # fmt: skip
    rows = [
        TableRow(
            [
                _at(line.at), line.actor_name or line.actor_kind, _role(line.role),
                TableCell(line.action, mono=True, href=f"{request.path}?q={line.action}"),
                TableCell(f"{line.subject} {line.subject_id}".strip(), mono=True), _change(line.before, line.after),
                TableCell(line.refused, tag="bad") if line.refused else TableCell(""),
            ],
            id=str(line.id),
        )
        for line in page.lines
    ]  # fmt: skip
    columns = [
        Column(_("时间")), Column(_("谁")), Column(_("角色"), minor=True), Column(_("做了什么")), Column(_("对象"), minor=True),
        Column(_("变化"), minor=True), Column(_("拒绝"), minor=True),
    ]  # fmt: skip
    context = {
        "heading": _("操作记录"), "sub": _("只能看，不能改"),
        "views": lists.views(request, [("", _("全部"), None), ("refused", _("被拒绝的"), None)]),
        "filters": [], "search_text": text, "search_hint": _("动作，如 coupons. 或 members.read_phone"),
        "rows": Table(columns, rows, caption=_("操作记录"), after=str(page.before or "")),
    }  # fmt: skip
    return show(request, "console/list.html", context)


def _staff_page(
    request: HttpRequest, card: StaffCard, form: GrantForm | None = None, status: int = 200
) -> HttpResponse:
    names = _places()
    may = scope.actor().may("staff.manage")
    panels = [
        Panel(
            pick(grant.role.zh, grant.role.en), facts=[(_("在哪"), _place(grant, names)), (_("从"), _at(grant.granted_at))],
            post=reverse("console:staff_revoke", args=[card.id, grant.id]) if may else "", label=_("收回"), danger=True,
            confirm=_("收回后马上不能再用这个角色。继续吗？"),
        )
        for grant in card.grants
    ]  # fmt: skip
    add = Panel(
        _("再给一个角色"), form=form or GrantForm(), post=reverse("console:staff_grant", args=[card.id]), label=_("给角色")
    )  # fmt: skip
    page = {
        "heading": card.name, "crumbs": [(_("员工"), reverse("console:staff"))],
        "state": "" if card.is_active else _("已停用"),
        "facts": [
            (_("账号"), card.username), (_("两步验证"), _("已开") if card.has_code else _("没开")),
            (_("上次登录"), _at(card.last_sign_in)),
        ],
        "panels": panels, "side_panels": [add] if may else [],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _device_page(
    request: HttpRequest, form: DeviceForm | None = None, *, made: identity.NewDevice | None = None, status: int = 200
) -> HttpResponse:
    who = scope.actor()
    names = _places()
    cards = identity.devices(merchant_id=who.merchant_id, store_id=who.store_id)
    columns = [
        Column(_("设备")), Column(_("在哪")), Column(_("权限"), minor=True), Column(_("上次使用"), minor=True), Column(_("状态"))
    ]  # fmt: skip
    rows = [_device_row(card, names) for card in cards]
    new = Panel(_("发新令牌"), form=form or DeviceForm(), post=reverse("console:device_new"), label=_("发令牌"))
    shown = []
    if made is not None:
        text = _("这是 {name} 的令牌，只显示这一次，请马上抄进设备：{token}").format(
            name=made.card.name, token=made.token
        )
        shown.append(Panel(_("新令牌"), text=text, tone="warn"))
    live = [card for card in cards if card.revoked_at is None]
    page = {
        "heading": _("设备令牌"), "sub": _("收银台、打印机和对接系统用它登录"),
        "rows": Table(columns, rows, caption=_("设备令牌"), total=len(rows), empty_sentence=_("还没有发过令牌。")),
        "panels_above": shown,
        "panels": [new, *(_revoke_panel(card, names) for card in live[:50])],
    }  # fmt: skip
    return show(request, "console/list.html", page, status=status)


def _revoke_panel(card: DeviceCard, names: dict[tuple[str, int], str]) -> Panel:
    return Panel(
        card.name, facts=[(_("在哪"), _device_place(card, names)), (_("发于"), _at(card.made_at))],
        post=reverse("console:device_revoke", args=[card.id]), label=_("收回令牌"), danger=True,
        confirm=_("收回后这台设备马上不能用。继续吗？"),
    )  # fmt: skip


def _device_row(card: DeviceCard, names: dict[tuple[str, int], str]) -> TableRow:
    rights = "、".join(pick(RIGHTS[name].zh, RIGHTS[name].en) for name in card.rights[:3] if name in RIGHTS)
    state = TableCell(_("已收回"), tag="bad") if card.revoked_at else TableCell(_("可用"), tag="ok")
    return TableRow(
        [TableCell(card.name, strong=True), _device_place(card, names), rights, _at(card.last_used_at), state],
        id=str(card.id),
    )


def _device_place(card: DeviceCard, names: dict[tuple[str, int], str]) -> str:
    if card.store_id is not None:
        return names.get(("store", card.store_id), "—")
    return names.get(("merchant", card.merchant_id), "—") if card.merchant_id is not None else _("商圈")


def _seen(account_id: int) -> StaffCard:
    """A colleague behind the actor's own wall, with the grants there; others are not found."""
    who = scope.actor()
    card = identity.staff_card(account_id)
    grants = [
        grant
        for grant in (card.grants if card else ())
        if (who.merchant_id is None or grant.merchant_id == who.merchant_id)
        and (who.store_id is None or grant.store_id == who.store_id)
    ]
    if card is None or (not grants and who.merchant_id is not None):
        raise Refused(NOT_FOUND)
    return StaffCard(card.id, card.username, card.name, card.is_active, card.has_code, card.last_sign_in, tuple(grants))


def _places() -> dict[tuple[str, int], str]:
    own = scope.actor().merchant_id
    shops = district.merchants(None if own is None else [own])
    found = {("merchant", card.id): pick(card.name, card.name_en) for card in shops}
    return found | {("store", card.id): f"{card.unit} {card.name}".strip() for card in district.stores(merchant_id=own)}


def _place(grant: GrantCard, names: dict[tuple[str, int], str]) -> str:
    if grant.store_id is not None:
        return names.get(("store", grant.store_id), "—")
    return names.get(("merchant", grant.merchant_id), "—") if grant.merchant_id is not None else _("商圈")


def _roles(card: StaffCard, names: dict[tuple[str, int], str]) -> str:
    words = [f"{pick(grant.role.zh, grant.role.en)}（{_place(grant, names)}）" for grant in card.grants[:3]]
    return "、".join(words)


def _role(name: str) -> str:
    card = ROLES.get(name)
    return pick(card.zh, card.en) if card else name


def _change(before: object, after: object) -> TableCell:
    """Short in the cell, whole under the pointer."""
    text = " → ".join(_said(value) for value in (before, after) if value not in (None, "", {}, []))
    return TableCell(text if len(text) <= 60 else f"{text[:60]}…", title=text)


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(part)}" for name, part in value.items() if part not in (None, "", {}, []))
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)


def _at(moment: Any) -> str:
    return tenancy.local(moment).strftime("%Y-%m-%d %H:%M") if moment else "—"


urlpatterns_staff = [
    path("staff/", staff_list, name="staff"),
    path("staff/new/", staff_new, name="staff_new"),
    path("staff/<int:account_id>/", staff_one, name="staff_one"),
    path("staff/<int:account_id>/grant/", staff_grant, name="staff_grant"),
    path("staff/<int:account_id>/grants/<int:grant_id>/revoke/", staff_revoke, name="staff_revoke"),
    path("devices/", device_list, name="devices"),
    path("devices/new/", device_new, name="device_new"),
    path("devices/<int:device_id>/revoke/", device_revoke, name="device_revoke"),
    path("audit/", audit, name="audit"),
]
