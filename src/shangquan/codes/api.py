"""Scene codes, resolving scanned texts and member codes, for tills, integrators and mini-programs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from shangquan.codes import door
from shangquan.identity.api import member_auth, right, worker_auth
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction

router = Router(tags=["codes"])


class ScanIn(Schema):
    text: str = Field(max_length=1024, description="扫到的文字")


class ResolvedOut(Schema):
    kind: str
    subject_kind: str
    subject_id: int | None
    actions: list[str]
    state: str
    title: str
    data: dict[str, Any]


class SceneIn(Schema):
    source: str = Field(max_length=40)
    subject_kind: str = Field(max_length=30)
    subject_id: int
    place: str = Field("", max_length=60)
    title: str = Field("", max_length=60)


class SceneOut(Schema):
    id: int
    scene: str
    url: str
    source: str
    subject_kind: str
    subject_id: int
    place: str
    title: str


class CountedOut(SceneOut):
    counts: dict[str, int]


class MinuteOut(Schema):
    digits: str
    valid_from: datetime
    valid_until: datetime


class MemberCodeOut(Schema):
    digits: str
    valid_until: datetime
    ahead: list[MinuteOut] = Field(description="没有网络时接着出示的码，一分钟一个")


class VerifyIn(Schema):
    digits: str = Field(max_length=30)


class VerifiedOut(Schema):
    member_id: int


@router.post("/resolve", auth=worker_auth, response=ResolvedOut, summary="认码 Resolve a scanned text")
def post_resolve(request: HttpRequest, body: ScanIn) -> Any:
    """Answers what the text is and what may be done with it; `unknown` for anything else. Uses nothing up."""
    return door.resolve(body.text, now=clock.now())


@router.post("/member-codes/verify", auth=right("members.read"), response=VerifiedOut, summary="验会员码 Verify")
def post_verify(request: HttpRequest, body: VerifyIn) -> VerifiedOut:
    """Accepts a dynamic code once. Refuses Q-4041 (not ours), Q-4101 (expired), Q-4091 (used: when and by whom)."""
    who = scope.actor()
    with transaction():
        member_id = door.verify_member_code(body.digits, now=clock.now(), by=who.name or f"{who.kind}:{who.id}")
    return VerifiedOut(member_id=member_id)


@router.get("/member-code", auth=member_auth, response=MemberCodeOut, summary="我的会员码 My code")
def get_member_code(request: HttpRequest) -> Any:
    return door.member_code(scope.actor().id, now=clock.now())


@router.post("/scenes", auth=right("codes.export"), response={201: SceneOut}, summary="建场景码 Make a scene code")
def post_scene(request: HttpRequest, body: SceneIn) -> Status[Any]:
    """The same parameters answer the same code."""
    with transaction():
        card = door.make_scene(
            body.source, body.subject_kind, body.subject_id, body.place, title=body.title, now=clock.now()
        )
    return Status(201, card)


@router.get("/scenes", auth=right("codes.export"), response=list[CountedOut], summary="场景码与计数 Scenes, counts")
def get_scenes(
    request: HttpRequest,
    subject_kind: str = "",
    subject_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[CountedOut]:
    """Newest first; `before` is the last id of the page above. Counts are of this moment."""
    cards = door.scenes(subject_kind=subject_kind, subject_id=subject_id, before=before, limit=max(1, min(limit, 200)))
    counted = door.counts([card.id for card in cards])
    return [
        CountedOut(
            id=card.id, scene=card.scene, url=card.url, source=card.source, subject_kind=card.subject_kind,
            subject_id=card.subject_id, place=card.place, title=card.title, counts=counted[card.id],
        )
        for card in cards
    ]  # fmt: skip


@router.get("/scenes/{scene_id}/qr.svg", auth=right("codes.export"), summary="二维码 SVG")
def get_scene_svg(request: HttpRequest, scene_id: int) -> HttpResponse:
    card = door.scene_for_export(scene_id)
    drawn = door.qr_svg(card.url, label=card.title or card.scene).replace(
        "<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1
    )
    return HttpResponse(drawn, content_type="image/svg+xml")


@router.get("/scenes/{scene_id}/qr.png", auth=right("codes.export"), summary="二维码 PNG")
def get_scene_png(request: HttpRequest, scene_id: int) -> HttpResponse:
    return HttpResponse(door.qr_png(door.scene_for_export(scene_id).url), content_type="image/png")
