"""Form fields that speak as people type: yuan, a discount in 折, moments of the district's clock."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shangquan.kernel.errors import Refused
from shangquan.kernel.money import parse_yuan, yuan


class YuanField(forms.CharField):
    """Typed in yuan, kept in integer fen; empty is None. Full-width digits, commas and ¥ are understood."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20}), **options)

    def prepare_value(self, value: Any) -> Any:
        return yuan(value).replace(",", "") if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except Refused:
            raise ValidationError(_("金额写成 158 或 158.50 这样。")) from None


class MomentField(forms.DateTimeField):
    """A date and time of the district's clock."""

    def __init__(self, **options: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=picker, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"], **options)
