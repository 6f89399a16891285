from datetime import datetime
from typing import Any

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.messaging import ports, queries, rules
from shangquan.messaging.access import require_capability
from shangquan.messaging.contracts import BAD_MENU, NO_ACCOUNT, AccountCard, Capability, MenuCard
from shangquan.messaging.models import Menu


@required
def save_menu(*, body: dict[str, Any], now: datetime, tag: str = "") -> MenuCard:
    """Keep a menu as it will be published: of everybody, or of the fans with a tag (C2). Publishing is another step.

    Needs `messages.manage`. Refuses G-4001 by the platform's own limits, G-4041 without an account.
    """
    scope.require("messages.manage")
    account = _account()
    wrong = rules.why_not_menu(body)
    if wrong:
        raise Refused(BAD_MENU, why=wrong[0], why_en=wrong[1])
    row, _ = Menu.rows().update_or_create(
        appid=account.appid, tag=tag[:30], defaults={"body": body, "edited_at": now, "published_at": None}
    )
    audit.record(action="messaging.save_menu", subject="menu", subject_id=row.id, after={"tag": tag, "menu": body})
    return queries.menu_card(row)


@forbidden
def publish_menu(*, now: datetime) -> list[MenuCard]:
    """Send all menus of the main account to the platform; the whole is replaced. Must not run inside a transaction.

    Needs `messages.manage`. Refuses G-4031 when the account may not, G-4221 and G-5031 as the platform does.
    """
    scope.require("messages.manage")
    account = _account()
    cards = rules.capabilities(account.kind, verified=account.verified, switched_off=account.switched_off)
    menus = list(Menu.rows().filter(appid=account.appid).order_by("tag"))
    require_capability(cards, Capability.MENU)
    if any(menu.tag for menu in menus):
        require_capability(cards, Capability.USERS)
    if not menus or menus[0].tag:
        raise Refused(BAD_MENU, why="先要有所有人的菜单", why_en="the menu of everybody comes first")
    port = ports.account_port()
    port.publish_menu(account.appid, menus[0].body)
    for menu in menus[1:]:
        old = menu.menu_id
        menu.menu_id = port.publish_personal_menu(account.appid, menu.body, menu.tag)
        if old:
            port.delete_personal_menu(account.appid, old)
    with transaction():
        for menu in menus:
            menu.published_at = now
            menu.save(update_fields=["menu_id", "published_at"])
        audit.record(
            action="messaging.publish_menu", subject="official_account", subject_id=account.appid,
            after=[menu.tag for menu in menus],
        )  # fmt: skip
    return [queries.menu_card(menu) for menu in menus]


def _account() -> AccountCard:
    account = queries.main_account()
    if account is None:
        raise Refused(NO_ACCOUNT)
    return account
