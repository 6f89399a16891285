"""Signing in and one's own account."""

from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from shangquan.identity import door, queries, rules
from shangquan.identity.actions.change_password import change_password
from shangquan.identity.actions.codes import confirm_totp, disable_totp, enable_totp
from shangquan.identity.actions.sign_in import sign_in, sign_in_with_code
from shangquan.identity.contracts import CODE_NEEDED, NO_GRANT, StaffCard
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import SIGN_IN_FIRST, Refused
from shangquan.kernel.transactions import transaction

_PENDING = "identity.pending"


def _code_field() -> forms.CharField:
    return forms.CharField(
        label=_("验证器上的 6 位数字"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("账号"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = _code_field()


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("现在的密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        max_length=200,
        strip=False,
        help_text=_("至少 10 个字符，不要用常见的密码。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def sentence(refused: Refused) -> str:
    """The refusal in the reader's language."""
    return refused.en if (get_language() or "").startswith("en") else refused.zh


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Name and password; leads on to the code where two-step sign-in is on, else to `next` (a path of our own)."""
    target = rules.safe_next(request.POST.get("next") or request.GET.get("next") or "")
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" and scope.actor().kind == "staff":
        return HttpResponseRedirect(target or rules.first_page(scope.actor().role))
    if form.is_valid():
        try:
            account = sign_in(now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            if refused.reason is CODE_NEEDED:
                return _ask_code(request, refused.data["account_id"], target)
            form.add_error("password", sentence(refused))
            return _login(request, form, target, status=refused.reason.status)
        return _enter(request, account.id, target)
    return _login(request, form, target, status=400 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """The second step, within five minutes of the first."""
    pending: dict[str, Any] | None = request.session.get(_PENDING)
    if pending is None or pending["until"] < clock.now().timestamp():
        request.session.pop(_PENDING, None)
        return HttpResponseRedirect(reverse("identity:sign_in"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            account = sign_in_with_code(account_id=pending["account"], code=form.cleaned_data["code"], now=clock.now())
        except Refused as refused:
            form.add_error("code", sentence(refused))
            status = refused.reason.status
        else:
            del request.session[_PENDING]
            return _enter(request, account.id, pending["next"])
    page = {"heading": _("两步验证"), "sub": _("打开你的验证器，输入现在的 6 位数字。"), "form": form}
    return render(request, "design/login.html", page, status=status)


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    door.end_session(request)
    return HttpResponseRedirect(reverse("identity:sign_in"))


@sensitive_post_parameters("old", "new")
@never_cache
@require_http_methods(["GET", "POST"])
def account_page(request: HttpRequest) -> HttpResponse:
    """One's own name, grants, password and second step. Posting changes the password; other sessions end."""
    card = _own_card()
    form = PasswordForm(request.POST if request.method == "POST" else None)
    status, saved = 200, False
    if form.is_valid():
        try:
            change_password(account_id=card.id, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("new" if refused.reason.status == 400 else "old", sentence(refused))
            status = refused.reason.status
        else:
            door.start_session(request, card.id, grant_id=door.chosen_grant(request))
            form, saved = PasswordForm(), True
    page = {"card": card, "form": form, "saved": saved, "acting": scope.actor()}
    return render(request, "identity/account.html", page, status=status)


@require_POST
def act_as_page(request: HttpRequest) -> HttpResponse:
    """Act for another merchant or store in which one holds a grant."""
    card = _own_card()
    wanted = request.POST.get("grant", "")
    if wanted not in {str(grant.id) for grant in card.grants}:
        raise Refused(NO_GRANT)
    door.start_session(request, card.id, grant_id=int(wanted))
    return HttpResponseRedirect(rules.safe_next(request.POST.get("next", ""), default="/console/"))


@never_cache
@require_http_methods(["GET", "POST"])
def two_step_page(request: HttpRequest) -> HttpResponse:
    """Begin (GET shows the picture for the authenticator), confirm, or switch off two-step sign-in."""
    card = _own_card()
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            if card.has_code:
                disable_totp(account_id=card.id, code=form.cleaned_data["code"], now=clock.now())
            else:
                with transaction():
                    confirm_totp(account_id=card.id, code=form.cleaned_data["code"], now=clock.now())
            return HttpResponseRedirect(reverse("identity:account"))
        except Refused as refused:
            form.add_error("code", sentence(refused))
            status = refused.reason.status
    page: dict[str, Any] = {"card": card, "form": form}
    if not card.has_code and not form.is_bound:
        with transaction():
            made = enable_totp(account_id=card.id)
        page |= {"secret": made.secret, "qr": segno.make(made.uri, error="m").svg_inline(scale=5, border=4)}
    return render(request, "identity/two_step.html", page, status=status)


def _own_card() -> StaffCard:
    who = scope.actor()
    card = queries.staff_cards([who.id]).get(who.id) if who.kind == "staff" else None
    if card is None:
        raise Refused(SIGN_IN_FIRST)
    return card


def _enter(request: HttpRequest, account_id: int, target: str) -> HttpResponse:
    door.start_session(request, account_id)
    who = door.actor_for(account_id, scope.district_id())
    return HttpResponseRedirect(target or rules.first_page(who.role))


def _ask_code(request: HttpRequest, account_id: int, target: str) -> HttpResponse:
    request.session.cycle_key()
    until = (clock.now() + rules.SECOND_STEP).timestamp()
    request.session[_PENDING] = {"account": account_id, "next": target, "until": until}
    return HttpResponseRedirect(reverse("identity:code"))


def _login(request: HttpRequest, form: SignInForm, target: str, *, status: int) -> HttpResponse:
    district = getattr(request, "district", None)
    page = {
        "heading": _("登录"),
        "sub": getattr(district, "name", ""),
        "form": form,
        "next": target,
        "submit_label": _("登录"),
    }
    return render(request, "design/login.html", page, status=status)
