"""The API's doors and the staff's own endpoints.

Other rooms take their `auth=` from here: `right("coupons.edit")`, `staff_auth`, `device_auth`, `worker_auth`,
`member_auth`, `anyone`. They run before a body is read, so who may not is told so whatever they sent.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from shangquan.identity import door, queries
from shangquan.identity.actions.codes import confirm_totp, disable_totp, enable_totp
from shangquan.identity.actions.device_tokens import make_device_token, revoke_device_token
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account, same_name
from shangquan.identity.actions.revoke_role import revoke_role
from shangquan.identity.actions.sign_in import sign_in
from shangquan.identity.contracts import NO_ACCOUNT, RIGHTS, ROLES, AuditCard, DeviceCard, GrantCard, StaffCard
from shangquan.identity.models import Account
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import BAD_INPUT, BAD_PAGE_FORM, SIGN_IN_FIRST, Refused
from shangquan.kernel.transactions import transaction
from shangquan.tenancy import door as tenancy

router = Router(tags=["identity"])


class Token(AuthBase):
    """Lets an actor of the named kinds in. Refuses K-4011; K-4031 when a browser's call cannot prove its origin."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_name = "Token"

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        super().__init__()

    def __call__(self, request: HttpRequest) -> scope.Actor:
        who = scope.actor()
        if self.kinds and who.kind not in self.kinds:
            raise Refused(SIGN_IN_FIRST)
        by_cookie = door.came_by_cookie(request) and who.kind in ("staff", "member")
        if by_cookie and check_csrf(request) is not None:
            raise Refused(BAD_PAGE_FORM)
        return who


class Right(Token):
    """Lets staff and devices in that hold the right. Refuses 403 (audited), and N-4031 while its module is off."""

    def __init__(self, name: str) -> None:
        self.card = RIGHTS[name]
        super().__init__("staff", "device")

    def __call__(self, request: HttpRequest) -> scope.Actor:
        super().__call__(request)
        if self.card.module:
            tenancy.require_module(self.card.module)
        return scope.require(self.card.name)


def right(name: str) -> Right:
    """`@router.post("/campaigns", auth=right("coupons.edit"))`; a name that is not in RIGHTS fails at import."""
    return Right(name)


staff_auth = Token("staff")
device_auth = Token("device")
worker_auth = Token("staff", "device")
member_auth = Token("member")
anyone = Token()


class GrantOut(Schema):
    id: int
    role: str
    title: str
    title_en: str
    merchant_id: int | None
    store_id: int | None
    granted_at: datetime


class StaffOut(Schema):
    id: int
    username: str
    name: str
    is_active: bool
    two_step: bool
    last_sign_in: datetime | None
    grants: list[GrantOut]


class MeOut(Schema):
    kind: str
    id: int
    name: str
    role: str
    merchant_id: int | None
    store_id: int | None
    rights: list[str]


class SignInIn(Schema):
    username: str = Field(max_length=60)
    password: str = Field(max_length=200)
    code: str = Field("", max_length=12, description="两步验证的 6 位数字")
    grant_id: int | None = Field(None, description="在几家店有授权时，这次为哪一家")


class GrantIn(Schema):
    username: str = Field(max_length=60)
    role: str
    merchant_id: int | None = None
    store_id: int | None = None
    name: str = Field("", max_length=60, description="账号还没有时，和 password 一起建账号")
    password: str = Field("", max_length=200)


class GrantedOut(Schema):
    account_id: int
    grant_id: int


class DeviceIn(Schema):
    name: str = Field(max_length=60)
    rights: list[str] = Field(max_length=len(RIGHTS))
    merchant_id: int | None = None
    store_id: int | None = None


class DeviceOut(Schema):
    id: int
    name: str
    rights: list[str]
    merchant_id: int | None
    store_id: int | None
    made_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewDeviceOut(Schema):
    device: DeviceOut
    token: str = Field(description="只在这里出现这一次")


class CodeIn(Schema):
    code: str = Field(max_length=12)


class NewCodeOut(Schema):
    secret: str
    uri: str


class RightOut(Schema):
    name: str
    zh: str
    en: str
    area: str
    module: str


class RoleOut(Schema):
    role: str
    zh: str
    en: str
    of_owner: bool
    store: str
    rights: list[str]


