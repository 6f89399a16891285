from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

NO_MEMBER = Reason("M-4041", "not_a_member", 404, "不是会员。", "Not a member.")
NO_FAN = Reason("M-4042", "no_such_fan", 404, "没有这位粉丝。", "There is no such fan.")
KEY_HELD = Reason(
    "M-4091",
    "identity_held",
    409,
    "这个{kind_zh}已经属于另一位会员。",
    "This {kind} belongs to another member.",
)
BAD_KEY = Reason("M-4001", "bad_identity", 400, "{kind_zh}写得不对。", "This {kind} is not written correctly.")
NOTHING_GIVEN = Reason(
    "M-4002", "nothing_to_know_by", 400, "开卡要有微信或手机号。", "A card needs an openid or a phone."
)
NO_CONSENT = Reason(
    "M-4031",
    "no_consent",
    403,
    "会员还没有同意「{purpose_zh}」。",
    "The member has not consented to {purpose}.",
)


class KeyKind(StrEnum):
    """What a person can be known by. A face is the opaque token of the recognising engine, never a picture."""

    OPENID = "openid"
    UNIONID = "unionid"
    PHONE = "phone"
    PLATE = "plate"
    DEVICE = "device"
    FACE = "face"


class Purpose(StrEnum):
    """What a consent is for (PIPL, articles 13, 14, 29: sensitive data needs one of its own)."""

    MEMBERSHIP = "membership"
    MARKETING = "marketing"
    LOCATION = "location"
    FACE = "face"
    PLATE = "plate"


KIND_ZH = {
    KeyKind.OPENID: "微信号",
    KeyKind.UNIONID: "微信号",
    KeyKind.PHONE: "手机号",
    KeyKind.PLATE: "车牌",
    KeyKind.DEVICE: "设备",
    KeyKind.FACE: "人脸",
}
PURPOSE_ZH = {
    Purpose.MEMBERSHIP: "会员服务",
    Purpose.MARKETING: "营销消息",
    Purpose.LOCATION: "位置与设备识别",
    Purpose.FACE: "人脸识别",
    Purpose.PLATE: "车牌识别",
}
# The kinds that may be linked only under a consent.
NEEDS_CONSENT = {KeyKind.FACE: Purpose.FACE, KeyKind.DEVICE: Purpose.LOCATION, KeyKind.PLATE: Purpose.PLATE}

# Names of the surfaces that recruit; others are allowed, these are known to reports.
CHANNELS = (
    "official_account",
    "mini_program",
    "pos",
    "site",
    "wifi",
    "shake",
    "receipt",
    "street_view",
    "share",
    "import",
)


@dataclass(frozen=True)
class MemberCard:
    """A membership in the open district. `name_masked` and `phone_masked` may be shown to anyone who serves the member."""

    id: int
    card_no: str
    name: str
    name_masked: str
    phone_masked: str
    tier: str
    joined_at: datetime
    channel: str
    source_code_id: int | None = None

    @property
    def card_no_grouped(self) -> str:
        """8816 0042 7719, as it is printed and read aloud."""
        return " ".join(self.card_no[i : i + 4] for i in range(0, len(self.card_no), 4))


@dataclass(frozen=True)
class FollowFact:
    followed: bool
    source: str
    source_code_id: int | None
    at: datetime


@dataclass(frozen=True)
class FanCard:
    """A follower of the official account, member or not. `source` is where a follow came from."""

    id: int
    appid: str
    following: bool
    first_source: str
    latest_source: str
    first_followed_at: datetime
    member_id: int | None


@dataclass(frozen=True)
class DealingCard:
    """What a member had to do with one merchant."""

    merchant_id: int
    bought: int
    claimed: int
    subscribed: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class ConsentCard:
    purpose: Purpose
    wording: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class ChannelShare:
    """New members of one channel; `share_bp` of all new members in basis points (1 500 is 15.0 %)."""

    channel: str
    members: int
    share_bp: int


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened with a member: `what` is joined, followed, unfollowed, consented, withdrew."""

    at: datetime
    what: str
    about: str


@event("card_opened")
@dataclass(frozen=True)
class CardOpened(Event):
    member_id: int
    channel: str
    source_code_id: int | None = None


@event("followed")
@dataclass(frozen=True)
class Followed(Event):
    """`first`: this fan never followed before. The openid is asked for by `door.openid_of_fan(fan_id)`."""

    fan_id: int
    source: str
    first: bool
    source_code_id: int | None = None


@event("unfollowed")
@dataclass(frozen=True)
class Unfollowed(Event):
    fan_id: int


@event("member_tier_changed")
@dataclass(frozen=True)
class TierChanged(Event):
    member_id: int
    before: str
    after: str
