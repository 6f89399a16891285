"""Forms of the official account: binding, the menu, reply rules, answers, pushes."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from shangquan.console.frame import pick
from shangquan.messaging.contracts import AccountCard, AccountKind, Article, Reply
from shangquan.points import door as points

_COLUMNS = (1, 2, 3)


class BindForm(forms.Form):
    appid = forms.CharField(label="AppID", max_length=40, help_text=_("公众平台「设置与开发」里的开发者 ID。"))
    name = forms.CharField(label=_("公众号名称"), max_length=40)
    kind = forms.ChoiceField(
        label=_("类型"), choices=[(AccountKind.SUBSCRIPTION, _("订阅号")), (AccountKind.SERVICE, _("服务号"))]
    )  # fmt: skip
    verified = forms.BooleanField(label=_("已认证"), required=False)

    @classmethod
    def of(cls, card: AccountCard | None) -> "BindForm":
        names = ("appid", "name", "kind", "verified")
        return cls(initial={name: getattr(card, name) for name in names} if card else {})


class MenuForm(forms.Form):
    """Three columns. A column leads somewhere itself, or opens up to five lines of "name address"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in _COLUMNS:
            self.fields[f"name{n}"] = forms.CharField(label=_("第 %(n)s 栏") % {"n": n}, max_length=8, required=False)
            self.fields[f"value{n}"] = forms.CharField(
                label=_("点了去哪"), max_length=300, required=False, help_text=_("网址，或者自动回复的关键词；有子菜单就不填。"),
            )  # fmt: skip
            self.fields[f"subs{n}"] = forms.CharField(
                label=_("子菜单"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("一行一个，最多 5 行：名字 空格 网址或关键词。"),
            )  # fmt: skip

    def body(self) -> dict[str, Any]:
        """The JSON that the platform takes, exactly."""
        buttons = []
        for n in _COLUMNS:
            name = self.cleaned_data[f"name{n}"].strip()
            if not name:
                continue
            subs = [line for line in self.cleaned_data[f"subs{n}"].splitlines() if line.strip()]
            if subs:
                buttons.append({"name": name, "sub_button": [_sub(line) for line in subs]})
            else:
                buttons.append(_button(name, self.cleaned_data[f"value{n}"].strip()))
        return {"button": buttons}

    @classmethod
    def of(cls, body: dict[str, Any]) -> "MenuForm":
        first = {}
        for n, button in zip(_COLUMNS, body.get("button", []), strict=False):
            first[f"name{n}"] = button["name"]
            first[f"value{n}"] = button.get("url") or button.get("key") or ""
            first[f"subs{n}"] = "\n".join(
                f"{sub['name']} {sub.get('url') or sub.get('key') or ''}" for sub in button.get("sub_button", [])
            )
        return cls(initial=first)


def _sub(line: str) -> dict[str, Any]:
    name, _space, value = line.strip().rpartition(" ")
    return _button(name.strip() or value, value if name else "")


def _button(name: str, value: str) -> dict[str, Any]:
    if value.startswith(("http://", "https://")):
        return {"name": name, "type": "view", "url": value}
    return {"name": name, "type": "click", "key": value}


class ArticleForm(forms.Form):
    title = forms.CharField(label=_("标题"), max_length=64)
    description = forms.CharField(
        label=_("摘要"), max_length=120, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
    url = forms.URLField(label=_("打开的网址"), max_length=500, assume_scheme="https")
    picture_url = forms.URLField(label=_("封面图网址"), max_length=500, required=False, assume_scheme="https")

    def article(self) -> Article:
        given = self.cleaned_data
        return Article(given["title"], given["description"], given["url"], given["picture_url"])


class RuleForm(forms.Form):
    keyword = forms.CharField(
        label=_("关键词"), max_length=40, help_text=_("@follow 是关注时，@away 是没有规则能答时。")
    )
    match = forms.ChoiceField(
        label=_("怎么算对上"), choices=[("contains", _("话里有它")), ("exact", _("完全一样"))]
    )  # fmt: skip
    text = forms.CharField(
        label=_("回复文字"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip
    title = forms.CharField(label=_("或者图文：标题"), max_length=64, required=False)
    url = forms.URLField(label=_("图文网址"), max_length=500, required=False, assume_scheme="https")

    def reply(self) -> Reply:
        given = self.cleaned_data
        if given["title"] or given["url"]:
            return Reply(article=Article(given["title"], "", given["url"]))
        return Reply(text=given["text"])


class AnswerForm(forms.Form):
    text = forms.CharField(label=_("回复"), max_length=600, widget=forms.Textarea(attrs={"rows": 2}))


class PushForm(ArticleForm):
    """`tier` narrows whom it is meant for; who did not agree to marketing or does not follow gets nothing anyway."""

    tier = forms.ChoiceField(label=_("发给"), required=False)
    field_order = ("tier", "title", "description", "url", "picture_url")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = [(card.code, pick(card.name, card.name_en)) for card in points.tiers()]
        cast(forms.ChoiceField, self.fields["tier"]).choices = [("", _("全部会员")), *tiers]
