"""Merchants and their stores: the owner reviews, suspends and sets terms; a merchant keeps its own card and stores."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.pages.people.forms import CardForm, MerchantForm, ReasonForm, StoreForm, TermsForm
from shangquan.console.panels import Panel
from shangquan.console.writing import attempt, perform, say
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow, Tone
from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard, MerchantStatus, StoreCard
from shangquan.identity.door import with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import FORBIDDEN, Refused


@require_safe
@with_right("merchants.read")
def merchant_list(request: HttpRequest) -> HttpResponse:
    """All merchants for the owner; a merchant's staff are led to their own."""
    own = scope.actor().merchant_id
    if own is not None:
        return HttpResponseRedirect(reverse("console:merchant", args=[own]))
    cards = district.merchants()
    view, text = request.GET.get("view", ""), request.GET.get("q", "").strip().lower()[:60]
    stores = _stores_by_merchant()
    shown = [
        card
        for card in cards
        if (not view or card.status == view)
        and (
            not text
            or text in f"{card.name} {card.name_en} {' '.join(s.unit for s in stores.get(card.id, []))}".lower()
        )
    ]
    rows = [_row(card, stores.get(card.id, [])) for card in shown]
    columns = [
        Column(_("商户")), Column(_("业态"), minor=True), Column(_("铺位"), minor=True), Column(_("佣金"), right=True, minor=True),
        Column(_("积分"), minor=True), Column(_("状态")),
    ]  # fmt: skip
    counts = {status: sum(card.status is status for card in cards) for status in MerchantStatus}
    page = {
        "heading": _("商户"),
        "views": lists.views(
            request,
            [("", _("全部"), len(cards)), *((status.value, state(status)[0], counts[status]) for status in MerchantStatus)],
        ),
        "filters": [], "search_text": request.GET.get("q", ""), "search_hint": _("商户名、铺位"),
        "rows": Table(columns, rows, caption=_("商户"), total=len(rows)),
        "page_actions": [Action(_("登记商户"), href=reverse("console:merchant_new"), icon="plus", kind="primary")]
        if scope.actor().may("merchants.review") else [],
    }  # fmt: skip
    return show(request, "console/list.html", page)


@require_http_methods(["GET", "POST"])
@with_right("merchants.review")
def merchant_new(request: HttpRequest) -> HttpResponse:
    form = MerchantForm(request.POST or None)
    if form.is_valid():
        made = attempt(request, form, lambda: district.apply_merchant(form.draft(), now=clock.now()), field="name")
        if made is not None:
            say(request, _("已登记，等审核。"))
            return HttpResponseRedirect(reverse("console:merchant", args=[made]))
    page = {
        "heading": _("登记商户"), "crumbs": [(_("商户"), reverse("console:merchants"))], "form": form,
        "cancel": reverse("console:merchants"),
    }  # fmt: skip
    return show(request, "console/form.html", page, status=400 if form.is_bound else 200)


@require_safe
@with_right("merchants.read")
def merchant_page(request: HttpRequest, merchant_id: int) -> HttpResponse:
    return _page(request, _own(merchant_id))


@require_POST
@with_right("merchants.edit")
def merchant_card(request: HttpRequest, merchant_id: int) -> HttpResponse:
    card = _own(merchant_id)
    form = CardForm(request.POST)

    def work() -> bool:
        district.change_merchant(merchant_id, now=clock.now(), **form.cleaned_data)
        return True

    if form.is_valid() and attempt(request, form, work, field="name"):
        return _back(request, merchant_id, _("资料已保存。"))
    return _page(request, card, card_form=form, status=400)


@require_POST
@with_right("merchants.review")
def merchant_terms(request: HttpRequest, merchant_id: int) -> HttpResponse:
    """Terms of an active merchant, or acceptance of an applicant on these terms."""
    card = _own(merchant_id)
    form = TermsForm(request.POST)
    now = clock.now()

    def work() -> bool:
        if card.status in (MerchantStatus.APPLIED, MerchantStatus.REFUSED):
            district.review_merchant(merchant_id, accepted=True, now=now, **form.terms())
        else:
            district.change_merchant(merchant_id, now=now, **form.terms())
        return True

    if form.is_valid() and attempt(request, form, work):
        return _back(request, merchant_id, _("条件已保存。"))
    return _page(request, card, terms_form=form, status=400)


