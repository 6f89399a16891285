"""The first page: who you are, what is on today, what to do here."""

from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.coupons import door as coupons
from shangquan.design import formats
from shangquan.design.contracts import Cell
from shangquan.district import door as district
from shangquan.district.contracts import StoreCard
from shangquan.kernel import clock
from shangquan.memberapp import faces, rules, session
from shangquan.memberapp.shell import district_of, draw, known, member_id, path, said
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy


@require_safe
@known
def home(request: HttpRequest) -> HttpResponseBase:
    now = clock.now()
    local = tenancy.local(now)
    card = session.card(request)
    shops = district.stores(trading_only=True)
    offers = coupons.tickets.claimable(member_id=member_id(), now=now, limit=3) if _on(request, "coupons") else []
    context = {
        "tab": "home",
        "card": card,
        "hello": said(*rules.greeting(local.hour)),
        "sums": _sums(request, card.id, now) if card else [],
        "strip": _strip(shops, local),
        "services": _services(request),
        "offers": [
            faces.ticket(one, next_page=path("home"), scene=request.GET.get("scene", ""), soft=True) for one in offers
        ],
        "tier": tier_name(card.tier) if card else "",
        "shelf": _shelf(now) if _on(request, "coupons") else None,
    }
    return draw(request, "home", context)


def tier_name(code: str) -> str:
    """In the reader's language; the code itself for a tier that was taken away."""
    for tier in points.tiers():
        if tier.code == code:
            return said(tier.name, tier.name_en)
    return "" if code == "basic" else code


def _on(request: HttpRequest, module: str) -> bool:
    return module in district_of(request).modules


def _sums(request: HttpRequest, member: int, now: datetime) -> list[Cell]:
    shown = []
    if _on(request, "points"):
        shown.append(Cell(_("积分"), path("points"), value=formats.whole(points.balance(member).available)))
    if _on(request, "coupons"):
        usable = coupons.count_tabs(member, now)["usable"]
        shown.append(Cell(_("可用优惠券"), path("coupons"), value=formats.whole(usable)))
    return shown


def _shelf(now: datetime) -> dict[str, str] | None:
    """The newest shelf that is open."""
    for one in coupons.shelves.shelves(state="open", limit=1):
        if coupons.shelves.is_shown(one, now):
            return {"title": said(one.title, one.title_en), "about": one.about, "href": path("shelf", one.id)}
    return None


def _strip(shops: list[StoreCard], local: datetime) -> list[Cell]:
    """Only what is known: how many shops are open at this moment, and until when."""
    opened = [shop for shop in shops if shop.is_open_at(local)]
    if not shops:
        return []
    if not opened:
        first = min(shop.open_from for shop in shops)
        return [Cell(_("入驻"), value=str(len(shops)), note=_("家")), Cell(_("开门"), value=f"{first:%H:%M}")]
    now_open = Cell(_("正在营业"), icon="live", value=str(len(opened)), note=_("家"))
    last = max(opened, key=lambda shop: (shop.open_to <= shop.open_from, shop.open_to)).open_to
    return [now_open, Cell(_("今日营业至"), value=f"{last:%H:%M}")]


def _services(request: HttpRequest) -> list[Cell]:
    """Of the modules that this district has switched on, and no others (B12)."""
    wanted = (
        ("coupons", "ticket", _("领券"), path("all_coupons")),
        ("members", "qrcode", _("会员码"), path("card")),
        ("points", "coins", _("积分"), path("points")),
        ("coupons", "gift", _("我的券"), path("coupons")),
    )
    shown = [Cell(title, href, icon=icon) for module, icon, title, href in wanted if _on(request, module)]
    shown += [
        Cell(_("逛街"), path("stores"), icon="store"),
        Cell(_("上新"), path("stores", has="new"), icon="spark"),
        Cell(_("消费记录"), path("bills"), icon="receipt"),
        Cell(_("商圈介绍"), path("about"), icon="building"),
    ]
    return shown[:8]
