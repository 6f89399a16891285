from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shangquan.settlement.contracts import LineCard

REASONS = (
    ("coupon", _("券应由商圈承担")),
    ("amount", _("金额不对")),
    ("commission", _("佣金算错")),
    ("refund", _("退款重复或不该退")),
    ("not_ours", _("这单不是我们的")),
    ("other", _("其他")),
)
_PROOF_SIGNS = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


class CloseForm(forms.Form):
    ends_on = forms.DateField(label=_("账期结束日"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class DisputeForm(forms.Form):
    """One line of the chosen row, why, and what the merchant thinks it should be."""

    line_id = forms.TypedChoiceField(label=_("对哪一项有异议"), coerce=int)
    why = forms.ChoiceField(label=_("原因"), choices=REASONS)
    wanted = forms.DecimalField(
        label=_("你认为应为（元）"), required=False, max_digits=12, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip
    text = forms.CharField(label=_("说明"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, lines: list[tuple[LineCard, str]]) -> None:
        super().__init__(data)
        self.fields["line_id"].choices = [(line.id, words) for line, words in lines]  # type: ignore[attr-defined]

    def reason(self) -> str:
        """What the owner reads: the reason's name, the wanted amount, the merchant's own words."""
        given = self.cleaned_data
        words = str(dict(REASONS)[given["why"]])
        wanted = f"（应为 {given['wanted']:.2f} 元）" if given["wanted"] is not None else ""
        return f"{words}{wanted}：{given['text']}"


class AnswerForm(forms.Form):
    """`correct`: what the line should have been, in yuan with its sign; empty leaves the line as it stands."""

    answer = forms.CharField(label=_("答复"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    correct = forms.DecimalField(
        label=_("更正为（元，可为负）"), required=False, max_digits=12, decimal_places=2,
        help_text=_("不填就维持原数；差额进下一个账期，已出的对账单不变。"),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip

    def correct_fen(self) -> int | None:
        amount: Decimal | None = self.cleaned_data["correct"]
        return None if amount is None else int(amount * 100)


class PaidForm(forms.Form):
    bank_reference = forms.CharField(label=_("银行流水号"), max_length=80)
    proof = forms.FileField(label=_("回单"), help_text=_("PDF、PNG 或 JPG，不超过 1.5 MB；商户可以下载。"))

    def clean_proof(self) -> Any:
        """Known by its first bytes, not by its name."""
        file = self.cleaned_data["proof"]
        head = file.read(8)
        file.seek(0)
        file.kind = next((kind for sign, kind in _PROOF_SIGNS.items() if head.startswith(sign)), "")
        if not file.kind or file.size > 1_500_000:
            raise forms.ValidationError(_("回单要是 PDF、PNG 或 JPG，不超过 1.5 MB。"))
        return file
