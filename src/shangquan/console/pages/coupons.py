"""Coupons: list, making and changing one with its preview, its life, and what became of it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shangquan.console import coupon_figures, lists, writing
from shangquan.console.coupon_form import CouponForm, form_for, kept, own_merchant
from shangquan.console.coupon_preview import Preview, preview
from shangquan.console.coupon_words import STATES, actions, facts, history, state_of
from shangquan.console.frame import pick, show
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard, CampaignFigures
from shangquan.design import formats
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.kernel import clock, ids, scope
from shangquan.kernel.errors import NOT_FOUND, Refused


@require_safe
@with_right("coupons.read")
def coupon_list(request: HttpRequest) -> HttpResponse:
    """Newest first; a merchant sees what it issues and what works with it. Five queries whatever the number of rows."""
    view, text = request.GET.get("view", ""), request.GET.get("q", "").strip()[:40]
    states = [view] if view in STATES else []
    found = coupons.campaign_lists.campaigns(
        states=states, search=text, before=lists.whole_number(request, "after"), limit=lists.PAGE + 1
    )
    cards = found[: lists.PAGE]
    page = {
        "heading": _("优惠券"),
        "views": lists.views(request, [("", _("全部"), None), *((key, str(w[0]), None) for key, w in STATES.items())]),
        "filters": [],
        "search_text": text,
        "search_hint": _("券名或编号"),
        "rows": _table(cards, lists.cut([card.id for card in found])),
        "page_actions": _may_make(),
    }
    return show(request, "console/coupons.html", page)


@require_http_methods(["GET", "POST"])
@with_right("coupons.edit")
def coupon_new(request: HttpRequest) -> HttpResponse:
    form = CouponForm(request.POST or None, merchant_id=own_merchant())
    if request.method == "POST" and "trial" not in request.POST and form.is_valid():
        draft, now = form.draft(), clock.now()
        made = writing.attempt(request, form, lambda: coupons.draft_campaign(draft, now=now).id)
        if made is not None:
            writing.say(request, _("草稿已保存"))
            return HttpResponseRedirect(reverse("console:coupon", args=[made]))
    return _form_page(request, form, _("新建优惠券"), None)


@require_http_methods(["GET", "POST"])
@with_right("coupons.edit")
def coupon_edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Only a draft or a submitted one changes; the coupons room refuses the rest (C-4098)."""
    card = coupons.campaign_lists.campaign(campaign_id)
    if request.method == "GET":
        return _form_page(request, form_for(card), _("修改优惠券"), card)
    form = CouponForm(request.POST, merchant_id=card.issuer_merchant_id)
    if "trial" not in request.POST and form.is_valid():
        draft, now = kept(form.draft(), card), clock.now()
        if writing.attempt(request, form, lambda: coupons.edit_campaign(campaign_id, draft, now=now).id) is not None:
            writing.say(request, _("草稿已保存"))
            return HttpResponseRedirect(reverse("console:coupon", args=[campaign_id]))
    return _form_page(request, form, _("修改优惠券"), card)


@require_POST
@with_right("coupons.edit")
def coupon_preview(request: HttpRequest) -> HttpResponse:
    """The preview beside the form, as typed so far; `of` names the coupon that is being changed. Nothing is saved."""
    of = lists.whole_number(request, "of")
    issuer = coupons.campaign_lists.campaign(of).issuer_merchant_id if of is not None else own_merchant()
    form = CouponForm(request.POST, merchant_id=issuer)
    return render(request, "console/coupon_preview.html", {"preview": _preview(form, clock.now()), "form": form})


@require_safe
@never_cache
@with_right("coupons.read")
def coupon_detail(request: HttpRequest, campaign_id: int) -> HttpResponse:
    now = clock.now()
    card = coupons.campaign_lists.campaign(campaign_id)
    state, tone = state_of(card)
    page = {
        "heading": pick(card.terms.title_zh, card.terms.title_en),
        "sub": card.number,
        "crumbs": [(_("优惠券"), reverse("console:coupons"))],
        "state": state,
        "state_tone": tone,
        "card": card,
        "facts": facts(card),
        "history": history(card),
        "page_actions": actions(card),
        "may_raise": card.caps.total is not None and card.state in ("published", "paused") and _may_publish(card),
        "may_send_back": card.state == "submitted" and own_merchant() is None and scope.actor().may("coupons.publish"),
        "shown": preview(coupons.draft_of(card), now),
        **coupon_figures.page(card, now),
    }
    return show(request, "console/coupon.html", page)


@require_POST
@with_right("coupons.read")
def coupon_move(request: HttpRequest, campaign_id: int, step: str) -> HttpResponse:
    """Submit, publish, pause, resume, end, send back, add stock: each an action with its audit line."""
    now, here = clock.now(), reverse("console:coupon", args=[campaign_id])
    coupons.campaign_lists.campaign(campaign_id)
    match step:
        case "submit":
            return writing.perform(
                request, lambda: coupons.submit_campaign(campaign_id, now=now), to=here, said=_("已提交，等商圈发布")
            )
        case "publish":
            return writing.perform(
                request, lambda: coupons.publish_campaign(campaign_id, now=now), to=here, said=_("已发布，现在可以领")
            )
        case "pause":
            again = reverse("console:coupon_move", args=[campaign_id, "resume"])
            return writing.perform(
                request, lambda: coupons.pause_campaign(campaign_id), to=here, said=_("已停发"), undo=again
            )
        case "resume":
            return writing.perform(request, lambda: coupons.resume_campaign(campaign_id), to=here, said=_("已恢复领取"))
        case "end":
            return writing.perform(
                request, lambda: coupons.end_campaign(campaign_id, now=now), to=here, said=_("已结束，已领的仍可用")
            )
        case "send-back":
            note = request.POST.get("note", "").strip()
            return writing.perform(
                request, lambda: coupons.send_back_campaign(campaign_id, note), to=here, said=_("已退回")
            )
        case "stock":
            return _stock(request, campaign_id, here, now)
        case _:
            raise Refused(NOT_FOUND)


