"""The official account: its binding, what it may do and why not (C1), the menu (C2), reply rules and the inbox (C3)."""

import json
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shangquan.console import lists
from shangquan.console.frame import pick, show
from shangquan.console.menu import address
from shangquan.console.pages.setup.account_forms import AnswerForm, BindForm, MenuForm, RuleForm
from shangquan.console.panels import Panel
from shangquan.console.writing import attempt, perform, say, sentence
from shangquan.design.contracts import Action, Column, Table, TableCell, TableRow
from shangquan.identity.door import staff_only, with_right
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.members import door as members
from shangquan.messaging import door as messaging
from shangquan.messaging.contracts import AccountKind, Capability, InMessageCard, RuleCard
from shangquan.tenancy import door as tenancy


@require_safe
@staff_only
def account(request: HttpRequest) -> HttpResponse:
    _either("accounts.bind", "messages.manage")
    return _account_page(request)


@require_POST
@with_right("accounts.bind")
def bind(request: HttpRequest) -> HttpResponse:
    form = BindForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        made = attempt(
            request, form,
            lambda: messaging.bind_account(
                appid=given["appid"].strip(), name=given["name"], kind=AccountKind(given["kind"]),
                verified=given["verified"], now=clock.now(),
            ),
            field="appid",
        )  # fmt: skip
        if made is not None:
            say(request, _("公众号已绑定。"))
            return HttpResponseRedirect(reverse("console:account"))
    return _account_page(request, form, status=400)


@require_POST
@with_right("messages.manage")
def capability(request: HttpRequest, name: str) -> HttpResponse:
    if name not in set(Capability):
        raise Refused(FORBIDDEN, right="messages.manage")
    on = request.POST.get("on") == "1"
    appid = messaging.account().appid
    return perform(
        request, lambda: messaging.switch_capability(appid=appid, capability=Capability(name), on=on) and None,
        to=reverse("console:account"), said=_("已打开。") if on else _("已关掉，靠它的功能会换别的办法。"),
    )  # fmt: skip


@require_safe
@with_right("messages.manage")
def menu(request: HttpRequest) -> HttpResponse:
    return _menu_page(request)


@require_POST
@with_right("messages.manage")
def menu_save(request: HttpRequest) -> HttpResponse:
    form, tag = MenuForm(request.POST), request.POST.get("tag", "").strip()[:30]
    if form.is_valid():
        made = attempt(request, form, lambda: messaging.save_menu(body=form.body(), tag=tag, now=clock.now()))
        if made is not None:
            say(request, _("菜单已存，还没发布。"))
            return HttpResponseRedirect(f"{reverse('console:account_menu')}{f'?tag={tag}' if tag else ''}")
    return _menu_page(request, form, tag, status=400)


@require_POST
@with_right("messages.manage")
def menu_publish(request: HttpRequest) -> HttpResponse:
    """Outside any transaction: the platform is called."""
    try:
        messaging.publish_menu(now=clock.now())
    except Refused as refused:
        if refused.reason is FORBIDDEN:
            raise
        say(request, sentence(refused), "bad")
    else:
        say(request, _("菜单已发布，手机上几分钟内看到。"))
    return HttpResponseRedirect(reverse("console:account_menu"))


@require_safe
@with_right("messages.manage")
def rules(request: HttpRequest) -> HttpResponse:
    return _rules_page(request)


@require_POST
@with_right("messages.manage")
def rule_save(request: HttpRequest) -> HttpResponse:
    form = RuleForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        made = attempt(
            request, form,
            lambda: messaging.save_reply_rule(keyword=given["keyword"], match=given["match"], reply=form.reply()),
            field="keyword",
        )  # fmt: skip
        if made is not None:
            say(request, _("自动回复已存。"))
            return HttpResponseRedirect(reverse("console:reply_rules"))
    return _rules_page(request, form, status=400)


@require_POST
@with_right("messages.manage")
def rule_delete(request: HttpRequest, rule_id: int) -> HttpResponse:
    return perform(
        request, lambda: messaging.delete_reply_rule(rule_id=rule_id), to=reverse("console:reply_rules"), said=_("已删掉。")
    )  # fmt: skip


@require_safe
@with_right("messages.reply")
def inbox(request: HttpRequest) -> HttpResponse:
    return _inbox_page(request)


@require_POST
@with_right("messages.reply")
def inbox_answer(request: HttpRequest, message_id: int) -> HttpResponse:
    form = AnswerForm(request.POST, auto_id=f"m{message_id}_%s")
    if form.is_valid():
        text = form.cleaned_data["text"]
        made = attempt(
            request, form, lambda: messaging.answer(message_id=message_id, text=text, now=clock.now()), field="text"
        )
        if made is not None:
            say(request, _("已回复。"))
            return HttpResponseRedirect(reverse("console:inbox"))
    return _inbox_page(request, (message_id, form), status=400)


