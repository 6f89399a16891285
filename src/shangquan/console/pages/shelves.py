"""The shelf: opened by the owner, filled by merchants, ordered, seen as on the phone, and put up as codes."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.codes import door as codes
from shangquan.codes.contracts import SceneCard
from shangquan.console import faces, lists, shelf_words, writing
from shangquan.console.frame import pick, show
from shangquan.console.shelf_form import CodeForm, ShelfForm
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import ShelfCard
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow
from shangquan.identity.door import with_right
from shangquan.kernel import clock, ids, scope
from shangquan.kernel.errors import NOT_FOUND, Refused
from shangquan.tenancy import door as tenancy


@require_safe
@with_right("coupons.read")
def shelf_list(request: HttpRequest) -> HttpResponse:
    """The owner sees every shelf; a merchant those that are or were open."""
    view = request.GET.get("view", "")
    found = coupons.shelves.shelves(
        state=view if view in shelf_words.STATES else None,
        before=lists.whole_number(request, "after"),
        limit=lists.PAGE + 1,
    )
    cards = [card for card in found[: lists.PAGE] if _may_see(card)]
    choices = [("", _("全部"), None), *((key, str(word), None) for key, (word, _tone) in shelf_words.STATES.items())]
    page = {
        "heading": _("货架"),
        "views": lists.views(request, choices),
        "rows": _table(cards, lists.cut([card.id for card in found])),
        "page_actions": _may_make(),
    }
    return show(request, "design/console_list.html", page)


@require_http_methods(["GET", "POST"])
@with_right("shelf.manage")
def shelf_new(request: HttpRequest) -> HttpResponse:
    form = ShelfForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked, now = form.cleaned_data, clock.now()
        made = writing.attempt(request, form, lambda: coupons.make_shelf(**asked, now=now).id)
        if made is not None:
            writing.say(request, _("货架已建，开放后商户可以报名"))
            return HttpResponseRedirect(reverse("console:shelf", args=[made]))
    page = {
        "heading": _("新建货架"),
        "crumbs": [(_("货架"), reverse("console:shelves"))],
        "form": form,
        "submit_label": _("建货架"),
        "cancel": reverse("console:shelves"),
        "draft_key": "shelf-new",
        "idempotency_key": request.POST.get("idempotency_key") or ids.token(),
    }
    return show(request, "design/console_form.html", page, status=422 if form.errors else 200)


@require_safe
@never_cache
@with_right("coupons.read")
def shelf_detail(request: HttpRequest, shelf_id: int) -> HttpResponse:
    now, card = clock.now(), _shelf(shelf_id)
    entries = coupons.shelves.entries(shelf_id)
    state, tone = shelf_words.state_of(card)
    manages = scope.actor().may("shelf.manage")
    page = {
        "heading": pick(card.title, card.title_en),
        "crumbs": [(_("货架"), reverse("console:shelves"))],
        "state": state,
        "state_tone": tone,
        "shelf": card,
        "facts": shelf_words.facts(card),
        "page_actions": shelf_words.actions(card),
        "pending": shelf_words.lines(entries, "pending"),
        "accepted": shelf_words.lines(entries, "accepted"),
        "refused": shelf_words.lines(entries, "refused"),
        "manages": manages,
        "tickets": [faces.face(one) for one in coupons.tickets.on_shelf(shelf_id, member_id=None, now=now)],
        "offers": shelf_words.offers(card, entries, now),
        **(_codes(shelf_id) if scope.actor().may("codes.export") else {}),
    }
    return show(request, "console/shelf.html", page)


@require_POST
@with_right("shelf.manage")
def shelf_move(request: HttpRequest, shelf_id: int, step: str) -> HttpResponse:
    now, here = clock.now(), reverse("console:shelf", args=[shelf_id])
    if step == "open":
        said = _("货架已开放")
        return writing.perform(request, lambda: coupons.open_shelf(shelf_id, now=now), to=here, said=said)
    if step == "close":
        return writing.perform(
            request, lambda: coupons.close_shelf(shelf_id, now=now), to=here, said=_("货架已关闭，领过的券不变")
        )
    raise Refused(NOT_FOUND)


@require_POST
@with_right("coupons.read")
def shelf_enrol(request: HttpRequest, shelf_id: int) -> HttpResponse:
    """A merchant offers its coupon, the owner one of the district's. The coupons room asks for the right."""
    now, here = clock.now(), reverse("console:shelf", args=[shelf_id])
    campaign_id = _number(request, "campaign")
    said = _("已报名，等商圈审核") if scope.actor().merchant_id is not None else _("已报名")
    return writing.perform(request, lambda: coupons.enrol(shelf_id, campaign_id, now=now), to=here, said=said)


@require_POST
@with_right("shelf.manage")
def entry_decide(request: HttpRequest, shelf_id: int, entry_id: int) -> HttpResponse:
    """Accept, or refuse with a word why."""
    now, here = clock.now(), reverse("console:shelf", args=[shelf_id])
    accepted = request.POST.get("answer") == "accept"
    note = request.POST.get("note", "").strip()[:200]
    return writing.perform(
        request,
        lambda: coupons.decide_enrolment(entry_id, accepted=accepted, note=note, now=now),
        to=here,
        said=_("已上货架") if accepted else _("已退回这张券"),
    )


@require_POST
@with_right("shelf.manage")
def entry_shift(request: HttpRequest, shelf_id: int, entry_id: int) -> HttpResponse:
    """One place up or down."""
    order = [one.id for one in coupons.shelves.entries(shelf_id) if one.state == "accepted"]
    if entry_id not in order:
        raise Refused(NOT_FOUND)
    at = order.index(entry_id)
    to = max(0, min(len(order) - 1, at + (-1 if request.POST.get("way") == "up" else 1)))
    order[at], order[to] = order[to], order[at]
    here = reverse("console:shelf", args=[shelf_id])
    return writing.perform(request, lambda: coupons.order_shelf(shelf_id, order), to=here, said=_("顺序已改"))