@require_POST
@with_right("merchants.review")
def merchant_step(request: HttpRequest, merchant_id: int, step: str) -> HttpResponse:
    """refuse, suspend (each with its reason) or resume."""
    now = clock.now()
    card = _own(merchant_id)
    here = reverse("console:merchant", args=[merchant_id])
    if step == "resume":
        return perform(
            request, lambda: district.resume_merchant(merchant_id, now=now), to=here, said=_("已恢复营业。")
        )  # fmt: skip
    form = ReasonForm(request.POST)

    def work() -> bool:
        reason = form.cleaned_data["reason"]
        if step == "refuse":
            district.review_merchant(merchant_id, accepted=False, reason=reason, now=now)
        else:
            district.suspend_merchant(merchant_id, reason=reason, now=now)
        return True

    if form.is_valid() and attempt(request, form, work, field="reason"):
        return _back(
            request, merchant_id, _("已拒绝申请。") if step == "refuse" else _("已停用，员工已退出，店铺已下线。")
        )
    return _page(request, card, reason_form=form, status=400)


@require_http_methods(["GET", "POST"])
@with_right("merchants.edit")
def store_form(request: HttpRequest, merchant_id: int, store_id: int | None = None) -> HttpResponse:
    """A new store, or one of the merchant's own to change."""
    card = _own(merchant_id)
    store = _store(card, store_id) if store_id else None
    now = clock.now()
    empty = (
        StoreForm.of(store)
        if store
        else StoreForm(initial={"name": card.name, "open_from": "10:00", "open_to": "22:00"})
    )
    form = StoreForm(request.POST) if request.method == "POST" else empty

    def work() -> bool:
        if store:
            district.change_store(store.id, form.draft(), now=now)
        else:
            district.add_store(merchant_id, form.draft(), now=now)
        return True

    if form.is_bound and form.is_valid() and attempt(request, form, work, field="unit"):
        return _back(request, merchant_id, _("门店已保存。"))
    here = reverse("console:merchant", args=[merchant_id])
    page = {
        "heading": store.name if store else _("加门店"), "crumbs": [(pick(card.name, card.name_en), here)],
        "form": form, "cancel": here,
        "side_panels": [_close_panel(store)] if store and store.is_trading else [],
    }  # fmt: skip
    return show(request, "console/form.html", page, status=400 if form.is_bound else 200)


@require_POST
@with_right("merchants.edit")
def store_close(request: HttpRequest, merchant_id: int, store_id: int) -> HttpResponse:
    store = _store(_own(merchant_id), store_id)
    return perform(
        request, lambda: district.close_store(store.id, now=clock.now()),
        to=reverse("console:merchant", args=[merchant_id]), said=_("门店已关，铺位可以登记给别家。"),
    )  # fmt: skip


def state(status: MerchantStatus) -> tuple[str, Tone]:
    words: dict[MerchantStatus, tuple[str, Tone]] = {
        MerchantStatus.APPLIED: (_("待审核"), "warn"),
        MerchantStatus.ACTIVE: (_("营业中"), "ok"),
        MerchantStatus.SUSPENDED: (_("已停用"), "bad"),
        MerchantStatus.REFUSED: (_("已拒绝"), "plain"),
    }
    return words[status]


