"""Pure decisions: which account may do what, which reply fits, what a menu may be, what a template takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from shangquan.messaging.contracts import AccountKind, Capability, CapabilityCard, ScenarioCard

_NAMES: dict[Capability, tuple[str, str]] = {
    Capability.RECEIVE: ("接收消息与自动回复", "receiving messages"),
    Capability.CUSTOM: ("客服消息", "customer-service messages"),
    Capability.TEMPLATE: ("模板消息", "template messages"),
    Capability.MASS: ("群发", "mass messages"),
    Capability.MENU: ("自定义菜单接口", "the menu interface"),
    Capability.QRCODE: ("带参数二维码", "parametric codes"),
    Capability.OAUTH: ("网页授权登录", "web login"),
    Capability.JSSDK: ("网页脚本（JS-SDK）", "page scripts"),
    Capability.USERS: ("用户与标签", "users and tags"),
    Capability.PAY: ("微信支付", "WeChat Pay"),
}
# Which accounts hold which interface (developers.weixin.qq.com, table of interface rights).
_UNVERIFIED = frozenset({Capability.RECEIVE})
_VERIFIED_SUBSCRIPTION = _UNVERIFIED | {
    Capability.CUSTOM,
    Capability.MASS,
    Capability.MENU,
    Capability.JSSDK,
    Capability.USERS,
}
_VERIFIED_SERVICE = frozenset(Capability)

# What the district does with its account: name -> (zh, en, needed interfaces).
SCENARIOS: dict[str, tuple[str, str, tuple[Capability, ...]]] = {
    "auto_reply": ("关键词自动回复", "keyword replies", (Capability.RECEIVE,)),
    "service_inbox": ("人工客服", "answering by a person", (Capability.RECEIVE, Capability.CUSTOM)),
    "menu": ("自定义菜单", "custom menu", (Capability.MENU,)),
    "personal_menu": ("个性化菜单", "personalised menu", (Capability.MENU, Capability.USERS)),
    "card": ("一键开卡", "one-tap card", (Capability.OAUTH,)),
    "follow_code": ("扫码关注有来源", "follow by a store's code", (Capability.QRCODE, Capability.RECEIVE)),
    "page_pay": ("公众号内支付", "payment inside the account", (Capability.OAUTH, Capability.JSSDK, Capability.PAY)),
    "share": ("分享与转赠", "sharing and gifts", (Capability.OAUTH, Capability.JSSDK)),
    "scan": ("页内扫一扫", "scanning inside a page", (Capability.JSSDK,)),
    "notices": ("服务通知", "service notices", (Capability.TEMPLATE,)),
    "push": ("内容推送", "content push", (Capability.CUSTOM, Capability.MASS)),
}

DAY_WINDOW = timedelta(hours=48)
DAY_MESSAGES = 5
ACTION_WINDOW = timedelta(minutes=1)
ACTION_MESSAGES = 3
# How long a value of a template's field may be (WeChat's field types).
_LONGEST = {
    "thing": 20, "number": 32, "letter": 32, "symbol": 5, "character_string": 32, "phrase": 5, "car_number": 8,
    "phone_number": 17, "name": 10, "amount": 32, "time": 32, "date": 32,
}  # fmt: skip


def capabilities(
    kind: AccountKind | None, *, verified: bool, switched_off: Iterable[str] = ()
) -> tuple[CapabilityCard, ...]:
    """Every capability of an account with the reason where it is off; `kind` None is no account at all."""
    off = frozenset(switched_off)
    return tuple(_card(capability, kind, verified, off) for capability in Capability)


def _card(capability: Capability, kind: AccountKind | None, verified: bool, off: frozenset[str]) -> CapabilityCard:
    zh, en = _NAMES[capability]
    why = _why_off(capability, kind, verified, off)
    return CapabilityCard(capability, zh, en, why is None, *(why or ("", "")))


def _why_off(
    capability: Capability, kind: AccountKind | None, verified: bool, off: frozenset[str]
) -> tuple[str, str] | None:
    if kind is None:
        return "还没有绑定公众号", "no official account is bound"
    if capability.value in off:
        return "商圈把它关掉了", "the district switched it off"
    held = _UNVERIFIED
    if verified:
        held = _VERIFIED_SERVICE if kind is AccountKind.SERVICE else _VERIFIED_SUBSCRIPTION
    if capability in held:
        return None
    if not verified and (kind is AccountKind.SERVICE or capability in _VERIFIED_SUBSCRIPTION):
        return "公众号要先通过认证", "the account has to be verified first"
    return "只有认证的服务号才有", "only a verified service account has it"


def scenario(name: str, cards: Sequence[CapabilityCard]) -> ScenarioCard:
    zh, en, needs = SCENARIOS[name]
    missing = tuple(card for card in cards if card.name in needs and not card.on)
    return ScenarioCard(name, zh, en, needs, missing)


def matches(keyword: str, match: str, said: str) -> bool:
    """Whether a rule fits: `exact` or `contains`, without regard to case, width of spaces or their number."""
    wanted, given = _plain(keyword), _plain(said)
    return bool(given) and (wanted == given if match == "exact" else wanted in given)


def _plain(text: str) -> str:
    return " ".join(text.replace("\u3000", " ").casefold().split())


def fitted(field: str, value: str) -> str:
    """A value cut to what its field type takes, so that the platform does not refuse the whole message."""
    longest = _LONGEST.get(field.rstrip("0123456789"), 200)
    return value if len(value) <= longest else value[: longest - 1] + "…"


def window_open(
    *, wrote_at: datetime | None, since_wrote: int, acted_at: datetime | None, since_acted: int, now: datetime
) -> bool:
    """Whether a customer-service message may be sent: 5 in 48 h after a text, 3 in 1 min after a click, scan, follow."""
    by_text = wrote_at is not None and now - wrote_at < DAY_WINDOW and since_wrote < DAY_MESSAGES
    by_act = acted_at is not None and now - acted_at < ACTION_WINDOW and since_acted < ACTION_MESSAGES
    return by_text or by_act


# -- menus -----------------------------------------------------------------------------------------------------------

_KEYED = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
_ABOVE_BYTES, _BELOW_BYTES, _KEY_BYTES, _URL_BYTES = 16, 60, 128, 1024


def why_not_menu(body: Any) -> tuple[str, str] | None:
    """What is wrong with a menu, in Chinese and English, or None. Limits as WeChat's: 3 columns of 5 buttons."""
    buttons = body.get("button") if isinstance(body, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        return "一级菜单要有 1 到 3 个", "there are 1 to 3 columns"
    for button in buttons:
        wrong = _why_not_button(button, above=True)
        if wrong:
            return wrong
    return None


def _why_not_button(button: Any, *, above: bool) -> tuple[str, str] | None:
    if not isinstance(button, dict):
        return "按钮写得不对", "a button is not an object"
    name = button.get("name")
    longest = _ABOVE_BYTES if above else _BELOW_BYTES
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= longest:
        return f"名称要有 1 到 {longest} 个字节", f"a name has 1 to {longest} bytes"
    below = button.get("sub_button")
    if above and below:
        if not isinstance(below, list) or len(below) > 5:
            return f"「{name}」下面最多 5 个", "a column has 5 buttons at the most"
        found = (_why_not_button(child, above=False) for child in below)
        return next((wrong for wrong in found if wrong), None)
    return _why_not_action(button, name)


def _why_not_action(button: dict[str, Any], name: str) -> tuple[str, str] | None:
    kind = button.get("type")
    if kind in _KEYED:
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= _KEY_BYTES:
            return f"「{name}」的 key 要有 1 到 {_KEY_BYTES} 个字节", f"a key has 1 to {_KEY_BYTES} bytes"
    elif kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url.encode()) > _URL_BYTES:
            return f"「{name}」的链接要以 http 开头，最多 {_URL_BYTES} 字节", "a link is absolute and not too long"
    elif kind == "miniprogram":
        if not all(isinstance(button.get(part), str) and button[part] for part in ("url", "appid", "pagepath")):
            return f"「{name}」要有 appid、路径和备用链接", "a mini-program button has appid, pagepath and url"
    else:
        return f"「{name}」要有类型", "a button has a known type"
    return None
