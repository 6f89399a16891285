"""One search for everything: members (masked), bills, coupons, merchants, pages; a pasted code of any kind resolves."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.checkout import door as checkout
from shangquan.console import menu
from shangquan.console.frame import pick, show
from shangquan.coupons import door as coupons
from shangquan.design.contracts import Cell
from shangquan.design.formats import fen
from shangquan.district import door as district
from shangquan.identity.door import staff_only
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.members import door as members

FEW = 8


@require_safe
@staff_only
def search(request: HttpRequest) -> HttpResponse:
    """What the person may see of it, in groups; nothing of another merchant's."""
    text = request.GET.get("q", "").strip()[:80]
    found = [(title, cells) for title, find in _GROUPS if (cells := list(find(text)))] if text else []
    page = {"heading": _("搜索"), "search_text": text, "found": [(str(title()), cells) for title, cells in found]}
    return show(request, "console/search.html", page)


def _pages(text: str) -> Iterator[Cell]:
    for item in menu.pages(text)[:FEW]:
        yield Cell(item.label, href=item.href, icon=item.icon)


def _members(text: str) -> Iterator[Cell]:
    if not scope.actor().may("members.read"):
        return
    for card in members.search(text, limit=FEW):
        href = menu.address("console:member", card.id)
        yield Cell(card.name_masked, href=href, icon="user", note=card.phone_masked or card.card_no, value=card.card_no)


def _bills(text: str) -> Iterator[Cell]:
    if not scope.actor().may("orders.read"):
        return
    try:
        bill = checkout.bill_by_number(text.upper())
    except Refused:
        return
    if scope.actor().may("orders.read", merchant_id=bill.merchant_id, store_id=bill.store_id):
        yield Cell(bill.number, href=menu.address("console:bill", bill.id), icon="receipt", value=fen(bill.payable_fen))


def _coupons(text: str) -> Iterator[Cell]:
    if not scope.actor().may("coupons.read"):
        return
    for card in coupons.campaign_lists.campaigns(search=text, limit=FEW):
        title = pick(card.terms.title_zh, card.terms.title_en)
        yield Cell(title, href=menu.address("console:coupon", card.id), icon="ticket", note=card.number)


def _merchants(text: str) -> Iterator[Cell]:
    who = scope.actor()
    if who.merchant_id is not None or not who.may("merchants.read"):
        return
    wanted = text.lower()
    hits = [card for card in district.merchants() if wanted in card.name.lower() or wanted in card.name_en.lower()]
    for card in hits[:FEW]:
        href = menu.address("console:merchant", card.id)
        yield Cell(pick(card.name, card.name_en), href=href, icon="store", note=card.category)


_GROUPS: tuple[tuple[Callable[[], str], Callable[[str], Iterator[Cell]]], ...] = (
    (lambda: _("功能"), _pages),
    (lambda: _("会员"), _members),
    (lambda: _("订单"), _bills),
    (lambda: _("优惠券"), _coupons),
    (lambda: _("商户"), _merchants),
)

urlpatterns_search = [path("search/", search, name="search")]