class AuditOut(Schema):
    id: int
    at: datetime
    actor_kind: str
    actor_id: int
    actor_name: str
    role: str
    merchant_id: int | None
    action: str
    subject: str
    subject_id: str
    before: Any
    after: Any
    refused: str


class AuditPageOut(Schema):
    lines: list[AuditOut]
    before: int | None = Field(description="下一页的 before；最后一页为空")


class AuditQuery(Schema):
    actor_id: int | None = None
    action: str = Field("", max_length=60)
    subject: str = Field("", max_length=40)
    subject_id: str = Field("", max_length=60)
    refused: bool = False
    before: int | None = None
    limit: int = Field(50, ge=1, le=200)


class StaffQuery(Schema):
    text: str = Field("", max_length=60)
    after: str = Field("", max_length=60)
    limit: int = Field(50, ge=1, le=200)


@router.post("/sign-in", auth=anyone, response=MeOut, summary="登录 Sign in")
def post_sign_in(request: HttpRequest, body: SignInIn) -> MeOut:
    """Starts a session (cookie). Refuses A-4011, A-4012 (code needed), A-4291 (too many), A-4032 (no role here)."""
    if request.content_type != "application/json":  # what a stranger's form cannot send
        raise Refused(BAD_INPUT, why="Content-Type 要是 application/json")
    account = sign_in(username=body.username, password=body.password, code=body.code, now=clock.now())
    door.start_session(request, account.id, grant_id=body.grant_id)
    return _me(door.actor_for(account.id, scope.district_id(), body.grant_id))


@router.post("/sign-out", auth=anyone, response={204: None}, summary="退出 Sign out")
def post_sign_out(request: HttpRequest) -> Status[None]:
    door.end_session(request)
    return Status(204, None)


@router.get("/me", auth=worker_auth, response=MeOut, summary="我是谁 Who am I")
def get_me(request: HttpRequest) -> MeOut:
    return _me(scope.actor())


@router.get("/roles", auth=worker_auth, response=list[RoleOut], summary="角色 Roles")
def get_roles(request: HttpRequest) -> list[RoleOut]:
    return [
        RoleOut(
            role=card.role.value,
            zh=card.zh,
            en=card.en,
            of_owner=card.of_owner,
            store=card.store,
            rights=sorted(card.rights),
        )
        for card in ROLES.values()
    ]


@router.get("/rights", auth=worker_auth, response=list[RightOut], summary="权限 Rights")
def get_rights(request: HttpRequest) -> list[RightOut]:
    return [
        RightOut(name=card.name, zh=card.zh, en=card.en, area=card.area, module=card.module) for card in RIGHTS.values()
    ]


@router.get("/staff", auth=right("staff.read"), response=list[StaffOut], summary="员工 Staff")
def get_staff(request: HttpRequest, query: Query[StaffQuery]) -> list[StaffOut]:
    """By user name; `after` is the last user name of the page before. A merchant's staff see their own merchant's."""
    who = scope.actor()
    page = queries.staff_page(
        merchant_id=who.merchant_id, store_id=who.store_id, text=query.text, after=query.after, limit=query.limit
    )
    return [_staff(card) for card in page]


@router.post("/staff", auth=right("staff.manage"), response={201: GrantedOut}, summary="授权 Grant a role")
def post_staff(request: HttpRequest, body: GrantIn) -> Status[GrantedOut]:
    """Makes the account when `name` and `password` come with an unknown user name. A repeat answers the first grant."""
    now = clock.now()
    with transaction():
        if body.password:
            account_id = make_account(username=body.username, name=body.name, password=body.password, now=now)
        else:
            account_id = _account_id(body.username)
        grant_id = grant_role(
            account_id=account_id, role=body.role, merchant_id=body.merchant_id, store_id=body.store_id, now=now
        )
    return Status(201, GrantedOut(account_id=account_id, grant_id=grant_id))


@router.delete("/grants/{grant_id}", auth=right("staff.manage"), response={204: None}, summary="收回授权 Revoke")
def delete_grant(request: HttpRequest, grant_id: int) -> Status[None]:
    with transaction():
        revoke_role(grant_id=grant_id, now=clock.now())
    return Status(204, None)


@router.get("/devices", auth=right("devices.manage"), response=list[DeviceOut], summary="设备令牌 Device tokens")
def get_devices(request: HttpRequest) -> list[DeviceOut]:
    who = scope.actor()
    return [_device(card) for card in queries.devices(merchant_id=who.merchant_id, store_id=who.store_id)]


