from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

UNKNOWN_CODE = Reason("Q-4041", "unknown_code", 404, "认不出这个码。", "This code is not known.")
NO_SCENE = Reason("Q-4042", "no_such_scene", 404, "没有这个场景码。", "There is no such scene code.")
NO_CREDENTIAL = Reason("Q-4043", "no_such_credential", 404, "没有这个凭证。", "There is no such credential.")
REPLAYED = Reason(
    "Q-4091",
    "code_replayed",
    409,
    "这个会员码已经在 {used_at} 被{used_by}用过，请刷新后再出示。",
    "This member code was used at {used_at} by {used_by}; refresh it and show it again.",
)
ILLEGAL_CHANGE = Reason(
    "Q-4092",
    "credential_state",
    409,
    "凭证现在是「{state_zh}」，不能变成「{wanted_zh}」。",
    "The credential is {state}; it cannot become {wanted}.",
)
SCENE_TAKEN = Reason("Q-4093", "scene_taken", 409, "这个场景值已经有人用了。", "This scene value is taken.")
EXPIRED = Reason(
    "Q-4101", "code_expired", 410, "这个会员码过期了，请刷新后再出示。", "This member code has expired; refresh it."
)
CREDENTIAL_EXPIRED = Reason(
    "Q-4102", "credential_expired", 410, "凭证已在 {expired_at} 过期。", "The credential expired at {expired_at}."
)


class CredentialKind(StrEnum):
    PERSON = "person"
    PRODUCT = "product"
    SHOP = "shop"
    ACTIVITY = "activity"
    TICKET = "ticket"


class CredentialState(StrEnum):
    """`used` is a ticket's end, `completed` an activity's: both are the good end of a life."""

    ISSUED = "issued"
    ACTIVE = "active"
    USED = "used"
    COMPLETED = "completed"
    INVALID = "invalid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


STATE_ZH = {
    CredentialState.ISSUED: "已发放",
    CredentialState.ACTIVE: "已激活",
    CredentialState.USED: "已使用",
    CredentialState.COMPLETED: "已完成",
    CredentialState.INVALID: "已失效",
    CredentialState.CANCELLED: "已取消",
    CredentialState.EXPIRED: "已过期",
}

# What is counted of a scene code; further words are allowed.
COUNTED = ("scan", "follow", "claim", "redeem")


@dataclass(frozen=True)
class CredentialCard:
    """`payload` is the text inside its QR."""

    id: int
    kind: CredentialKind
    subject_kind: str
    subject_id: int
    state: CredentialState
    payload: str
    holder_member_id: int | None
    valid_until: datetime | None


@dataclass(frozen=True)
class CredentialStep:
    """One try to change a credential, granted or refused."""

    before: CredentialState
    wanted: CredentialState
    refused: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class SceneCard:
    """A code with parameters: which subject, put up as which source, at which place. `url` is what its QR says."""

    id: int
    scene: str
    url: str
    source: str
    subject_kind: str
    subject_id: int
    place: str
    title: str


@dataclass(frozen=True)
class Scan:
    """One thing that happened through a scene code. `key` names it, so that a repeated delivery counts once."""

    scene_id: int
    what: str
    at: datetime
    openid: str = ""
    key: str = ""


@dataclass(frozen=True)
class SubjectState:
    """What a room above says of a subject that a code points at.

    `state`: open, ended, not_started, sold_out, gone. Only an open subject offers `actions`; an ended one shows `result`.
    """

    title: str
    state: str = "open"
    actions: tuple[str, ...] = ()
    result: str = ""


@dataclass(frozen=True)
class Resolved:
    """What a scanned text is. `kind`: member_code, card, scene, credential, product, pay_code, coupon …, or unknown.

    `actions` are what may be done with it now; none for a code that is unknown, ended, used or expired (see `state`).
    """

    kind: str
    subject_kind: str = ""
    subject_id: int | None = None
    actions: tuple[str, ...] = ()
    state: str = ""
    title: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


UNKNOWN = Resolved(kind="unknown", state="unknown")


@dataclass(frozen=True)
class CodeMinute:
    """One dynamic code with the minute in which it is shown."""

    digits: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True)
class MemberCode:
    """The code to show now, and those of the next minutes, signed ahead for a phone that loses its network."""

    digits: str
    valid_until: datetime
    ahead: tuple[CodeMinute, ...]


@event("credential_changed")
@dataclass(frozen=True)
class CredentialChanged(Event):
    """A step of a credential's life; reactions are the actions linked to it (E2)."""

    credential_id: int
    kind: str
    subject_kind: str
    subject_id: int
    before: str
    after: str


@event("scene_scanned")
@dataclass(frozen=True)
class Scanned(Event):
    """Somebody opened a scene code's page."""

    scene_id: int
    member_id: int | None
