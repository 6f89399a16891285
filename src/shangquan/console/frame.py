"""The frame around every console page: whose data it is, the menu, the search, the person."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from shangquan.console import menu, writing
from shangquan.design.contracts import Action, ConsoleFrame
from shangquan.design.formats import is_english
from shangquan.district import door as district
from shangquan.identity.contracts import ROLES
from shangquan.kernel import scope
from shangquan.kernel.scope import Actor
from shangquan.tenancy import door as tenancy


def english() -> bool:
    return is_english(get_language() or "")


def pick(zh: str, en: str) -> str:
    """The one in the reader's language; Chinese where no English was given."""
    return (en or zh) if english() else zh


def show(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a page inside the frame, with what the last write had to say (once)."""
    said = writing.take_said(request)
    page = {
        "console_frame": frame(),
        "here": menu.lit(request.path),
        "messages": [line["text"] for line in said if line["tone"] == "ok"],
        "page_notices": [line for line in said if line["tone"] != "ok"],
        "undo_offer": writing.take_undo(request),
        **context,
    }
    return render(request, template, page, status=status)


def frame() -> ConsoleFrame:
    who = scope.actor()
    whose, kind = _whose(who)
    role = ROLES.get(who.role)
    return ConsoleFrame(
        whose=whose,
        kind=kind,
        menu=menu.groups(),
        person=who.name or _("同事"),
        role=pick(role.zh, role.en) if role else "",
        search=reverse("console:search"),
        search_hint=_("搜会员、单号、券、商户、功能"),
        new=_new(who),
        person_links=_person_links(),
    )


def _whose(who: Actor) -> tuple[str, str]:
    card = tenancy.district()
    if who.merchant_id is None:
        return pick(card.name, card.name_en), _("商圈主")
    shop = district.merchant(who.merchant_id)
    name = pick(shop.name, shop.name_en)
    if who.store_id is None:
        return name, pgettext("side", "商户")
    store = district.store(who.store_id)
    return name, pick(store.name, getattr(store, "name_en", ""))


def _new(who: Actor) -> list[Action]:
    found = []
    if (href := menu.address("console:coupon_new")) and who.may("coupons.edit"):
        found.append(Action(_("优惠券"), href=href, icon="ticket"))
    return found


def _person_links() -> list[Action]:
    other = "zh-hans" if english() else "en"
    return [
        Action(_("我的账号"), href=reverse("identity:account"), icon="user"),
        Action("English" if other == "en" else "中文", post=reverse("console:language"), icon="languages",
               fields={"language": other}),
        Action(_("退出"), post=reverse("identity:sign_out"), icon="logout"),
    ]  # fmt: skip
