"""Members for tills, consoles and integrators: identities are found, never listed."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from shangquan.identity.api import member_auth, right
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.members import door
from shangquan.members.contracts import KeyKind, MemberCard
from shangquan.tenancy import door as tenancy

router = Router(tags=["members"])


class MemberOut(Schema):
    """Numbers are masked; the whole phone is asked for by its own call, which leaves an audit line."""

    id: int
    card_no: str
    name: str
    name_masked: str
    phone_masked: str
    tier: str
    joined_at: datetime
    channel: str


class FoundOut(Schema):
    member: MemberOut | None = Field(description="空：不是会员")


class EnrolIn(Schema):
    phone: str = Field(max_length=20)
    name: str = Field("", max_length=40)
    channel: str = Field("pos", max_length=30)


class FindIn(Schema):
    kind: KeyKind
    value: str = Field(max_length=128)


class PhoneOut(Schema):
    phone: str | None


class ShareOut(Schema):
    channel: str
    members: int
    share_bp: int = Field(description="万分比：1500 是 15.0%")


class SearchQuery(Schema):
    text: str = Field("", max_length=60)
    merchant_id: int | None = None
    before: int | None = None
    limit: int = Field(50, ge=1, le=200)


@router.get("", auth=right("members.read"), response=list[MemberOut], summary="会员 Members")
def get_members(request: HttpRequest, query: Query[SearchQuery]) -> list[MemberCard]:
    """Newest first. A merchant's staff see who bought, claimed or subscribed there."""
    return door.search(query.text, query.merchant_id, before=query.before, limit=query.limit)


@router.post("", auth=right("members.enrol"), response=MemberOut, summary="开卡 Open a card")
def post_member(request: HttpRequest, body: EnrolIn) -> MemberCard:
    """The card of a proved phone: the one there is, or a new one. A repeat answers the same card."""
    with transaction():
        return door.open_card(phone=body.phone, name=body.name, channel=body.channel, now=clock.now())


@router.post("/find", auth=right("members.read"), response=FoundOut, summary="识别 Identify")
def post_find(request: HttpRequest, body: FindIn) -> FoundOut:
    """By phone, plate, device, face token or openid; empty for who is not a member, never a guess."""
    found = door.by_key(body.kind, body.value)
    return FoundOut(member=None if found is None else MemberOut.from_orm(found))


@router.post(
    "/{member_id}/phone", auth=right("members.read_phone"), response=PhoneOut, summary="看完整手机号 Whole phone"
)
def post_phone(request: HttpRequest, member_id: int) -> PhoneOut:
    with transaction():
        return PhoneOut(phone=door.reveal_phone(member_id))


@router.get(
    "/recruits", auth=right("insight.read"), response=list[ShareOut], summary="招募渠道 Channels of recruitment"
)
def get_recruits(request: HttpRequest, since: date, until: date) -> Any:
    """New members by channel on the district's days from `since` to `until`, both counted."""
    zone = tenancy.district().zone
    start = datetime.combine(since, time(), zone)
    return door.recruits(start, datetime.combine(until + timedelta(days=1), time(), zone))


@router.get("/export", auth=right("members.export"), summary="导出会员 Export members")
def get_export(request: HttpRequest, form: Literal["csv", "jsonl"] = "csv") -> StreamingHttpResponse:
    """All that the asking staff may see, as CSV or JSON lines, sent as it is read."""
    with transaction():
        lines = door.export_members(form)
    kind = "text/csv" if form == "csv" else "application/x-ndjson"
    answer = StreamingHttpResponse(_within(scope.current(), lines), content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="members.{form}"'
    return answer


@router.get("/me", auth=member_auth, response=MemberOut, summary="我的卡 My card")
def get_me(request: HttpRequest) -> MemberCard:
    return door.member(scope.actor().id)


@router.get("/me/export", auth=member_auth, response=dict[str, Any], summary="我的全部资料 My data")
def get_my_export(request: HttpRequest) -> dict[str, Any]:
    """All that this room holds of the asking member (PIPL, article 45)."""
    return door.export_member(scope.actor().id)


def _within(opened: scope.Scope, lines: Iterator[str]) -> Iterator[str]:
    """The answer is streamed after the entrance has closed its scope: each step opens it again."""
    while True:
        with scope.scope(opened.district_id, actor=opened.actor, request_id=opened.request_id, ip=opened.ip):
            line = next(lines, None)
        if line is None:
            return
        yield line
