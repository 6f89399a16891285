"""The district's public site for wide screens: today, the way into WeChat, offers, shops (A7, B5). Readable by anybody."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.design.contracts import Tab
from shangquan.design.formats import is_english
from shangquan.district import door as district
from shangquan.kernel import clock
from shangquan.memberapp import faces, session
from shangquan.memberapp.shell import district_name, district_of, member_id, page, path
from shangquan.tenancy import door as tenancy

# The drawing of a trade, by its code; any other trade gets the plain shop.
ART = {
    "kids": "toys", "fashion": "clothes", "food": "noodle", "drink": "coffee", "books": "books", "beauty": "beauty",
    "fun": "cinema",
}  # fmt: skip


@require_safe
@page
def front(request: HttpRequest) -> HttpResponseBase:
    """Open until when, a code that continues on the phone as the same member, offers and shops."""
    now = clock.now()
    local = tenancy.local(now)
    shops = [entry for entry in district.directory(now=now, limit=24) if entry.stores]
    trades = {one.id: one.code for one in district.categories()}
    open_now = [shop for entry in shops for shop in entry.stores if shop.is_open_at(local)]
    with_coupons = "coupons" in district_of(request).modules
    offers = coupons.tickets.claimable(member_id=member_id(), now=now, limit=6) if with_coupons else []
    address = request.build_absolute_uri(path("home"))
    english = is_english(get_language() or "")
    context = {
        "site_name": district_name(request),
        "site_links": [
            Tab(_("逛街"), path("stores")),
            Tab(_("领券"), path("all_coupons")),
            Tab(_("会员"), path("me")),
            Tab(_("商圈介绍"), path("about")),
        ],
        "site_search": path("stores"),
        "languages": [Tab("中文", "?lang=zh-hans", current=not english), Tab("English", "?lang=en", current=english)],
        "site_foot_links": [Tab(_("员工登录"), "/sign-in/"), Tab(_("商圈介绍与服务"), path("about"))],
        "site_foot": district_name(request),
        "open_until": max((shop.open_to for shop in open_now), default=None),
        "opens_at": min((shop.open_from for entry in shops for shop in entry.stores), default=None),
        "card": session.card(request),
        "sign_in": path("sign_in", next=path("home")),
        "home": path("home"),
        "qr": codes.qr_svg(address, label=_("用微信扫一扫")),
        "offers": faces.tickets(offers, next_page=path("all_coupons")),
        "all_offers": path("all_coupons"),
        "shops": [
            {
                "name": entry.merchant.name if not english else entry.merchant.name_en or entry.merchant.name,
                "where": " · ".join(filter(None, (entry.merchant.category, entry.stores[0].unit))),
                "href": path("store", entry.stores[0].id),
                "art": _art(trades.get(entry.merchant.category_id or 0, "")),
            }
            for entry in shops
        ],
        "all_shops": path("stores"),
    }
    answer = render(request, "memberapp/site.html", context)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _art(trade: str) -> str:
    return f"design/art/shop-{ART.get(trade, 'shop')}.svg"
