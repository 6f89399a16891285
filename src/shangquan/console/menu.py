"""The menu: one table. A new page adds a line; who lacks the right does not see it, a module that is off shows locked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shangquan.design.contracts import MenuGroup, MenuItem
from shangquan.identity.contracts import RIGHTS, ROLES
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy

Group = Literal["today", "trade", "people", "money", "figures"]
Side = Literal["both", "owner", "merchant"]


@dataclass(frozen=True)
class Entry:
    """`right` empty: any staff. `side` says for whom the page is: the owner's staff, a merchant's, or both."""

    label: str | Promise
    icon: str
    url: str
    group: Group
    right: str = ""
    module: str = ""
    side: Side = "both"


GROUPS: dict[Group, str | Promise] = {
    "today": "",
    "trade": gettext_lazy("经营"),
    "people": gettext_lazy("人与店"),
    "money": gettext_lazy("钱"),
    "figures": gettext_lazy("看数与设置"),
}

ENTRIES: tuple[Entry, ...] = (
    Entry(gettext_lazy("今日总览"), "home", "console:home", "today"),
    Entry(gettext_lazy("优惠券"), "ticket", "console:coupons", "trade", "coupons.read"),
    Entry(gettext_lazy("货架"), "grid", "console:shelves", "trade", "coupons.read"),
    Entry(gettext_lazy("订单"), "receipt", "console:bills", "trade", "orders.read"),
    Entry(gettext_lazy("积分"), "coins", "console:points", "trade", "points.read", side="owner"),
    Entry(gettext_lazy("推送"), "megaphone", "console:pushes", "trade", "push.send", side="owner"),
    Entry(gettext_lazy("申请推送"), "megaphone", "console:pushes", "trade", "push.request", side="merchant"),
    Entry(gettext_lazy("消息"), "headset", "console:inbox", "people", "messages.reply", side="owner"),
    Entry(gettext_lazy("会员"), "users", "console:members", "people", "members.read", side="owner"),
    Entry(gettext_lazy("顾客"), "users", "console:members", "people", "members.read", side="merchant"),
    Entry(gettext_lazy("商户"), "store", "console:merchants", "people", "merchants.read", side="owner"),
    Entry(gettext_lazy("门店"), "store", "console:merchants", "people", "merchants.read", side="merchant"),
    Entry(gettext_lazy("商品"), "box", "console:products", "people", "products.read"),
    Entry(gettext_lazy("员工"), "user", "console:staff", "people", "staff.read"),
    Entry(gettext_lazy("设备令牌"), "device", "console:devices", "people", "devices.manage"),
    Entry(gettext_lazy("收款"), "wallet", "console:payments", "money", "payments.read", side="owner"),
    Entry(gettext_lazy("对账差异"), "alert", "console:differences", "money", "payments.reconcile", side="owner"),
    Entry(gettext_lazy("结算"), "scale", "console:periods", "money", "settlement.read", side="owner"),
    Entry(gettext_lazy("对账单"), "scale", "console:periods", "money", "settlement.read", side="merchant"),
    Entry(gettext_lazy("打款"), "send", "console:payouts", "money", "settlement.read", side="owner"),
    Entry(gettext_lazy("到账记录"), "wallet", "console:payouts", "money", "settlement.read", side="merchant"),
    Entry(gettext_lazy("公众号"), "message", "console:account", "figures", "messages.manage", side="owner"),
    Entry(gettext_lazy("设置"), "settings", "console:modules", "figures", "tenancy.switch", side="owner"),
    Entry(gettext_lazy("操作记录"), "shield", "console:audit", "figures", "audit.read"),
)


def groups() -> list[MenuGroup]:
    """What the acting person may open, in groups; empty groups are left out."""
    lines = list(_items())
    return [
        MenuGroup(str(title), [item for group, item in lines if group == name])
        for name, title in GROUPS.items()
        if any(group == name for group, _item in lines)
    ]


def pages(text: str) -> list[MenuItem]:
    """Open entries whose label holds the text, for the search."""
    wanted = text.strip().lower()
    return [item for _group, item in _items() if not item.locked and wanted in item.label.lower()]


def lit(path: str) -> str:
    """The address of the entry under which a page lies: the longest that begins it."""
    found = [item.href for _group, item in _items() if path.startswith(item.href)]
    return max(found, key=len, default=path)


def _items() -> Iterator[tuple[Group, MenuItem]]:
    who = scope.actor()
    of_owner = who.merchant_id is None
    for entry in ENTRIES:
        href = address(entry.url)
        if not href or entry.side == ("merchant" if of_owner else "owner"):
            continue
        module = entry.module or (RIGHTS[entry.right].module if entry.right else "")
        is_on = not module or tenancy.module_on(module)
        if is_on and (not entry.right or who.may(entry.right)):
            yield entry.group, MenuItem(str(entry.label), href, entry.icon)
        elif not is_on and of_owner and _would_have(who.role, entry.right):
            yield (
                entry.group,
                MenuItem(str(entry.label), href, entry.icon, locked=_("这个模块还没有开通，可在设置里打开。")),
            )


def _would_have(role: str, right: str) -> bool:
    card = ROLES.get(role)
    return card is not None and (not right or right in card.rights)


def address(name: str, *args: int | str) -> str:
    """The address of a page, or nothing where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