def _account_page(request: HttpRequest, form: BindForm | None = None, status: int = 200) -> HttpResponse:
    who = scope.actor()
    found = messaging.main_account()
    kinds = {AccountKind.SUBSCRIPTION: _("订阅号"), AccountKind.SERVICE: _("服务号")}
    facts = [
        (_("名称"), found.name), ("AppID", found.appid), (_("类型"), kinds[found.kind]),
        (_("认证"), _("已认证") if found.verified else _("没认证")),
    ] if found else [(_("公众号"), _("还没有绑定"))]  # fmt: skip
    bind_panel = Panel(
        _("绑定或改资料"), form=form or BindForm.of(found), post=reverse("console:account_bind"), label=_("保存")
    )  # fmt: skip
    page = {
        "heading": _("公众号"), "facts": facts,
        "panels": [Panel(_("能做什么"), table=_scenarios()), Panel(_("微信接口"), table=_capabilities()), *_switches()],
        "side_panels": [bind_panel] if who.may("accounts.bind") else [],
        "page_actions": [
            Action(_("菜单"), href=reverse("console:account_menu"), icon="menu"),
            Action(_("自动回复"), href=reverse("console:reply_rules"), icon="message"),
        ] if who.may("messages.manage") else [],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _scenarios() -> Table:
    rows = [
        TableRow(
            [
                pick(card.zh, card.en),
                TableCell(_("可以用"), tag="ok") if card.on else TableCell(_("用不了"), tag="plain"),
                "；".join(dict.fromkeys(pick(one.reason_zh, one.reason_en) for one in card.missing)),
            ]
        )
        for card in messaging.scenarios()
    ]
    return Table(
        [Column(_("功能")), Column(_("现在")), Column(_("为什么"))], rows, caption=_("能做什么"), total=len(rows)
    )


def _capabilities() -> Table:
    rows = [
        TableRow(
            [
                pick(card.zh, card.en),
                TableCell(_("开着"), tag="ok") if card.on else TableCell(_("用不了"), tag="plain"),
                pick(card.reason_zh, card.reason_en),
            ]
        )
        for card in messaging.capabilities()
    ]
    return Table(
        [Column(_("接口")), Column(_("现在")), Column(_("为什么"))], rows, caption=_("微信接口"), total=len(rows)
    )


def _switches() -> list[Panel]:
    """Interfaces that the account has may be stopped by hand, and taken up again."""
    found = messaging.main_account()
    if found is None or not scope.actor().may("messages.manage"):
        return []
    actions = [
        Action(
            (_("停用「{name}」") if card.on else _("恢复「{name}」")).format(name=pick(card.zh, card.en)),
            post=reverse("console:account_capability", args=[card.name.value]), fields={"on": "0" if card.on else "1"},
            small=True,
        )
        for card in messaging.capabilities()
        if card.on or card.name.value in found.switched_off
    ]  # fmt: skip
    return [Panel(_("临时停用"), text=_("微信那边出问题时，先停用一个接口。"), actions=actions)]


def _menu_page(request: HttpRequest, form: MenuForm | None = None, tag: str = "", status: int = 200) -> HttpResponse:
    tag = tag or request.GET.get("tag", "").strip()[:30]
    saved = {card.tag: card for card in messaging.menus()} if messaging.main_account() else {}
    card = saved.get(tag)
    can = next(one for one in messaging.capabilities() if one.name is Capability.MENU)
    state = _published(card.published_at) if card else _("还没有存过")
    editing = Panel(
        _("菜单") if not tag else _("给标签「{tag}」的菜单").format(tag=tag), text=state,
        form=form or MenuForm.of(card.body if card else {}), post=reverse("console:account_menu_save"),
        fields={"tag": tag}, label=_("存下"),
    )  # fmt: skip
    sent = [
        Panel(
            _("给所有人") if not one.tag else _("给标签「{tag}」").format(tag=one.tag), text=_published(one.published_at),
            facts=[("JSON", json.dumps(one.body, ensure_ascii=False))],
            actions=[Action(_("改这个"), href=f"{reverse('console:account_menu')}{f'?tag={one.tag}' if one.tag else ''}")],
        )
        for one in saved.values()
    ]  # fmt: skip
    page = {
        "heading": _("公众号菜单"), "crumbs": [(_("公众号"), reverse("console:account"))],
        "page_actions": [
            Action(
                _("发布"), post=reverse("console:account_menu_publish"), kind="primary", icon="send",
                why_not="" if can.on else pick(can.reason_zh, can.reason_en),
                confirm=_("发布后所有粉丝的菜单都换成这一份。继续吗？"),
            )
        ],
        "panels": [editing], "side_panels": [*sent, _tag_panel()],
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _tag_panel() -> Panel:
    return Panel(
        _("给一类人单独的菜单"), text=_("比如有车的人（标签 driver）看到停车入口。"),
        actions=[Action(_("改 driver 的菜单"), href=f"{reverse('console:account_menu')}?tag=driver")],
    )  # fmt: skip


def _rules_page(request: HttpRequest, form: RuleForm | None = None, status: int = 200) -> HttpResponse:
    cards = messaging.reply_rules()
    columns = [
        Column(_("关键词")),
        Column(_("怎么算对上"), minor=True),
        Column(_("回复")),
        Column(_("状态"), minor=True),
    ]
    chosen = next((card for card in cards if card.id == lists.whole_number(request, "rule")), None)
    editing = Panel(
        _("加或改一条"), text=_("同一个关键词只有一条，再存就是改。"), form=form or _of(chosen),
        post=reverse("console:reply_rule_save"), label=_("存下"),
    )  # fmt: skip
    side = [editing]
    if chosen:
        post = reverse("console:reply_rule_delete", args=[chosen.id])
        side.append(Panel(_("删掉「{word}」").format(word=chosen.keyword), post=post, label=_("删掉"), danger=True))
    table = Table(columns, [_rule(card) for card in cards], caption=_("自动回复"), empty_sentence=_("还没有自动回复。"))
    page = {
        "heading": _("自动回复"), "crumbs": [(_("公众号"), reverse("console:account"))],
        "panels": [Panel(_("规则"), table=table)], "side_panels": side,
    }  # fmt: skip
    return show(request, "console/detail.html", page, status=status)


def _rule(card: RuleCard) -> TableRow:
    article = card.reply.article
    return TableRow(
        [
            TableCell(card.keyword, strong=True), _("完全一样") if card.match == "exact" else _("话里有它"),
            article.title if article else card.reply.text,
            TableCell(_("开着"), tag="ok") if card.is_active else TableCell(_("停了"), tag="plain"),
        ],
        href=f"{reverse('console:reply_rules')}?rule={card.id}",
    )  # fmt: skip


def _of(card: RuleCard | None) -> RuleForm:
    if card is None:
        return RuleForm()
    article = card.reply.article
    first = {"keyword": card.keyword, "match": card.match, "text": card.reply.text}
    return RuleForm(initial=first | ({"title": article.title, "url": article.url} if article else {}))


def _inbox_page(request: HttpRequest, typed: tuple[int, forms.Form] | None = None, status: int = 200) -> HttpResponse:
    view = request.GET.get("view", "")
    found = messaging.service_inbox(open_only=not view, before=lists.whole_number(request, "after"), limit=21)
    shown = found[:20]
    known = {card.id: card for card in members.members([one.member_id for one in shown if one.member_id])}
    panels = []
    for one in shown:
        member = known.get(one.member_id or 0)
        who = f"{member.name_masked} · {member.card_no_grouped}" if member else _("还不是会员的粉丝")
        panels.append(_message(one, who, typed))
    more = lists.cut([one.id for one in found], 20)
    page: dict[str, object] = {
        "heading": _("消息"),
        "sub": _("自动回复答不了的，在这里等人"),
        "views": lists.views(request, [("", _("等人回复"), None), ("all", _("全部"), None)]),
        "panels": panels,
        "more": f"{lists.address(request)}{'&' if '?' in lists.address(request) else '?'}after={more}" if more else "",
    }
    if typed and typed[0] not in {one.id for one in shown}:  # answered by a colleague meanwhile: said at the top
        gone = [str(words) for errors in typed[1].errors.values() for words in errors]
        page["page_notices"] = [{"text": text, "tone": "bad"} for text in gone]
    return show(request, "console/inbox.html", page, status=status)


def _message(one: InMessageCard, who: str, typed: tuple[int, forms.Form] | None) -> Panel:
    at = tenancy.local(one.at).strftime("%Y-%m-%d %H:%M")
    form = typed[1] if typed and typed[0] == one.id else AnswerForm(auto_id=f"m{one.id}_%s")
    actions = []
    if one.member_id and address("console:member", one.member_id):
        actions = [Action(_("看会员"), href=address("console:member", one.member_id), small=True)]
    if not one.waits_for_person:
        return Panel(who, facts=[(at, one.text or one.kind), (_("已回"), one.reply or "—")], actions=actions)
    return Panel(
        who, facts=[(at, one.text or one.kind)], form=form, post=reverse("console:inbox_answer", args=[one.id]),
        label=_("回复"), actions=actions,
    )  # fmt: skip


def _published(moment: datetime | None) -> str:
    if moment is None:
        return _("存了还没发布")
    return _("{at} 发布").format(at=tenancy.local(moment).strftime("%Y-%m-%d %H:%M"))


def _either(*rights: str) -> None:
    who = scope.actor()
    if not any(who.may(right) for right in rights):
        raise Refused(FORBIDDEN, right=rights[0])


urlpatterns_account = [
    path("account/", account, name="account"),
    path("account/bind/", bind, name="account_bind"),
    path("account/capabilities/<slug:name>/", capability, name="account_capability"),
    path("account/menu/", menu, name="account_menu"),
    path("account/menu/save/", menu_save, name="account_menu_save"),
    path("account/menu/publish/", menu_publish, name="account_menu_publish"),
    path("account/replies/", rules, name="reply_rules"),
    path("account/replies/save/", rule_save, name="reply_rule_save"),
    path("account/replies/<int:rule_id>/delete/", rule_delete, name="reply_rule_delete"),
    path("inbox/", inbox, name="inbox"),
    path("inbox/<int:message_id>/", inbox_answer, name="inbox_answer"),
]
