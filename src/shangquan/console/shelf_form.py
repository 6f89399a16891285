"""What is asked for a shelf and for a code that leads to it."""

from django import forms
from django.utils.translation import gettext_lazy

from shangquan.console.fields import MomentField
from shangquan.coupons.contracts import Source

# What a shelf's code is put up as: the word that claims through it are counted under, and how people call it.
DEPLOYMENTS = (
    (Source.SHELF.value, gettext_lazy("线下立牌")),
    (Source.SHAKE.value, gettext_lazy("摇一摇")),
    (Source.STREET_VIEW.value, gettext_lazy("逛街实景")),
    (Source.WIFI.value, "WiFi"),
    (Source.RECEIPT.value, gettext_lazy("小票")),
    (Source.SHARE.value, gettext_lazy("其他")),
)


class ShelfForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("货架名"), max_length=40)
    title_en = forms.CharField(label=gettext_lazy("英文名"), max_length=60, required=False)
    about = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    deadline = MomentField(label=gettext_lazy("报名截止"))
    shown_from = MomentField(label=gettext_lazy("展示从"), required=False)
    shown_to = MomentField(label=gettext_lazy("展示到"), required=False)


class CodeForm(forms.Form):
    source = forms.ChoiceField(label=gettext_lazy("放在哪种地方"), choices=DEPLOYMENTS)
    place = forms.CharField(
        label=gettext_lazy("点位"), max_length=60, help_text=gettext_lazy("如「1F 正门立牌」，各点位分开计数")
    )
