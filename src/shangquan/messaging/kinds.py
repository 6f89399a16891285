"""The kinds of service notices: what each says and needs. Kinds may be added by rooms; these are the house's own.

`library` and `fields` are the template that carries it: its number in the platform's library and, for each of the
template's fields, our value. An owner may put another template in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import BAD_NOTICE, UNKNOWN_KIND


@dataclass(frozen=True)
class NoticeKind:
    """`lines` are (value name, zh label, en label), in the order shown."""

    name: str
    zh: str
    en: str
    lines: tuple[tuple[str, str, str], ...]
    library: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # (template field, value name)

    def check(self, data: Mapping[str, str]) -> None:
        """Refuses G-4002 when a value is missing or empty."""
        for name, zh, _ in self.lines:
            if not data.get(name):
                raise Refused(BAD_NOTICE, field=zh)


_ALL = (
    NoticeKind(
        "coupon_claimed", "优惠券到账提醒", "Coupon received",
        (("coupon", "优惠券", "Coupon"), ("until", "有效期", "Valid until"), ("store", "使用门店", "Use at")),
        "43001", (("thing1", "coupon"), ("time2", "until"), ("thing3", "store")),
    ),
    NoticeKind(
        "coupon_expiring", "优惠券过期提醒", "Coupon about to expire",
        (("coupon", "优惠券", "Coupon"), ("until", "过期时间", "Expires"), ("hint", "温馨提示", "Hint")),
        "43002", (("thing1", "coupon"), ("time2", "until"), ("thing3", "hint")),
    ),
    NoticeKind(
        "points_changed", "积分变动提醒", "Points changed",
        (("change", "变动积分", "Change"), ("balance", "当前积分", "Balance"), ("reason", "变动原因", "Reason"),
         ("at", "时间", "Time")),
        "43003", (("number1", "change"), ("number2", "balance"), ("thing3", "reason"), ("time4", "at")),
    ),
    NoticeKind(
        "payment", "消费成功通知", "Payment received",
        (("store", "消费门店", "Store"), ("amount", "消费金额", "Paid"), ("at", "消费时间", "Time"),
         ("points", "获得积分", "Points earned")),
        "43004", (("thing1", "store"), ("amount2", "amount"), ("time3", "at"), ("number4", "points")),
    ),
    NoticeKind(
        "refund", "退款通知", "Refund",
        (("amount", "退款金额", "Amount"), ("number", "订单编号", "Order"), ("reason", "退款原因", "Reason")),
        "43005", (("amount1", "amount"), ("character_string2", "number"), ("thing3", "reason")),
    ),
    NoticeKind(
        "queue_called", "排队叫号通知", "Your turn",
        (("store", "门店", "Store"), ("number", "排队号码", "Number"), ("ahead", "前方等待", "Ahead of you")),
        "43006", (("thing1", "store"), ("character_string2", "number"), ("number3", "ahead")),
    ),
    NoticeKind(
        "tier_changed", "会员等级变更提醒", "Tier changed",
        (("tier", "会员等级", "Tier"), ("at", "生效时间", "From"), ("about", "权益说明", "Privileges")),
        "43009", (("phrase1", "tier"), ("time2", "at"), ("thing3", "about")),
    ),
    NoticeKind(
        "gift", "转赠提醒", "Gift",
        (("what", "赠品", "Gift"), ("who", "好友", "Friend"), ("state", "状态", "State")),
        "43010", (("thing1", "what"), ("time2", "state"), ("thing3", "who")),
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _ALL}


def kind(name: str) -> NoticeKind:
    """Refuses G-4045."""
    if name not in KINDS:
        raise Refused(UNKNOWN_KIND, kind=name)
    return KINDS[name]


def add(new: NoticeKind) -> None:
    """A room declares a kind of its own at start-up."""
    if KINDS.setdefault(new.name, new) != new:
        raise ValueError(f"two kinds of notice are called {new.name}")
