"""The till itself: what it shows in each phase."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shangquan.checkout import door as checkout
from shangquan.codes import door as codes
from shangquan.district import door as district
from shangquan.identity import door as identity
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel
from shangquan.pos.desk import screen
from shangquan.pos.desk.session import choose, chosen_till, home, said, say, sentence
from shangquan.pos.models import Till
from shangquan.pos.paper import draw
from shangquan.pos.queries.desk import Desk, desk
from shangquan.pos.queries.lists import last_closed, parked, tills_of_actor

SHEETS = ("price", "others", "recall", "code", "cash", "found", "referrer", "member")


@never_cache
@require_GET
@with_right("till.use")
def till(request: HttpRequest) -> HttpResponseBase:
    """The open bill, always: whatever was done, here one lands again."""
    row = chosen_till(request)
    if row is None:
        return HttpResponseRedirect(reverse("pos:choose"))
    there = desk(row)
    told = said(request)
    page = screen.context(there, told, line=request.GET.get("line", ""))
    page |= _more(request, row, there)
    return render(request, f"pos/{'closed' if there.phase == 'closed' else 'till'}.html", page)


def _more(request: HttpRequest, row: Till, there: Desk) -> dict[str, Any]:
    """What one phase or one open sheet needs beside the rest."""
    if there.phase == "closed":
        return {"last": last_closed(row.id)}
    if there.phase == "paid" and there.receipt is not None:
        received = there.ring.received_fen if there.ring is not None else None
        due = there.bill.payable_fen if there.bill is not None else 0
        svg = draw(there.receipt.content, there.receipt.columns)
        return {"receipt_svg": svg, "change_fen": None if received is None else received - due}
    if there.phase == "waiting" and there.intent is not None and there.intent.channel is Channel.WECHAT_NATIVE:
        return _shown_code(there)
    sheet = request.GET.get("do", "")
    if sheet not in SHEETS or there.is_busy:
        return {}
    return {"sheet": sheet, **_sheet(request, sheet, row, there)}


def _shown_code(there: Desk) -> dict[str, Any]:
    assert there.intent is not None
    try:
        order = payments.start(there.intent.id, clock.now())
    except Refused as refused:
        return {"code_refused": sentence(refused)}
    return {"code_svg": codes.qr_svg(order["code_url"]), "code_url": order["code_url"]}


def _sheet(request: HttpRequest, sheet: str, row: Till, there: Desk) -> dict[str, Any]:
    if sheet == "others" and there.bill is not None:
        return {"others": screen.combinations(checkout.other_quotes(there.bill.id, now=clock.now()))}
    if sheet == "recall":
        return {"parked": parked(row.id)}
    if sheet == "found":
        text = request.GET.get("text", "")[:60]
        wanted = text.casefold()
        goods = district.products(row.merchant_id)
        return {"text": text, "found": [c for c in goods if wanted in f"{c.name} {c.name_en} {c.spec}".casefold()][:12]}
    if sheet == "cash" and there.bill is not None:
        return {"cash_offers": screen.cash_offers(there.bill.payable_fen)}
    if sheet == "referrer":
        return {"staff": [(card.id, card.name) for card in identity.store_staff(row.store_id) if card.is_active]}
    return {}


@never_cache
@require_http_methods(["GET", "POST"])
@with_right("till.use")
def choose_till(request: HttpRequest) -> HttpResponseBase:
    """Which till this browser is, when there are several; none: who may set one up."""
    rows = tills_of_actor()
    if request.method == "POST":
        wanted = next((row for row in rows if str(row.id) == request.POST.get("till")), None)
        if wanted is not None:
            choose(request, wanted)
            return home()
        say(request, _("没有这个收银台"), wrong=True)
    stores = {card.id: card for card in district.stores(ids={row.store_id for row in rows})} if rows else {}
    page = {
        "tills": [(row, stores.get(row.store_id)) for row in rows],
        "may_set_up": scope.actor().may("till.setup"),
    }
    return render(request, "pos/choose.html", page)
