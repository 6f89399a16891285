"""The values of messaging. A fan's openid leaves this room only towards a port."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event


class AccountKind(StrEnum):
    SUBSCRIPTION = "subscription"  # 订阅号
    SERVICE = "service"  # 服务号


class Capability(StrEnum):
    """An interface of the platform that functions stand on."""

    RECEIVE = "receive"
    CUSTOM = "custom"
    TEMPLATE = "template"
    MASS = "mass"
    MENU = "menu"
    QRCODE = "qrcode"
    OAUTH = "oauth"
    JSSDK = "jssdk"
    USERS = "users"
    PAY = "pay"


@dataclass(frozen=True)
class CapabilityCard:
    """`reason` says, when it is off, why: to be shown beside what is greyed."""

    name: Capability
    zh: str
    en: str
    on: bool
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True)
class ScenarioCard:
    """What the district does with the account, the interfaces that it needs, and whether all of them are there."""

    name: str
    zh: str
    en: str
    needs: tuple[Capability, ...]
    missing: tuple[CapabilityCard, ...]

    @property
    def on(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class AccountCard:
    id: int
    appid: str
    name: str
    kind: AccountKind
    verified: bool
    is_main: bool
    switched_off: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True)
class Reply:
    """A passive reply: text, or one article."""

    text: str = ""
    article: Article | None = None


@dataclass(frozen=True)
class Incoming:
    """What a fan did or wrote, as the connector read it. `outside_id` is the same for each delivery of one message.

    `kind` is text, image, voice, video, location, link, or event; `event` then is subscribe, unsubscribe, SCAN, CLICK…
    `scene` is the scene of a parametric code, without any prefix.
    """

    appid: str
    openid: str
    outside_id: str
    kind: str
    sent_at: datetime
    text: str = ""
    event: str = ""
    key: str = ""
    scene: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SceneFact:
    """What a scene code leads to: for the source of a follow and for the greeting."""

    source: str
    source_code_id: int | None
    title: str
    url: str


@dataclass(frozen=True)
class SendAnswer:
    """What the platform said to a send. `again`: nothing was sent and it is worth another try."""

    ok: bool
    outside_id: str = ""
    code: str = ""
    message: str = ""
    again: bool = False


@dataclass(frozen=True)
class InMessageCard:
    id: int
    fan_id: int | None
    member_id: int | None
    kind: str
    text: str
    event: str
    at: datetime
    waits_for_person: bool
    reply: str


@dataclass(frozen=True)
class OutMessageCard:
    id: int
    key: str
    kind: str
    member_id: int | None
    title: str
    lines: tuple[tuple[str, str], ...]
    url: str
    state: str
    via: str
    code: str
    created_at: datetime
    sent_at: datetime | None
    is_marketing: bool


@dataclass(frozen=True)
class PushCard:
    id: int
    article: Article
    campaign_ref: str
    priority: int
    merchant_id: int | None
    state: str
    wanted: int
    taken: int
    sent: int
    created_at: datetime


@dataclass(frozen=True)
class RuleCard:
    id: int
    keyword: str
    match: str
    reply: Reply
    is_active: bool


@dataclass(frozen=True)
class MenuCard:
    """`tag` empty is the menu of everybody. `published_at` None: edited since, or never published."""

    id: int
    tag: str
    body: dict[str, Any]
    published_at: datetime | None


@dataclass(frozen=True)
class Login:
    """Who came back from the platform's login page. `is_virtual`: a preview without a real identity."""

    openid: str
    unionid: str
    is_virtual: bool


NO_ACCOUNT = Reason(
    "G-4041", "no_account", 404, "这个商圈还没有绑定公众号。", "This district has no official account yet."
)
NO_RULE = Reason("G-4042", "no_reply_rule", 404, "没有这条自动回复。", "There is no such reply rule.")
NO_MESSAGE = Reason("G-4043", "no_message", 404, "没有这条消息。", "There is no such message.")
NO_PUSH = Reason("G-4044", "no_push", 404, "没有这次推送。", "There is no such push.")
UNKNOWN_KIND = Reason("G-4045", "unknown_notice", 404, "没有「{kind}」这种通知。", "There is no notice called {kind}.")
CAPABILITY_OFF = Reason(
    "G-4031", "capability_off", 403, "公众号现在用不了「{zh}」：{reason_zh}", "The account cannot use {en}: {reason_en}"
)
BAD_MENU = Reason("G-4001", "bad_menu", 400, "菜单不对：{why}", "The menu is not valid: {why_en}")
BAD_NOTICE = Reason("G-4002", "bad_notice", 400, "通知缺少「{field}」。", "The notice lacks the field {field}.")
BAD_ARTICLE = Reason("G-4003", "bad_article", 400, "图文要有标题和链接。", "An article needs a title and a link.")
BAD_RULE = Reason("G-4004", "bad_rule", 400, "自动回复不对：{why}", "The reply rule is not valid: {why_en}")
PUSH_DECIDED = Reason("G-4091", "push_decided", 409, "这次推送已经处理过了。", "This push has been decided already.")
ANSWERED = Reason("G-4092", "answered", 409, "这条消息已经有人回复了。", "This message has been answered already.")
ACCOUNT_TAKEN = Reason(
    "G-4093", "account_taken", 409, "这个公众号已经绑在别处。", "This official account is bound elsewhere."
)
PLATFORM_REFUSED = Reason(
    "G-4221",
    "platform_refused",
    422,
    "微信没有受理（{code}）：{message}",
    "WeChat did not accept it ({code}): {message}",
)
PLATFORM_SILENT = Reason(
    "G-5031",
    "platform_silent",
    503,
    "微信暂时没有回应，请稍后再试。",
    "WeChat does not answer at the moment; try again.",
)
BAD_LOGIN = Reason(
    "G-4005", "bad_login", 400, "登录链接不对或已过期，请重新打开。", "This login link is wrong or over; open it again."
)
LOGIN_FAILED = Reason(
    "G-4222", "login_failed", 422, "微信没有认出你，请重新打开。", "WeChat did not recognise you; open it again."
)


@event("account_bound")
@dataclass(frozen=True)
class AccountBound(Event):
    account_id: int
    kind: str
    verified: bool


@event("fan_wrote")
@dataclass(frozen=True)
class FanWrote(Event):
    """A message that no rule answered: it waits for a person."""

    message_id: int
    fan_id: int | None


@event("scene_entered")
@dataclass(frozen=True)
class SceneEntered(Event):
    """A fan came through a scene code; `key` names this coming, so that counting it again counts once."""

    scene: str
    fan_id: int
    followed: bool
    key: str
    at: datetime


@event("notice_sent")
@dataclass(frozen=True)
class NoticeSent(Event):
    message_id: int
    kind: str
    via: str


@event("push_sent")
@dataclass(frozen=True)
class PushSent(Event):
    push_id: int
    member_id: int
    campaign_ref: str


@event("push_requested")
@dataclass(frozen=True)
class PushRequested(Event):
    push_id: int
    merchant_id: int


@event("push_decided")
@dataclass(frozen=True)
class PushDecided(Event):
    push_id: int
    merchant_id: int | None
    approved: bool
