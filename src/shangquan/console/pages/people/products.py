"""Goods: each merchant's own; the owner's staff see and may change any."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.pages.people.forms import ProductForm
from shangquan.console.writing import attempt, say
from shangquan.design.contracts import Action, Column, Tab, Table, TableCell, TableRow
from shangquan.design.formats import fen_bare
from shangquan.district import door as district
from shangquan.district.contracts import ProductCard
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import FORBIDDEN, Refused


@require_safe
@with_right("products.read")
def product_list(request: HttpRequest) -> HttpResponse:
    """Newest first, by key."""
    who = scope.actor()
    merchant = who.merchant_id if who.merchant_id is not None else lists.whole_number(request, "merchant")
    names = {card.id: pick(card.name, card.name_en) for card in district.merchants()} if who.merchant_id is None else {}
    text = request.GET.get("q", "").strip()[:60]
    view = request.GET.get("view", "")
    found = district.product_page(
        merchant_id=merchant, text=text, is_active=None if not view else view == "on",
        before=lists.whole_number(request, "after"), limit=lists.PAGE + 1,
    )  # fmt: skip
    shown = found[: lists.PAGE]
    may_edit = who.may("products.edit")
    rows = [_row(card, names, may_edit=may_edit) for card in shown]
    columns = [
        Column(_("商品")), *([Column(_("商户"), minor=True)] if names else []), Column(_("条码"), minor=True),
        Column(_("规格"), minor=True), Column(_("价格 ¥"), right=True), Column(_("积分倍数"), right=True, minor=True),
        Column(_("状态")),
    ]  # fmt: skip
    chosen = names.get(merchant or 0)
    more = lists.cut([card.id for card in found])
    page = {
        "heading": _("商品"),
        "views": lists.views(request, [("", _("全部"), None), ("on", _("在售"), None), ("off", _("停售"), None)]),
        "filters": [Tab(_("商户：{name}").format(name=chosen), lists.address(request, merchant=None))] if chosen else [],
        "search_text": request.GET.get("q", ""), "search_hint": _("商品名、条码"),
        "rows": Table(columns, rows, caption=_("商品"), after=more, empty_sentence=_("还没有商品。")),
        "page_actions": [
            Action(_("加商品"), href=reverse("console:product_new", args=[merchant]), icon="plus", kind="primary")
        ] if may_edit and merchant is not None else [],
    }  # fmt: skip
    return show(request, "console/list.html", page)


@require_http_methods(["GET", "POST"])
@with_right("products.edit")
def product_form(request: HttpRequest, merchant_id: int, product_id: int | None = None) -> HttpResponse:
    own = scope.actor().merchant_id
    card = district.product(product_id) if product_id else None
    if (own is not None and own != merchant_id) or (card is not None and card.merchant_id != merchant_id):
        raise Refused(FORBIDDEN, right="products.edit")
    first = ProductForm.of(card) if card else ProductForm()
    form = ProductForm(request.POST) if request.method == "POST" else first
    if form.is_bound and form.is_valid():
        draft = form.draft(card.picture if card else "")
        saved = attempt(
            request, form,
            lambda: district.save_product(merchant_id, draft, product_id=product_id, now=clock.now()),
            field="barcode",
        )  # fmt: skip
        if saved is not None:
            say(request, _("商品已保存。"))
            return HttpResponseRedirect(_list(merchant_id))
    page = {
        "heading": card.name if card else _("加商品"), "crumbs": [(_("商品"), _list(merchant_id))], "form": form,
        "cancel": _list(merchant_id),
    }  # fmt: skip
    return show(request, "console/form.html", page, status=400 if form.is_bound else 200)


def _row(card: ProductCard, names: dict[int, str], *, may_edit: bool) -> TableRow:
    return TableRow(
        [
            TableCell(pick(card.name, card.name_en), strong=True),
            *([names.get(card.merchant_id, "")] if names else []),
            TableCell(card.barcode, mono=True), card.spec, fen_bare(card.price_fen),
            f"{card.points_multiplier_bp / 10_000:g}",
            TableCell(_("在售"), tag="ok") if card.is_active else TableCell(_("停售"), tag="plain"),
        ],
        id=str(card.id),
        href=reverse("console:product_edit", args=[card.merchant_id, card.id]) if may_edit else "",
    )  # fmt: skip


def _list(merchant_id: int) -> str:
    own = scope.actor().merchant_id is not None
    return reverse("console:products") if own else f"{reverse('console:products')}?merchant={merchant_id}"


urlpatterns_products = [
    path("products/", product_list, name="products"),
    path("merchants/<int:merchant_id>/products/new/", product_form, name="product_new"),
    path("merchants/<int:merchant_id>/products/<int:product_id>/", product_form, name="product_edit"),
]
