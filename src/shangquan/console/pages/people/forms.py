"""Forms of merchants, stores and goods. Sums are typed in yuan and kept in fen, shares in percent and kept in basis points."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from shangquan.console.frame import pick
from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard, MerchantDraft, ProductCard, ProductDraft, StoreCard, StoreDraft

_DECIMAL = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"})


def _categories(form: forms.Form) -> None:
    choices = [("", "—"), *((card.code, pick(card.name, card.name_en)) for card in district.categories())]
    cast(forms.ChoiceField, form.fields["category"]).choices = choices


class TermsForm(forms.Form):
    """What the owner grants."""

    commission = forms.DecimalField(
        label=_("佣金（%）"), min_value=0, max_value=100, max_digits=5, decimal_places=2, widget=_DECIMAL,
        help_text=_("从下一笔付款起算。"),
    )  # fmt: skip
    joins_tiers = forms.BooleanField(label=_("参加会员等级折扣"), required=False)
    joins_points = forms.BooleanField(label=_("参加积分"), required=False)

    def terms(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "commission_bp": int(given["commission"] * 100),
            "joins_tiers": given["joins_tiers"],
            "joins_points": given["joins_points"],
        }

    @classmethod
    def of(cls, card: MerchantCard) -> "TermsForm":
        first = {"commission": Decimal(card.commission_bp) / 100, "joins_tiers": card.joins_tiers,
                 "joins_points": card.joins_points}  # fmt: skip
        return cls(initial=first)


class CardForm(forms.Form):
    """What a merchant shows of itself."""

    name = forms.CharField(label=_("名称"), max_length=60)
    name_en = forms.CharField(label=_("英文名"), max_length=80, required=False)
    category = forms.ChoiceField(label=_("业态"), required=False)
    story = forms.CharField(
        label=_("介绍"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _categories(self)

    @classmethod
    def of(cls, card: MerchantCard) -> "CardForm":
        codes = {row.id: row.code for row in district.categories()}
        first = {"name": card.name, "name_en": card.name_en, "story": card.story,
                 "category": codes.get(card.category_id or 0, "")}  # fmt: skip
        return cls(initial=first)


class StoreForm(forms.Form):
    name = forms.CharField(label=_("门店名"), max_length=60)
    name_en = forms.CharField(label=_("英文名"), max_length=80, required=False)
    unit = forms.CharField(label=_("铺位"), max_length=20, help_text=_("如 2F-207、B1-012。"))
    floor = forms.ChoiceField(label=_("楼层"), required=False, help_text=_("不选就按铺位号定。"))
    open_from = forms.TimeField(label=_("开门"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    open_to = forms.TimeField(label=_("关门"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    tables = forms.IntegerField(label=_("桌数"), min_value=0, max_value=999, initial=0, help_text=_("没有堂食写 0。"))
    phone = forms.CharField(
        label=_("电话"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((card.code, pick(card.name, card.name_en)) for card in district.floors())]
        cast(forms.ChoiceField, self.fields["floor"]).choices = choices

    def draft(self) -> StoreDraft:
        return StoreDraft(**self.cleaned_data)

    @classmethod
    def of(cls, card: StoreCard) -> "StoreForm":
        floors = {floor.id: floor.code for floor in district.floors()}
        first = {
            name: getattr(card, name) for name in ("name", "name_en", "unit", "open_from", "open_to", "tables", "phone")
        }
        return cls(initial=first | {"floor": floors.get(card.floor_id or 0, "")})


class MerchantForm(CardForm):
    """An application, taken down for the merchant; its first store may come with it."""

    contact_name = forms.CharField(label=_("联系人"), max_length=40, required=False)
    contact_phone = forms.CharField(
        label=_("联系电话"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )  # fmt: skip
    unit = forms.CharField(
        label=_("第一家店的铺位"), max_length=20, required=False, help_text=_("如 2F-207；可以以后再加。")
    )

    def draft(self) -> MerchantDraft:
        given = dict(self.cleaned_data)
        unit = given.pop("unit")
        stores = (StoreDraft(name=given["name"], name_en=given["name_en"], unit=unit),) if unit else ()
        return MerchantDraft(**given, stores=stores)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=200)


class ProductForm(forms.Form):
    name = forms.CharField(label=_("商品名"), max_length=60)
    name_en = forms.CharField(label=_("英文名"), max_length=80, required=False)
    barcode = forms.CharField(
        label=_("条码"), max_length=13, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("13 位；菜品、服务可以没有。"),
    )  # fmt: skip
    spec = forms.CharField(label=_("规格"), max_length=60, required=False)
    price = forms.DecimalField(
        label=_("价格（元）"), min_value=0, max_value=1_000_000, max_digits=9, decimal_places=2, widget=_DECIMAL
    )  # fmt: skip
    category = forms.CharField(label=_("分类"), max_length=40, required=False)
    points_times = forms.DecimalField(
        label=_("积分倍数"), min_value=0, max_value=10, max_digits=4, decimal_places=2, initial=Decimal("1"),
        widget=_DECIMAL,
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("在售"), required=False, initial=True)

    def draft(self, picture: str = "") -> ProductDraft:
        given = dict(self.cleaned_data)
        price, times = given.pop("price"), given.pop("points_times")
        return ProductDraft(
            **given, price_fen=int(price * 100), points_multiplier_bp=int(times * 10_000), picture=picture
        )

    @classmethod
    def of(cls, card: ProductCard) -> "ProductForm":
        names = ("name", "name_en", "barcode", "spec", "category", "is_active")
        first = {name: getattr(card, name) for name in names}
        first |= {"price": Decimal(card.price_fen) / 100, "points_times": Decimal(card.points_multiplier_bp) / 10_000}
        return cls(initial=first)
