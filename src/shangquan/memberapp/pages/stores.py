"""The shops: directory, one shop with its offers and goods, and the district itself."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.coupons import door as coupons
from shangquan.design import formats
from shangquan.design.contracts import Cell, Tab
from shangquan.district import door as district
from shangquan.district.contracts import NO_STORE, DirectoryEntry, StoreCard
from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.memberapp import faces
from shangquan.memberapp.shell import district_of, draw, known, member_id, path, said
from shangquan.tenancy import door as tenancy

MORE = 40


@require_safe
@known
def stores(request: HttpRequest) -> HttpResponseBase:
    """By floor, by what is new, by words; merchants that do not trade are out of sight. By key, 40 a page."""
    asked = request.GET
    floor, has, text = asked.get("floor", ""), asked.get("has", ""), asked.get("q", "")[:40]
    has = has if has == "new" else ""
    floors = district.floors()
    name, _sep, last = asked.get("after", "").rpartition("|")
    found = district.directory(
        now=clock.now(),
        has=has,
        floor_id=int(floor) if floor.isdigit() else None,
        text=text,
        after=(name, int(last)) if last.isdigit() else None,
        limit=MORE,
    )
    chips = [Tab(_("全部"), path("stores"), current=not floor and not has)]
    chips.append(Tab(_("上新"), path("stores", has="new"), current=bool(has)))
    chips += [Tab(one.code, path("stores", floor=one.id), current=floor == str(one.id)) for one in floors]
    more = f"{found[-1].merchant.name}|{found[-1].merchant.id}" if len(found) == MORE else ""
    context = {
        "tab": "stroll",
        "chips": chips,
        "text": text,
        "cells": [_cell(entry) for entry in found if entry.stores],
        "older": path("stores", floor=floor, has=has, q=text, after=more) if more else "",
    }
    return draw(request, "stores", context)


def _cell(entry: DirectoryEntry) -> Cell:
    places = " · ".join(shop.unit for shop in entry.stores[:3])
    category = entry.merchant.category
    return Cell(
        said(entry.merchant.name, entry.merchant.name_en),
        path("store", entry.stores[0].id),
        icon="store",
        note=" · ".join(filter(None, (category, places))),
    )


@require_safe
@known
def store(request: HttpRequest, store_id: int) -> HttpResponseBase:
    """One shop: open or not, its offers, its goods, paying there. A table's code says which table. Refuses D-4042."""
    now = clock.now()
    shop = district.store(store_id)
    if not shop.is_trading:
        raise Refused(NO_STORE)
    merchant = district.merchant(shop.merchant_id)
    here = path("store", store_id)
    with_coupons = "coupons" in district_of(request).modules
    offers = coupons.tickets.claimable(member_id=member_id(), now=now, merchant_id=merchant.id) if with_coupons else []
    goods = district.products(merchant.id)[:12]
    is_open = shop.is_open_at(tenancy.local(now))
    context = {
        "tab": "stroll",
        "shop": shop,
        "name": said(shop.name, shop.name_en),
        "is_open": is_open,
        "story": merchant.story,
        "table": request.GET.get("table", "")[:20],
        "facts": _facts(shop, merchant.category),
        "offers": faces.tickets(offers, next_page=here, scene=request.GET.get("scene", "")),
        "goods": [
            Cell(said(one.name, one.name_en), image=one.picture, note=one.spec, value=formats.fen(one.price_fen))
            for one in goods
        ],
        "pay": path("pay_store", shop.id),
        "share_title": said(shop.name, shop.name_en),
    }
    return draw(request, "store", context)


def _facts(shop: StoreCard, category: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (_("位置"), " ".join(filter(None, (shop.building, shop.floor, shop.unit)))),
        (_("营业时间"), f"{shop.open_from:%H:%M}–{shop.open_to:%H:%M}"),
    ]
    if category:
        rows.append((_("业态"), category))
    if shop.phone:
        rows.append((_("电话"), shop.phone, _("拨打"), f"tel:{shop.phone}"))
    return rows


@require_safe
@known
def about(request: HttpRequest) -> HttpResponseBase:
    """The district from its own data: floors, shops, hours (B5)."""
    shops = district.stores(trading_only=True)
    by_floor: dict[int, int] = {}
    for shop in shops:
        if shop.floor_id is not None:
            by_floor[shop.floor_id] = by_floor.get(shop.floor_id, 0) + 1
    context = {
        "tab": "stroll",
        "count": len(shops),
        "hours": f"{min(s.open_from for s in shops):%H:%M}–{max(s.open_to for s in shops):%H:%M}" if shops else "",
        "floors": [
            Cell(
                f"{one.code} {said(one.name, one.name_en)}",
                path("stores", floor=one.id),
                icon="layers",
                note=one.building,
                value=_("%(count)s 家") % {"count": by_floor.get(one.id, 0)},
            )
            for one in district.floors()
        ],
    }
    return draw(request, "about", context)