@router.post("/devices", auth=right("devices.manage"), response={201: NewDeviceOut}, summary="发令牌 Make a token")
def post_device(request: HttpRequest, body: DeviceIn) -> Status[NewDeviceOut]:
    """The token is in this answer only; it is kept as a hash."""
    with transaction():
        made = make_device_token(
            name=body.name,
            rights=body.rights,
            merchant_id=body.merchant_id,
            store_id=body.store_id,
            now=clock.now(),
        )
    return Status(201, NewDeviceOut(device=_device(made.card), token=made.token))


@router.delete(
    "/devices/{device_id}", auth=right("devices.manage"), response={204: None}, summary="收令牌 Revoke a token"
)
def delete_device(request: HttpRequest, device_id: int) -> Status[None]:
    with transaction():
        revoke_device_token(device_id=device_id, now=clock.now())
    return Status(204, None)


@router.post("/me/two-step", auth=staff_auth, response=NewCodeOut, summary="开始两步验证 Begin two-step sign-in")
def post_two_step(request: HttpRequest) -> NewCodeOut:
    with transaction():
        made = enable_totp(account_id=scope.actor().id)
    return NewCodeOut(secret=made.secret, uri=made.uri)


@router.post("/me/two-step/confirm", auth=staff_auth, response={204: None}, summary="确认两步验证 Confirm")
def post_two_step_confirm(request: HttpRequest, body: CodeIn) -> Status[None]:
    with transaction():
        confirm_totp(account_id=scope.actor().id, code=body.code, now=clock.now())
    return Status(204, None)


@router.post("/me/two-step/off", auth=staff_auth, response={204: None}, summary="关闭两步验证 Switch off")
def post_two_step_off(request: HttpRequest, body: CodeIn) -> Status[None]:
    disable_totp(account_id=scope.actor().id, code=body.code, now=clock.now())
    return Status(204, None)


@router.get("/audit", auth=right("audit.read"), response=AuditPageOut, summary="操作记录 Audit")
def get_audit(request: HttpRequest, query: Query[AuditQuery]) -> AuditPageOut:
    """Newest first. A merchant's staff see what their own staff and devices did. An `action` ending in a dot is a room."""
    page = queries.audit_page(
        merchant_id=scope.actor().merchant_id,
        actor_id=query.actor_id,
        action=query.action,
        subject=query.subject,
        subject_id=query.subject_id,
        refused_only=query.refused,
        before=query.before,
        limit=query.limit,
    )
    return AuditPageOut(lines=[_line(card) for card in page.lines], before=page.before)


def _account_id(username: str) -> int:
    found = Account.objects.filter(username=same_name(username)).values_list("id", flat=True).first()
    if found is None:
        raise Refused(NO_ACCOUNT)
    return found


def _me(who: scope.Actor) -> MeOut:
    return MeOut(
        kind=who.kind,
        id=who.id,
        name=who.name,
        role=who.role,
        merchant_id=who.merchant_id,
        store_id=who.store_id,
        rights=sorted(who.rights),
    )


def _grant(card: GrantCard) -> GrantOut:
    return GrantOut(
        id=card.id,
        role=card.role.role.value,
        title=card.role.zh,
        title_en=card.role.en,
        merchant_id=card.merchant_id,
        store_id=card.store_id,
        granted_at=card.granted_at,
    )


def _staff(card: StaffCard) -> StaffOut:
    return StaffOut(
        id=card.id,
        username=card.username,
        name=card.name,
        is_active=card.is_active,
        two_step=card.has_code,
        last_sign_in=card.last_sign_in,
        grants=[_grant(grant) for grant in card.grants],
    )


def _device(card: DeviceCard) -> DeviceOut:
    return DeviceOut(
        id=card.id,
        name=card.name,
        rights=list(card.rights),
        merchant_id=card.merchant_id,
        store_id=card.store_id,
        made_at=card.made_at,
        last_used_at=card.last_used_at,
        revoked_at=card.revoked_at,
    )


def _line(card: AuditCard) -> AuditOut:
    return AuditOut(
        id=card.id,
        at=card.at,
        actor_kind=card.actor_kind,
        actor_id=card.actor_id,
        actor_name=card.actor_name,
        role=card.role,
        merchant_id=card.merchant_id,
        action=card.action,
        subject=card.subject,
        subject_id=card.subject_id,
        before=card.before,
        after=card.after,
        refused=card.refused,
    )
