"""The custom menu under a chat: making, reading, deleting, conditional menus, and what a click does.

Limits: three buttons of at most five below each; name at most 16 bytes above and 60 below; key 128; url 1024.
"""

from starlette.routing import Route

from ..records import Account, Follower, Json
from ..refusals import AccountRefusal
from ..world import World
from . import gate, messages
from .follow import Push, start_push

_KEYED = (
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select",
)  # fmt: skip
_NAME_BYTES = {1: 16, 2: 60}


def check(body: Json) -> list[Json]:
    """The buttons of a menu. Refuses 40016…40027 as the platform does."""
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise AccountRefusal(40016, "invalid button size")
    for button in buttons:
        _check_button(button, 1)
    return buttons


def _check_button(button: object, level: int) -> None:
    if not isinstance(button, dict):
        raise AccountRefusal(47001, "data format error")
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= _NAME_BYTES[level]:
        raise AccountRefusal(40018 if level == 1 else 40025, "invalid button name size")
    below = button.get("sub_button")
    if level == 1 and below:
        if not isinstance(below, list) or len(below) > 5:
            raise AccountRefusal(40023, "invalid sub button size")
        for child in below:
            _check_button(child, 2)
        return
    _check_action(button, level)


def _check_action(button: Json, level: int) -> None:
    kind = button.get("type")
    if kind in _KEYED:
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= 128:
            raise AccountRefusal(40019 if level == 1 else 40026, "invalid button key size")
    elif kind in ("view", "miniprogram"):
        url = button.get("url")
        if not isinstance(url, str) or not 1 <= len(url.encode()) <= 1024:
            raise AccountRefusal(40020 if level == 1 else 40027, "invalid button url size")
        if not url.startswith(("http://", "https://")):
            raise AccountRefusal(40055, "invalid button url domain")
    elif kind in ("media_id", "article_id", "article_view_limited"):
        if not button.get("media_id") and not button.get("article_id"):
            raise AccountRefusal(40007, "invalid media_id")
    else:
        raise AccountRefusal(40017 if level == 1 else 40024, "invalid button type")


def create(ask: gate.Ask) -> None:
    """The whole menu is replaced."""
    ask.account.menu = {"button": check(ask.body), "menuid": 400_000_000 + ask.world.ids.number()}
    ask.world.changes.tell("menu", appid=ask.account.appid)


def get(ask: gate.Ask) -> Json:
    if ask.account.menu is None:
        raise AccountRefusal(46003, "menu no exist")
    shown: Json = {"menu": ask.account.menu}
    if ask.account.conditional_menus:
        shown["conditionalmenu"] = ask.account.conditional_menus
    return shown


def delete(ask: gate.Ask) -> None:
    """The menu and all conditional menus."""
    ask.account.menu, ask.account.conditional_menus = None, []
    ask.world.changes.tell("menu", appid=ask.account.appid)


def selfmenu(ask: gate.Ask) -> Json:
    menu = ask.account.menu
    return {"is_menu_open": int(menu is not None), "selfmenu_info": {"button": menu["button"] if menu else []}}


def add_conditional(ask: gate.Ask) -> Json:
    """Refuses 65303 without a default menu and 40035 without a rule."""
    if ask.account.menu is None:
        raise AccountRefusal(65303, "there must be a default menu")
    rule = ask.body.get("matchrule")
    if not isinstance(rule, dict) or not (rule.get("tag_id") or rule.get("client_platform_type")):
        raise AccountRefusal(40035, "invalid matchrule")
    menu = {"button": check(ask.body), "matchrule": rule, "menuid": 400_000_000 + ask.world.ids.number()}
    ask.account.conditional_menus.append(menu)
    ask.world.changes.tell("menu", appid=ask.account.appid)
    return {"menuid": str(menu["menuid"])}


def delete_conditional(ask: gate.Ask) -> None:
    given = str(ask.body.get("menuid", ""))
    left = [m for m in ask.account.conditional_menus if str(m["menuid"]) != given]
    if len(left) == len(ask.account.conditional_menus):
        raise AccountRefusal(65301, "no such menu id")
    ask.account.conditional_menus = left


def try_match(ask: gate.Ask) -> Json:
    follower = ask.world.follower_by_openid(ask.account.appid, str(ask.body.get("user_id", "")))
    if follower is None:
        raise gate.refuse(40003)
    menu = menu_for(ask.account, follower)
    return {"button": menu["button"] if menu else []}


def menu_for(account: Account, follower: Follower) -> Json | None:
    """The newest conditional menu whose rule fits this person, else the default menu."""
    for menu in reversed(account.conditional_menus):
        rule = menu["matchrule"]
        tag, platform = str(rule.get("tag_id") or ""), str(rule.get("client_platform_type") or "")
        if (not tag or int(tag) in follower.tag_ids) and platform in ("", "2"):  # a sandbox phone is an Android
            return menu
    return account.menu


def _named(menu: Json, key: str) -> Json | None:
    for button in menu["button"]:
        for candidate in [button, *button.get("sub_button", [])]:
            if key in (candidate.get("key"), candidate.get("url")):
                return dict(candidate)
    return None


def press(world: World, account: Account, user_id: str, key: str) -> tuple[Json, Push] | None:
    """A button by its key or address. Gives the button and the push; None when the person's menu has no such button."""
    follower = world.follower(account.appid, user_id)
    menu = menu_for(account, follower)
    button = _named(menu, key) if menu else None
    if menu is None or button is None:
        return None
    kind = button["type"]
    if kind in ("view", "miniprogram"):
        fields = messages.event(world, account, follower, "VIEW", EventKey=button["url"], MenuId=menu["menuid"])
    else:
        name = "CLICK" if kind == "click" else kind
        messages.open_action_window(world, follower)
        world.say(account.appid, user_id, "out", "event", {"event": name, "key": button.get("key", "")})
        fields = messages.event(world, account, follower, name, EventKey=button.get("key", ""))
    return button, start_push(world, account, follower, fields)


routes = [
    Route("/cgi-bin/menu/create", gate.with_token("创建菜单 menu/create", create), methods=["POST"]),
    Route("/cgi-bin/menu/get", gate.with_token("查询菜单 menu/get", get), methods=["GET"]),
    Route("/cgi-bin/menu/delete", gate.with_token("删除菜单 menu/delete", delete), methods=["GET"]),
    Route("/cgi-bin/get_current_selfmenu_info", gate.with_token("菜单 selfmenu", selfmenu), methods=["GET"]),
    Route(
        "/cgi-bin/menu/addconditional", gate.with_token("个性化菜单 addconditional", add_conditional), methods=["POST"]
    ),
    Route("/cgi-bin/menu/delconditional", gate.with_token("删除个性化菜单", delete_conditional), methods=["POST"]),
    Route("/cgi-bin/menu/trymatch", gate.with_token("测试个性化菜单 trymatch", try_match), methods=["POST"]),
]