@require_POST
@with_right("codes.export")
def code_new(request: HttpRequest, shelf_id: int) -> HttpResponse:
    """A code of this shelf for one place; the same place answers the same code."""
    card, form, now = _shelf(shelf_id), CodeForm(request.POST), clock.now()
    here = reverse("console:shelf", args=[shelf_id])
    if not form.is_valid():
        writing.say(request, _("写明放在哪里，最多 60 个字。"), "bad")
        return HttpResponseRedirect(here)
    source, place = form.cleaned_data["source"], form.cleaned_data["place"]
    return writing.perform(
        request,
        lambda: codes.make_scene(source, "shelf", shelf_id, place, title=card.title, now=now).id,
        to=here,
        said=_("码已做好，可以下载"),
    )


@require_safe
@with_right("codes.export")
def code_file(request: HttpRequest, shelf_id: int, scene_id: int, kind: str) -> HttpResponse:
    """One code as a picture for print (png) or for lay-out (svg)."""
    card = codes.scene_for_export(scene_id)
    if (card.subject_kind, card.subject_id) != ("shelf", shelf_id):
        raise Refused(NOT_FOUND)
    if kind == "png":
        return _file(codes.qr_png(card.url), "image/png", f"{card.source}-{card.scene}.png")
    if kind == "svg":
        drawn = codes.qr_svg(card.url).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        return _file(drawn.encode(), "image/svg+xml", f"{card.source}-{card.scene}.svg")
    raise Refused(NOT_FOUND)


@require_safe
@with_right("codes.export")
def code_pictures(request: HttpRequest, shelf_id: int) -> HttpResponse:
    """Every code of the shelf in one zip."""
    found = _scenes(shelf_id)
    name = f"{_shelf(shelf_id).title}.zip"
    return _file(codes.export_zip([card.id for card in found]), "application/zip", name)


@require_safe
@with_right("codes.export")
def code_sheet(request: HttpRequest, shelf_id: int) -> HttpResponse:
    """A4 pages to print and cut."""
    sheets = codes.export_sheet([card.id for card in _scenes(shelf_id)])
    return show(request, "console/sheet.html", {"heading": _shelf(shelf_id).title, "sheets": sheets})


def _shelf(shelf_id: int) -> ShelfCard:
    """Refuses C-4043, for a merchant also while the shelf is in preparation."""
    return (
        coupons.shelves.shelf(shelf_id) if scope.actor().may("shelf.manage") else coupons.shelves.open_shelf(shelf_id)
    )


def _may_see(card: ShelfCard) -> bool:
    return card.state != "draft" or scope.actor().may("shelf.manage")


def _may_make() -> list[Action]:
    if not scope.actor().may("shelf.manage"):
        return []
    return [Action(_("新建货架"), href=reverse("console:shelf_new"), kind="primary", icon="plus")]


def _table(cards: list[ShelfCard], after: str) -> Table:
    rows = []
    for card in cards:
        word, tone = shelf_words.state_of(card)
        cells: list[TableCell | str] = [
            pick(card.title, card.title_en), TableCell(word, tag=tone),
            f"{tenancy.local(card.deadline):%Y-%m-%d %H:%M}", str(card.accepted), str(card.pending),
        ]  # fmt: skip
        rows.append(TableRow(cells, href=reverse("console:shelf", args=[card.id])))
    return Table(
        columns=[Column(_("货架")), Column(_("状态")), Column(_("报名截止"), minor=True), Column(_("已上架"), right=True),
                 Column(_("待审核"), right=True)],
        rows=rows, caption=_("货架"), after=after, empty_sentence=_("还没有货架。"),
        empty_action=next(iter(_may_make()), None),
    )  # fmt: skip


def _codes(shelf_id: int) -> dict[str, object]:
    """The codes with what came through each, counted apart (E3)."""
    found = _scenes(shelf_id)
    return {
        "codes": shelf_words.code_lines(found, codes.counts([card.id for card in found]), shelf_id),
        "code_form": CodeForm(),
        "zip_url": reverse("console:shelf_codes_zip", args=[shelf_id]) if found else "",
        "sheet_url": reverse("console:shelf_codes_sheet", args=[shelf_id]) if found else "",
    }


def _scenes(shelf_id: int) -> list[SceneCard]:
    return codes.scenes(subject_kind="shelf", subject_id=shelf_id, limit=200)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(NOT_FOUND)
    return int(text)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


urlpatterns_shelves = [
    path("shelves/", shelf_list, name="shelves"),
    path("shelves/new/", shelf_new, name="shelf_new"),
    path("shelves/<int:shelf_id>/", shelf_detail, name="shelf"),
    path("shelves/<int:shelf_id>/enrol/", shelf_enrol, name="shelf_enrol"),
    path("shelves/<int:shelf_id>/codes/new/", code_new, name="shelf_code_new"),
    path("shelves/<int:shelf_id>/codes/all.zip", code_pictures, name="shelf_codes_zip"),
    path("shelves/<int:shelf_id>/codes/sheet/", code_sheet, name="shelf_codes_sheet"),
    path("shelves/<int:shelf_id>/codes/<int:scene_id>.<slug:kind>", code_file, name="shelf_code"),
    path("shelves/<int:shelf_id>/entries/<int:entry_id>/", entry_decide, name="entry_decide"),
    path("shelves/<int:shelf_id>/entries/<int:entry_id>/shift/", entry_shift, name="entry_shift"),
    path("shelves/<int:shelf_id>/<slug:step>/", shelf_move, name="shelf_move"),
]
