"""Settings of the district: modules switched on and off without a restart (A5), its card, and taking the data out (A8)."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shangquan.checkout import door as checkout
from shangquan.console.frame import pick, show
from shangquan.console.panels import Panel
from shangquan.console.writing import perform
from shangquan.coupons import door as coupons
from shangquan.design.contracts import Tab
from shangquan.identity.door import with_right
from shangquan.kernel import audit, clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy
from shangquan.tenancy.contracts import Module
from shangquan.tenancy.door import switch_module

Rows = Iterator[tuple[object, ...]]

_TABLES: dict[str, Callable[[], Rows]] = {
    "orders.csv": checkout.export_bills,
    "order_lines.csv": checkout.export_bill_lines,
    "coupon_campaigns.csv": coupons.export_campaigns,
    "coupons.csv": coupons.export_pieces,
    "points.csv": points.export_points,
}


@require_safe
@with_right("tenancy.switch")
def modules(request: HttpRequest) -> HttpResponse:
    return show(
        request,
        "console/settings.html",
        {
            "heading": _("设置"),
            "sections": _sections(request),
            "panels": [_module(card) for card in tenancy.all_modules()],
        },
    )


@require_POST
@with_right("tenancy.switch")
def switch(request: HttpRequest, name: str) -> HttpResponse:
    on = request.POST.get("on") == "1"
    return perform(
        request, lambda: switch_module(name=name, on=on), to=reverse("console:modules"),
        said=_("已开通，菜单、接口和权限马上就有。") if on else _("已关上，数据都还在。"),
    )  # fmt: skip


@require_safe
@with_right("tenancy.switch")
def card(request: HttpRequest) -> HttpResponse:
    found = tenancy.district()
    facts = [
        (_("名称"), found.name), (_("英文名"), found.name_en or "—"), (_("代号"), found.slug), (_("时区"), str(found.zone)),
        (_("网址"), found.host or "—"),
    ]  # fmt: skip
    page = {"heading": _("设置"), "sections": _sections(request), "panels": [Panel(_("商圈"), facts=facts)]}
    return show(request, "console/settings.html", page)


@require_safe
@with_right("data.export")
def data(request: HttpRequest) -> HttpResponse:
    text = _("会员、订单、券、积分，全部打包成 CSV（UTF-8）。里面有完整手机号，请妥善保管；操作记录里会留一笔。")
    panel = Panel(_("导出商圈全部数据"), text=text, post=reverse("console:data_export"), label=_("导出 ZIP"))
    return show(
        request, "console/settings.html", {"heading": _("设置"), "sections": _sections(request), "panels": [panel]}
    )


@require_POST
@with_right("data.export")
def data_export(request: HttpRequest) -> HttpResponseBase:
    """Everything of the district in open formats; of no other district, by the scope and by row-level security.

    Written to a file of its own, row by row, in one transaction that reads one state of the books.
    """
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with transaction(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        audit.record(action="data.export", subject="district", subject_id=scope.district_id())
        with package.open("members.csv", "w") as page:
            for text in members.export_members("csv"):
                page.write(text.encode())
        for name, rows in _TABLES.items():
            with package.open(name, "w") as page, io.TextIOWrapper(page, "utf-8", newline="") as words:
                words.write("\ufeff")
                csv.writer(words).writerows(map(_plain, rows()))
    file.seek(0)
    day = tenancy.today(clock.now()).isoformat()
    return FileResponse(file, as_attachment=True, filename=f"{tenancy.district().slug}-{day}.zip")


def _plain(row: tuple[object, ...]) -> list[object]:
    """Times in ISO 8601; a text that begins like a formula stays a text (OWASP, CSV injection)."""
    return [
        value.isoformat() if isinstance(value, datetime)
        else f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
        for value in row
    ]  # fmt: skip


def _module(card: Module) -> Panel:
    on = tenancy.module_on(card.name)
    needs = [other for other in card.needs if not tenancy.module_on(other)]
    facts = [(_("现在"), _("已开通") if on else _("没开"))]
    if card.needs:
        names = {other.name: pick(other.zh, other.en) for other in tenancy.all_modules()}
        facts.append((_("要先有"), "、".join(names[name] for name in card.needs)))
    text = pick(card.about_zh, card.about_en)
    if not card.ready:
        return Panel(pick(card.zh, card.en), text=text, facts=[(_("现在"), _("还在做，先留着位置"))])
    return Panel(
        pick(card.zh, card.en), text=text, facts=facts,
        post="" if needs and not on else reverse("console:module_switch", args=[card.name]),
        fields={"on": "0" if on else "1"}, label=_("关上") if on else _("开通"), danger=on,
        confirm=_("关上后它的菜单、接口和权限马上没有，数据不动。继续吗？") if on else "",
    )  # fmt: skip


def _sections(request: HttpRequest) -> list[Tab]:
    who = scope.actor()
    found = [
        ("console:modules", _("功能模块"), "tenancy.switch"),
        ("console:district_card", _("商圈"), "tenancy.switch"),
        ("console:data", _("数据导出"), "data.export"),
    ]
    return [
        Tab(label, reverse(name), current=request.path == reverse(name))
        for name, label, right in found
        if who.may(right)
    ]


urlpatterns_settings = [
    path("settings/", modules, name="modules"),
    path("settings/modules/<slug:name>/", switch, name="module_switch"),
    path("settings/district/", card, name="district_card"),
    path("settings/data/", data, name="data"),
    path("settings/data/export/", data_export, name="data_export"),
]
