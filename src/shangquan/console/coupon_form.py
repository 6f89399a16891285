"""The form that makes a coupon: what is typed becomes a draft of the coupons room, and a draft becomes typed again."""

from dataclasses import replace
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shangquan.console.fields import MomentField, YuanField
from shangquan.console.frame import pick
from shangquan.coupons.contracts import (
    OWNER,
    REDEEMER,
    Audience,
    CampaignCard,
    CampaignDraft,
    Caps,
    CouponKind,
    CouponTerms,
    Hours,
    PayerShare,
    Scope,
    Source,
    Stacking,
    Validity,
)
from shangquan.design.contracts import Step
from shangquan.district import door as district
from shangquan.kernel import scope
from shangquan.points import door as points

KINDS = (
    (CouponKind.CASH.value, gettext_lazy("满减券")),
    (CouponKind.DISCOUNT.value, gettext_lazy("折扣券")),
    (CouponKind.EXCHANGE.value, gettext_lazy("兑换券")),
    (CouponKind.GROUP_BUY.value, gettext_lazy("团购券")),
    (CouponKind.ECASH.value, gettext_lazy("现金券")),
    (CouponKind.PARKING.value, gettext_lazy("停车券")),
)
SOURCES = (
    (Source.SHELF.value, gettext_lazy("货架")),
    (Source.FOLLOW.value, gettext_lazy("关注公众号")),
    (Source.STREET_VIEW.value, gettext_lazy("逛街实景")),
    (Source.WIFI.value, "WiFi"),
    (Source.SHAKE.value, gettext_lazy("摇一摇")),
    (Source.RECEIPT.value, gettext_lazy("小票")),
    (Source.ACTIVITY.value, gettext_lazy("活动")),
    (Source.PAY_PAGE.value, gettext_lazy("付款页")),
    (Source.SHARE.value, gettext_lazy("分享")),
    (Source.JOURNEY.value, gettext_lazy("自动发放")),
    (Source.GIFT.value, gettext_lazy("转赠")),
)
TOGETHER = (
    ("any", gettext_lazy("可与其他券、积分同用")),
    ("no_points", gettext_lazy("不与积分同用")),
    ("alone", gettext_lazy("不与任何优惠同用")),
)
WEEKDAYS = tuple(
    enumerate(
        (
            gettext_lazy("周一"),
            gettext_lazy("周二"),
            gettext_lazy("周三"),
            gettext_lazy("周四"),
            gettext_lazy("周五"),
            gettext_lazy("周六"),
            gettext_lazy("周日"),
        )
    )
)
NEEDED = {
    CouponKind.CASH: ("amount",),
    CouponKind.ECASH: ("amount",),
    CouponKind.DISCOUNT: ("zhe",),
    CouponKind.EXCHANGE: ("products",),
    CouponKind.GROUP_BUY: ("products",),
    CouponKind.PARKING: ("minutes",),
}
PARTS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("what", gettext_lazy("券种与名称"), ("kind", "title_zh", "title_en")),
    ("terms", gettext_lazy("门槛与优惠"), ("min_spend", "amount", "zhe", "cap", "fixed_price", "minutes", "products", "together")),
    ("issue", gettext_lazy("发放与时间"), ("total", "per_member", "per_day", "tiers", "joined_within_days", "claim_from", "claim_to",
                             "ends_at", "days", "is_giftable", "block_redeem_when_paused")),
    ("cost", gettext_lazy("费用分摊"), ("owner_percent", "budget")),
    ("where", gettext_lazy("适用范围"), ("merchants", "stores", "weekdays", "hours_from", "hours_to")),
    ("ways", gettext_lazy("投放与说明"), ("sources", "about_zh", "about_en")),
)  # fmt: skip