def _page(
    request: HttpRequest,
    card: MerchantCard,
    *,
    card_form: CardForm | None = None,
    terms_form: TermsForm | None = None,
    reason_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    who = scope.actor()
    word, tone = state(card.status)
    may_review = who.merchant_id is None and who.may("merchants.review")
    page = {
        "heading": pick(card.name, card.name_en),
        "crumbs": [(_("商户"), reverse("console:merchants"))] if who.merchant_id is None else [],
        "state": word, "state_tone": tone,
        "facts": [
            (_("业态"), card.category or "—"), (_("佣金"), percent(card.commission_bp)),
            (_("会员等级折扣"), _("参加") if card.joins_tiers else _("不参加")),
            (_("积分"), _("参加") if card.joins_points else _("不参加")),
            (_("经营"), _("商圈自营") if card.is_own else _("入驻商户")),
        ],
        "panels": [Panel(_("门店"), table=_stores(card)), *_card_panel(card, card_form)],
        "side_panels": _review_panels(card, terms_form, reason_form) if may_review else [],
        "page_actions": [
            *([Action(_("商品"), href=f"{reverse('console:products')}?merchant={card.id}", icon="box")]
              if who.may("products.read") else []),
            *([Action(_("加门店"), href=reverse("console:store_new", args=[card.id]), icon="plus")]
              if who.may("merchants.edit") else []),
        ],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def percent(bp: int) -> str:
    return f"{bp / 100:g}%"


def _card_panel(card: MerchantCard, typed: CardForm | None) -> list[Panel]:
    if not scope.actor().may("merchants.edit", merchant_id=card.id):
        return []
    post = reverse("console:merchant_card", args=[card.id])
    return [Panel(_("资料"), form=typed or CardForm.of(card), post=post, label=_("保存资料"))]


def _review_panels(card: MerchantCard, typed: TermsForm | None, reason: ReasonForm | None) -> list[Panel]:
    waits = card.status in (MerchantStatus.APPLIED, MerchantStatus.REFUSED)
    found = [
        Panel(
            _("审核") if waits else _("条件"), form=typed or TermsForm.of(card),
            post=reverse("console:merchant_terms", args=[card.id]), label=_("通过") if waits else _("保存条件"),
        )
    ]  # fmt: skip
    steps = {
        MerchantStatus.APPLIED: ("refuse", _("拒绝申请"), ""),
        MerchantStatus.ACTIVE: ("suspend", _("停用"), _("停用后店铺和券马上下线，员工不能登录。继续吗？")),
    }
    if card.status in steps:
        step, label, question = steps[card.status]
        found.append(
            Panel(
                label, form=reason or ReasonForm(), post=reverse(f"console:merchant_{step}", args=[card.id]),
                label=label, danger=True, confirm=question,
            )
        )  # fmt: skip
    if card.status is MerchantStatus.SUSPENDED:
        post = reverse("console:merchant_resume", args=[card.id])
        found.append(Panel(_("恢复"), text=_("恢复后员工、券和店铺都照原样。"), post=post, label=_("恢复营业")))
    return found


def _stores(card: MerchantCard) -> Table:
    may_edit = scope.actor().may("merchants.edit", merchant_id=card.id)
    rows = [
        TableRow(
            [
                TableCell(store.unit, mono=True), pick(store.name, store.name_en), store.floor,
                f"{store.open_from:%H:%M}–{store.open_to:%H:%M}",
                TableCell(_("营业中"), tag="ok") if store.is_trading else TableCell(_("没有营业"), tag="plain"),
            ],
            href=reverse("console:store_edit", args=[card.id, store.id]) if may_edit else "",
        )
        for store in district.stores(merchant_id=card.id)
    ]  # fmt: skip
    columns = [
        Column(_("铺位")), Column(_("门店")), Column(_("楼层"), minor=True), Column(_("时间"), minor=True), Column(_("状态"))
    ]  # fmt: skip
    return Table(columns, rows, caption=_("门店"), empty_sentence=_("还没有门店。"))


def _close_panel(store: StoreCard) -> Panel:
    return Panel(
        _("关店"),
        text=_("这家店不再营业，历史都留着。"),
        post=reverse("console:store_close", args=[store.merchant_id, store.id]),
        label=_("关店"),
        danger=True,
        confirm=_("关了不能再开，铺位可以登记给别家。继续吗？"),
    )


def _row(card: MerchantCard, stores: list[StoreCard]) -> TableRow:
    word, tone = state(card.status)
    units = "、".join(store.unit for store in stores[:3])
    return TableRow(
        [
            TableCell(pick(card.name, card.name_en), strong=True), card.category, TableCell(units, mono=True),
            percent(card.commission_bp), _("参加") if card.joins_points else "—", TableCell(word, tag=tone),
        ],
        id=str(card.id),
        href=reverse("console:merchant", args=[card.id]),
    )  # fmt: skip


def _stores_by_merchant() -> dict[int, list[StoreCard]]:
    found: dict[int, list[StoreCard]] = {}
    for store in district.stores():
        found.setdefault(store.merchant_id, []).append(store)
    return found


def _own(merchant_id: int) -> MerchantCard:
    """Another merchant's page is refused and kept in the audit."""
    own = scope.actor().merchant_id
    if own is not None and own != merchant_id:
        raise Refused(FORBIDDEN, right="merchants.read")
    return district.merchant(merchant_id)


def _store(card: MerchantCard, store_id: int) -> StoreCard:
    store = district.store(store_id)
    if store.merchant_id != card.id:
        raise Refused(FORBIDDEN, right="merchants.edit")
    return store


def _back(request: HttpRequest, merchant_id: int, said: str) -> HttpResponse:
    say(request, said)
    return HttpResponseRedirect(reverse("console:merchant", args=[merchant_id]))


urlpatterns_merchants = [
    path("merchants/", merchant_list, name="merchants"),
    path("merchants/new/", merchant_new, name="merchant_new"),
    path("merchants/<int:merchant_id>/", merchant_page, name="merchant"),
    path("merchants/<int:merchant_id>/card/", merchant_card, name="merchant_card"),
    path("merchants/<int:merchant_id>/terms/", merchant_terms, name="merchant_terms"),
    *(
        path(f"merchants/<int:merchant_id>/{step}/", merchant_step, {"step": step}, name=f"merchant_{step}")
        for step in ("refuse", "suspend", "resume")
    ),
    path("merchants/<int:merchant_id>/stores/new/", store_form, name="store_new"),
    path("merchants/<int:merchant_id>/stores/<int:store_id>/", store_form, name="store_edit"),
    path("merchants/<int:merchant_id>/stores/<int:store_id>/close/", store_close, name="store_close"),
]