def _stock(request: HttpRequest, campaign_id: int, here: str, now: datetime) -> HttpResponse:
    """Never fewer than were claimed: the coupons room sees to that."""
    typed = request.POST.get("total", "").strip()
    if not (typed.isascii() and typed.isdigit() and 0 < len(typed) < 10):
        writing.say(request, _("发放总量写一个数，如 2000。"), "bad")
        return HttpResponseRedirect(here)
    return writing.perform(
        request, lambda: coupons.raise_stock(campaign_id, int(typed), now=now), to=here, said=_("发放总量已改")
    )


def _form_page(request: HttpRequest, form: CouponForm, heading: str, card: CampaignCard | None) -> HttpResponse:
    state, tone = state_of(card) if card else (_("草稿"), "plain")
    here = reverse("console:coupon", args=[card.id]) if card else reverse("console:coupons")
    page = {
        "heading": heading,
        "crumbs": [(_("优惠券"), reverse("console:coupons"))],
        "state": state,
        "state_tone": tone,
        "form": form,
        "form_steps": form.steps(),
        "submit_label": _("保存草稿"),
        "cancel": here,
        "draft_key": f"coupon-{card.id if card else 'new'}",
        "idempotency_key": request.POST.get("idempotency_key") or ids.token(),
        "preview": _preview(form, clock.now()) if form.is_bound else _draft_preview(card),
        "preview_url": reverse("console:coupon_preview") + (f"?of={card.id}" if card else ""),
    }
    wrong = form.is_bound and bool(form.errors) and "trial" not in request.POST
    return show(request, "console/coupon_form.html", page, status=422 if wrong else 200)


def _preview(form: CouponForm, now: datetime) -> Preview | None:
    if not form.is_valid():
        return None
    try:
        return preview(form.draft(), now)
    except (Refused, ValueError):
        return None


def _draft_preview(card: CampaignCard | None) -> Preview | None:
    return preview(coupons.draft_of(card), clock.now()) if card else None


def _may_make() -> list[Action]:
    if not scope.actor().may("coupons.edit"):
        return []
    return [Action(_("新建优惠券"), href=reverse("console:coupon_new"), kind="primary", icon="plus")]


def _may_publish(card: CampaignCard) -> bool:
    who = scope.actor()
    return who.may("coupons.publish") and who.merchant_id in (None, card.issuer_merchant_id)


def _table(cards: list[CampaignCard], after: str) -> Table:
    now = clock.now()
    figures = coupons.figures_of_many([card.id for card in cards], now)
    issuers = {card.issuer_merchant_id for card in cards if card.issuer_merchant_id is not None}
    shops = {card.id: pick(card.name, card.name_en) for card in district.merchants(sorted(issuers))}
    return Table(
        columns=[
            Column(_("券名")), Column(_("状态")), Column(_("谁发的"), minor=True), Column(_("发放"), right=True, minor=True),
            Column(_("已领"), right=True), Column(_("核销"), right=True, minor=True), Column(_("核销率"), right=True),
            Column(_("已优惠 ¥"), right=True, minor=True),
        ],
        rows=[_row(card, figures[card.id], shops) for card in cards],
        caption=_("优惠券"),
        after=after,
        empty_sentence=_("还没有券。做一张，放上货架。"),
        empty_action=next(iter(_may_make()), None),
    )  # fmt: skip


def _row(card: CampaignCard, found: CampaignFigures, shops: dict[int, str]) -> TableRow:
    state, tone = state_of(card)
    rate = formats.DASH if found.redeemed_bp is None else formats.percent1(found.redeemed_bp / 10_000)
    issuer = _("商圈") if card.issuer_merchant_id is None else shops.get(card.issuer_merchant_id, "—")
    return TableRow(
        [
            pick(card.terms.title_zh, card.terms.title_en), TableCell(state, tag=tone), issuer,
            _("不限") if card.caps.total is None else formats.whole(card.caps.total), formats.whole(found.claimed),
            formats.whole(found.redeemed), rate, formats.fen_bare(found.amount_fen),
        ],
        id=str(card.id),
        href=reverse("console:coupon", args=[card.id]),
    )  # fmt: skip


urlpatterns_coupons = [
    path("coupons/", coupon_list, name="coupons"),
    path("coupons/new/", coupon_new, name="coupon_new"),
    path("coupons/preview/", coupon_preview, name="coupon_preview"),
    path("coupons/<int:campaign_id>/", coupon_detail, name="coupon"),
    path("coupons/<int:campaign_id>/edit/", coupon_edit, name="coupon_edit"),
    path("coupons/<int:campaign_id>/<slug:step>/", coupon_move, name="coupon_move"),
]