class CouponForm(forms.Form):
    """`merchant_id` None: the owner's form, which names merchants and splits the cost; else that merchant's own."""

    kind = forms.ChoiceField(label=gettext_lazy("券种"), choices=KINDS, widget=forms.RadioSelect, initial="cash")
    title_zh = forms.CharField(label=gettext_lazy("券名"), max_length=40)
    title_en = forms.CharField(label=gettext_lazy("英文名"), max_length=80, required=False)
    min_spend = YuanField(label=gettext_lazy("满"), required=False)
    amount = YuanField(label=gettext_lazy("减"), required=False)
    zhe = forms.DecimalField(
        label=gettext_lazy("打几折"),
        min_value=0,
        max_value=10,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("8.5 就是 8.5 折"),
    )
    cap = YuanField(label=gettext_lazy("最高减"), required=False)
    fixed_price = YuanField(label=gettext_lazy("换购价"), required=False, help_text=gettext_lazy("不填是免费兑换"))
    minutes = forms.IntegerField(label=gettext_lazy("停车分钟"), min_value=1, max_value=10_000, required=False)
    products = forms.MultipleChoiceField(label=gettext_lazy("商品"), required=False)
    together = forms.ChoiceField(label=gettext_lazy("同用规则"), choices=TOGETHER, initial="any")
    total = forms.IntegerField(label=gettext_lazy("发放总量"), min_value=1, max_value=10**8, required=False)
    per_member = forms.IntegerField(
        label=gettext_lazy("每人限领"), min_value=1, max_value=10**8, required=False, initial=1
    )
    per_day = forms.IntegerField(label=gettext_lazy("每天最多"), min_value=1, max_value=10**8, required=False)
    tiers = forms.MultipleChoiceField(
        label=gettext_lazy("谁能领"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不选就是全部会员"),
    )
    joined_within_days = forms.IntegerField(
        label=gettext_lazy("入会不超过"), min_value=1, max_value=3650, required=False
    )
    claim_from = MomentField(label=gettext_lazy("开始领取"), required=False)
    claim_to = MomentField(label=gettext_lazy("领取截止"), required=False)
    ends_at = MomentField(label=gettext_lazy("使用截止"), required=False)
    days = forms.IntegerField(label=gettext_lazy("或领取后有效"), min_value=1, max_value=3650, required=False)
    is_giftable = forms.BooleanField(label=gettext_lazy("可转赠好友"), required=False, initial=True)
    block_redeem_when_paused = forms.BooleanField(label=gettext_lazy("暂停时已领的也不能用"), required=False)
    owner_percent = forms.IntegerField(
        label=gettext_lazy("商圈承担"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("其余由核销的商户承担"),
    )
    budget = YuanField(label=gettext_lazy("预算"), required=False)
    merchants = forms.MultipleChoiceField(
        label=gettext_lazy("商户"), required=False, help_text=gettext_lazy("都不选就是全场通用")
    )
    stores = forms.MultipleChoiceField(
        label=gettext_lazy("门店"), required=False, help_text=gettext_lazy("都不选就是全部门店")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("星期"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不选就是每天"),
    )  # fmt: skip
    hours_from = forms.TimeField(
        label=gettext_lazy("每天从"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    hours_to = forms.TimeField(label=gettext_lazy("到"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    sources = forms.MultipleChoiceField(
        label=gettext_lazy("在哪里能领"), choices=SOURCES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不选就是处处可领"),
    )  # fmt: skip
    about_zh = forms.CharField(
        label=gettext_lazy("说明"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    about_en = forms.CharField(
        label=gettext_lazy("英文说明"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, merchant_id: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.merchant_id = merchant_id
        goods = district.products(merchant_id)
        self._choose("products", [(str(card.id), f"{card.name} ¥{card.price_fen / 100:.2f}") for card in goods])
        self._choose("tiers", [(tier.code, pick(tier.name, tier.name_en)) for tier in points.tiers()])
        if merchant_id is None:
            shops = [card for card in district.merchants() if card.is_active]
            self._choose("merchants", [(str(card.id), pick(card.name, card.name_en)) for card in shops])
            del self.fields["stores"]
        else:
            stores = district.stores(merchant_id=merchant_id)
            self._choose("stores", [(str(card.id), f"{pick(card.name, card.name_en)} {card.unit}") for card in stores])
            del self.fields["merchants"], self.fields["owner_percent"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """What the kind needs stands where it is typed; the rest is the coupons room's to refuse."""
        typed = super().clean() or self.cleaned_data
        kind = CouponKind(typed["kind"]) if typed.get("kind") else CouponKind.CASH
        for name in NEEDED[kind]:
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, _("这种券要填这一项。"))
        if not typed.get("ends_at") and not typed.get("days") and "ends_at" not in self.errors:
            self.add_error("ends_at", _("填使用截止，或领取后有效几天。"))
        ends, claim_to = typed.get("ends_at"), typed.get("claim_to")
        if ends and claim_to and claim_to > ends:
            self.add_error("claim_to", _("领取截止不能晚于使用截止。"))
        if bool(typed.get("hours_from")) != bool(typed.get("hours_to")):
            self.add_error("hours_to", _("开始和结束的时间要一起填。"))
        return typed

    def draft(self) -> CampaignDraft:
        """Only of a valid form."""
        typed = self.cleaned_data
        kind = CouponKind(typed["kind"])
        return CampaignDraft(
            terms=self._terms(typed, kind),
            validity=Validity(ends_at=typed["ends_at"], days=typed["days"]),
            caps=Caps(typed["total"], typed["per_day"], typed["per_member"]),
            claim_from=typed["claim_from"],
            claim_to=typed["claim_to"],
            audience=Audience(frozenset(typed["tiers"]), typed["joined_within_days"]),
            sources=frozenset(Source(one) for one in typed["sources"]),
            is_giftable=typed["is_giftable"],
            block_redeem_when_paused=typed["block_redeem_when_paused"],
            budget_fen=typed["budget"],
            about_zh=typed["about_zh"],
            about_en=typed["about_en"],
        )

    def _terms(self, typed: dict[str, Any], kind: CouponKind) -> CouponTerms:
        goods = [int(one) for one in typed["products"]]
        payable = round(typed["zhe"] * 1000) if kind is CouponKind.DISCOUNT else 10_000
        return CouponTerms(
            campaign_id=0,
            kind=kind,
            title_zh=typed["title_zh"],
            title_en=typed["title_en"],
            min_spend_fen=typed["min_spend"] or 0,
            amount_fen=(typed["amount"] or 0) if kind in (CouponKind.CASH, CouponKind.ECASH) else 0,
            payable_bp=payable,
            cap_fen=typed["cap"] if kind is CouponKind.DISCOUNT else None,
            fixed_price_fen=(typed["fixed_price"] or 0) if kind is CouponKind.EXCHANGE else 0,
            items=tuple((one, 1) for one in goods) if kind is CouponKind.GROUP_BUY else (),
            minutes=(typed["minutes"] or 0) if kind is CouponKind.PARKING else 0,
            scope=self._scope(typed, kind, goods),
            weekdays=frozenset(typed["weekdays"]),
            hours=_hours(typed["hours_from"], typed["hours_to"]),
            stacking=_stacking(typed["together"], self.merchant_id),
            payers=_payers(typed.get("owner_percent"), self.merchant_id),
            issuer_id=self.merchant_id,
        )

    def _scope(self, typed: dict[str, Any], kind: CouponKind, goods: list[int]) -> Scope:
        here = [self.merchant_id] if self.merchant_id is not None else [int(one) for one in typed["merchants"]]
        stores = frozenset(int(one) for one in typed.get("stores", ()))
        products = frozenset(goods) if kind is not CouponKind.GROUP_BUY else frozenset()
        return Scope(merchants_in=frozenset(here), stores_in=stores, products_in=products)

    def steps(self) -> list[Step]:
        """The parts of the form with how each stands."""
        found: list[Step] = []
        for at, (key, label, names) in enumerate(PARTS):
            mine = [name for name in names if name in self.fields]
            wrong = self.is_bound and any(name in self.errors for name in mine)
            done = self.is_bound and not wrong
            state = "wrong" if wrong else "done" if done else "now" if at == 0 else "ahead"
            found.append(Step(str(label), href=f"#part-{key}", state=state))  # type: ignore[arg-type]
        return found


def form_for(card: CampaignCard) -> CouponForm:
    """A form filled with what a campaign says."""
    return CouponForm(initial=typed_of(card), merchant_id=card.issuer_merchant_id)


def typed_of(card: CampaignCard) -> dict[str, Any]:
    terms = card.terms
    owner = sum(share.bp for share in terms.payers if share.payer == OWNER)
    goods = terms.scope.products_in or {product for product, _pieces in terms.items}
    span = terms.hours[0] if terms.hours else None
    together = "alone" if terms.stacking.exclusive else "any" if terms.stacking.with_points else "no_points"
    return {
        "kind": card.kind.value, "title_zh": terms.title_zh, "title_en": terms.title_en,
        "min_spend": terms.min_spend_fen or None, "amount": terms.amount_fen or None,
        "zhe": terms.payable_bp / 1000 if card.kind is CouponKind.DISCOUNT else None, "cap": terms.cap_fen,
        "fixed_price": terms.fixed_price_fen or None, "minutes": terms.minutes or None,
        "products": [str(one) for one in goods], "together": together, "total": card.caps.total,
        "per_member": card.caps.per_member, "per_day": card.caps.per_day, "tiers": sorted(card.audience.tiers),
        "joined_within_days": card.audience.joined_within_days, "claim_from": card.claim_from,
        "claim_to": card.claim_to, "ends_at": card.validity.ends_at, "days": card.validity.days,
        "is_giftable": card.is_giftable, "block_redeem_when_paused": card.block_redeem_when_paused,
        "owner_percent": owner // 100, "budget": card.budget_fen,
        "merchants": [str(one) for one in terms.scope.merchants_in],
        "stores": [str(one) for one in terms.scope.stores_in], "weekdays": sorted(terms.weekdays),
        "hours_from": _clock(span.start) if span else None, "hours_to": _clock(span.end) if span else None,
        "sources": sorted(card.sources), "about_zh": card.about_zh, "about_en": card.about_en,
    }  # fmt: skip


def kept(draft: CampaignDraft, card: CampaignCard) -> CampaignDraft:
    """An edited draft with what the form does not ask: the first day of use, further hours, price, other payers."""
    validity = replace(
        draft.validity, starts_at=card.validity.starts_at, begins_after_days=card.validity.begins_after_days
    )
    stacking = replace(draft.terms.stacking, group=card.terms.stacking.group, per_bill=card.terms.stacking.per_bill)
    terms = replace(draft.terms, stacking=stacking, sold_fen=card.terms.sold_fen)
    if any(share.payer not in (OWNER, REDEEMER) for share in card.terms.payers):
        terms = replace(terms, payers=card.terms.payers)
    return replace(draft, terms=terms, validity=validity)


def _payers(owner_percent: int | None, merchant_id: int | None) -> tuple[PayerShare, ...]:
    part = 0 if merchant_id is not None else 100 if owner_percent is None else owner_percent
    shares = (PayerShare(OWNER, part * 100), PayerShare(REDEEMER, 10_000 - part * 100))
    return tuple(share for share in shares if share.bp)


def _stacking(together: str, merchant_id: int | None) -> Stacking:
    group = "default" if merchant_id is not None else "district"
    return Stacking(group=group, exclusive=together == "alone", with_points=together == "any")


def _hours(start: time | None, end: time | None) -> tuple[Hours, ...]:
    if start is None or end is None:
        return ()
    return (Hours(start.hour * 60 + start.minute, (end.hour * 60 + end.minute) or 1440),)


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def own_merchant() -> int | None:
    """Whose coupon the acting person makes: their own merchant's, or the district's."""
    return scope.actor().merchant_id
