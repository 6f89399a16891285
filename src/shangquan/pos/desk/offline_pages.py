"""What a till keeps for a lost network: its worker, its shell, its goods and prices."""

from pathlib import Path

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from shangquan.design.contracts import TillFrame
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.pos.contracts import NO_TILL
from shangquan.pos.desk.session import chosen_till
from shangquan.pos.models import OfflineTicket, QuickKey, Till

_WORKER = Path(__file__).parents[1] / "static" / "pos" / "sw.js"


def _till(request: HttpRequest) -> Till:
    till = chosen_till(request)
    if till is None:
        raise Refused(NO_TILL)
    return till


@require_GET
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served where its scope begins."""
    return HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@never_cache
@require_GET
@with_right("till.use")
def shell(request: HttpRequest) -> HttpResponseBase:
    """The page that the worker shows while the centre cannot be reached."""
    till = _till(request)
    store = district.store(till.store_id)
    frame = TillFrame(
        store=f"{store.merchant} {store.unit}".strip(),
        till=till.name,
        person=scope.actor().name,
        shift=_("断网收银"),
        link_state=_("断网"),
        link_tone="warn",
        notice=_("网络断了：可以收现金，联网后自动补记。券、积分和付款码要问过中心，现在不能用。"),
    )
    return render(request, "pos/offline.html", {"till_frame": frame, "till": till})


@never_cache
@require_GET
@with_right("till.use")
def goods(request: HttpRequest) -> HttpResponseBase:
    """Goods and prices of the till, and the next free number of a ticket. Three queries."""
    till = _till(request)
    last = OfflineTicket.rows().filter(till=till).aggregate(last=Max("seq"))["last"] or 0
    keys = set(QuickKey.rows().filter(store_id=till.store_id).values_list("product_id", flat=True))
    cards = district.products(till.merchant_id)
    return JsonResponse(
        {
            "till_id": till.id,
            "next_seq": last + 1,
            "goods": [
                {
                    "id": card.id,
                    "barcode": card.barcode,
                    "name": card.name,
                    "spec": card.spec,
                    "fen": card.price_fen,
                    "key": card.id in keys,
                }
                for card in cards
            ],
        }
    )
