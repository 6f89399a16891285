"""How a coupon would look and what it would do: faces, the rule as a sentence, a trial bill, the worst case."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from shangquan.checkout import door as checkout
from shangquan.console import faces
from shangquan.console.frame import pick
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import Basket, CampaignDraft, CouponKind, CouponTerms, Line
from shangquan.design import formats
from shangquan.design.contracts import Action, SumLine, Ticket
from shangquan.district import door as district
from shangquan.district.contracts import StoreCard
from shangquan.kernel.errors import Refused
from shangquan.tenancy import door as tenancy


@dataclass(frozen=True)
class Preview:
    """`trial` are the till's lines; `why_not` says why the trial basket would not take the coupon."""

    shelf: Ticket
    wallet: Ticket
    sentence: str
    trial: tuple[SumLine, ...]
    why_not: str
    cost: tuple[SumLine, ...]
    warning: str


def preview(draft: CampaignDraft, now: datetime, typed_fen: int | None = None) -> Preview:
    """Of a draft that may still be wrong in what the coupons room refuses; the refusal is the warning then."""
    card = coupons.preview_ticket(draft, now)
    lines, why_not = trial(draft, now, typed_fen)
    return Preview(
        shelf=faces.face(card, Action(_("领取"), why_not="", kind="primary", small=True)),
        wallet=replace(faces.face(card), note=_("付款时自动抵扣"), note_tone="ok"),
        sentence=sentence(draft),
        trial=lines,
        why_not=why_not,
        cost=cost(draft),
        warning=_warning(draft, now),
    )


def sentence(draft: CampaignDraft) -> str:
    """What the rule says, as one would tell a friend."""
    terms = draft.terms
    limit = draft.caps.per_member
    who = _("每人可领 %(n)s 张；") % {"n": limit} if limit else _("每人不限张数；")
    spend = _("消费满 %(sum)s，") % {"sum": formats.fen(terms.min_spend_fen)} if terms.min_spend_fen else ""
    return who + _("在%(place)s，") % {"place": _place(terms)} + spend + _deed(terms) + "；" + _until(draft) + "。"


def trial(draft: CampaignDraft, now: datetime, typed_fen: int | None = None) -> tuple[tuple[SumLine, ...], str]:
    """A bill of `typed_fen`, or one that just meets the rule, priced by the engine that prices real bills."""
    basket = _basket(draft.terms, typed_fen)
    if basket is None:
        return (), _("没有能试算的门店。")
    quote = checkout.trial(basket, draft.terms, now=_a_good_moment(draft, now))
    lines = [SumLine(_("商品合计"), quote.list_fen)]
    lines += [SumLine(pick(one.title_zh, one.title_en), -one.amount_fen, is_off=True) for one in quote.deductions]
    lines.append(SumLine(_("应收"), quote.payable_fen, is_total=True))
    why = pick(quote.not_used[0].why.zh, quote.not_used[0].why.en) if quote.not_used else ""
    return tuple(lines), why


def cost(draft: CampaignDraft) -> tuple[SumLine, ...]:
    """The worst case, all pieces used at their most, and who bears it."""
    worst = coupons.worst_cost(draft)
    if worst is None:
        return ()
    lines = [SumLine(_("全部用掉最多花"), worst, is_total=True)]
    if draft.budget_fen is not None:
        lines.append(SumLine(_("预算"), draft.budget_fen))
    for share in draft.terms.payers:
        name = _("其中商圈") if share.payer == "owner" else _("其中商户")
        lines.append(SumLine(name, worst * share.bp // 10_000))
    return tuple(lines)


def _warning(draft: CampaignDraft, now: datetime) -> str:
    worst = coupons.worst_cost(draft)
    if draft.budget_fen is not None and worst is not None and worst > draft.budget_fen and draft.caps.total:
        each = worst // draft.caps.total
        words = {"worst": formats.fen(worst), "budget": formats.fen(draft.budget_fen), "n": draft.budget_fen // each}
        return _("最多要花 %(worst)s，超过预算 %(budget)s；预算够 %(n)s 张。") % words
    try:
        coupons.check_draft(draft, now)
    except Refused as refused:
        return pick(refused.zh, refused.en)
    return ""


def _place(terms: CouponTerms) -> str:
    wanted = sorted(terms.scope.merchants_in)
    if not wanted:
        return _("全场")
    names = [pick(card.name, card.name_en) for card in district.merchants(wanted)]
    return "、".join(names[:3]) + (_(" 等 %(n)s 家") % {"n": len(names)} if len(names) > 3 else "")


def _deed(terms: CouponTerms) -> str:
    match terms.kind:
        case CouponKind.CASH:
            return _("付款时自动减 %(sum)s") % {"sum": formats.fen(terms.amount_fen)}
        case CouponKind.ECASH:
            return _("当 %(sum)s 现金用") % {"sum": formats.fen(terms.amount_fen)}
        case CouponKind.DISCOUNT:
            zhe = formats.zhe(terms.payable_bp // 100, "zh-hans") if terms.payable_bp % 100 == 0 else ""
            words = zhe or f"{terms.payable_bp / 100:g}%"
            most = _("，最高减 %(sum)s") % {"sum": formats.fen(terms.cap_fen)} if terms.cap_fen else ""
            return _("付款时自动打 %(zhe)s") % {"zhe": words} + most
        case CouponKind.EXCHANGE:
            price = formats.fen(terms.fixed_price_fen)
            return _("指定商品 %(sum)s 换 1 件") % {"sum": price} if terms.fixed_price_fen else _("指定商品免费换 1 件")
        case CouponKind.GROUP_BUY:
            return _("凭券领套餐里的 %(n)s 件") % {"n": sum(pieces for _id, pieces in terms.items)}
        case CouponKind.PARKING:
            return _("停车免 %(n)s 分钟") % {"n": terms.minutes}


def _until(draft: CampaignDraft) -> str:
    if draft.validity.ends_at is not None:
        local = tenancy.local(draft.validity.ends_at)
        return _("%(at)s 前用完") % {"at": f"{local:%Y-%m-%d %H:%M}"}
    return _("领取后 %(n)s 天内用完") % {"n": draft.validity.days}


def _basket(terms: CouponTerms, typed_fen: int | None) -> Basket | None:
    """One line at a shop where the coupon works: a named product, or an amount."""
    shops = terms.scope.merchants_in
    stores = [
        card
        for card in district.stores(terms.scope.stores_in or None)
        if card.is_trading and (not shops or card.merchant_id in shops)
    ]
    if not stores:
        return None
    store = stores[0]
    wanted = sorted(terms.scope.products_in or {product for product, _n in terms.items})
    if wanted and typed_fen is None:
        goods = district.products(ids=wanted)
        lines = [
            Line(at, card.id, None, card.merchant_id, _store_of(stores, card.merchant_id), 1, card.price_fen, card.name)
            for at, card in enumerate(goods, 1)
        ]
        if lines:
            return Basket(tuple(lines))
    fen = typed_fen if typed_fen is not None else max(terms.min_spend_fen, terms.amount_fen, 10_000)
    product = wanted[0] if wanted else None
    return Basket((Line(1, product, None, store.merchant_id, store.id, 1, fen, _("商品")),))


def _store_of(stores: list[StoreCard], merchant_id: int) -> int:
    return next((card.id for card in stores if card.merchant_id == merchant_id), stores[0].id)


def _a_good_moment(draft: CampaignDraft, now: datetime) -> datetime:
    """Now, or the first moment at which pieces are valid, so that a coupon of next week can be tried today."""
    return max(now, draft.validity.starts_at or now)
