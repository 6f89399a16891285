"""Temporary media (three days) and pictures for articles: sent as multipart, fetched by id."""

import base64
import email
import email.policy
from email.message import EmailMessage
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..calls import titled
from ..records import Media
from ..refusals import AccountRefusal
from ..world import World
from . import gate

LIFE_S = 3 * 86400
_LARGEST = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}


async def _file(request: Request, largest: int) -> tuple[str, str, bytes]:
    """Name, type and bytes of the part ``media``. Refuses 41005 and 40006."""
    kind = request.headers.get("content-type", "")
    head = f"Content-Type: {kind}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    whole = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP)
    for part in whole.iter_parts() if whole.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "media":
            data = cast(bytes, cast(EmailMessage, part).get_payload(decode=True))
            if not 0 < len(data) <= largest:
                raise AccountRefusal(40006, "invalid file size")
            return part.get_filename() or "file", part.get_content_type(), data
    raise AccountRefusal(41005, "media data missing")


def _keep(world: World, appid: str, kind: str, file: tuple[str, str, bytes]) -> Media:
    name, content_type, data = file
    media = Media(
        world.ids.alnum(64), appid, kind, name, content_type, base64.b64encode(data).decode(), world.clock.now()
    )
    world.media[media.id] = media
    return media


async def upload(request: Request) -> Response:
    """A temporary picture, voice, video or thumbnail. Refuses 40004, 40006, 41005."""
    titled("上传临时素材 media/upload")
    world = gate.world_of(request)
    try:
        account = gate.account_of(world, request.query_params.get("access_token", ""))
        kind = request.query_params.get("type", "")
        if kind not in _LARGEST:
            raise AccountRefusal(40004, "invalid media type")
        media = _keep(world, account.appid, kind, await _file(request, _LARGEST[kind]))
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    return gate.json_answer({"type": kind, "media_id": media.id, "created_at": int(media.created_at)})


async def upload_picture(request: Request) -> Response:
    """A picture for articles; the answer is an address that stays."""
    titled("上传图文图片 media/uploadimg")
    world = gate.world_of(request)
    try:
        account = gate.account_of(world, request.query_params.get("access_token", ""))
        media = _keep(world, account.appid, "article", await _file(request, 1 << 20))
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    return gate.json_answer({"url": f"{world.base_url}/_phone/media/{media.id}"})


async def add_material(request: Request) -> Response:
    """A picture or thumbnail that stays; drafts name it as ``thumb_media_id``."""
    titled("新增永久素材 material/add_material")
    world = gate.world_of(request)
    try:
        account = gate.account_of(world, request.query_params.get("access_token", ""))
        kind = request.query_params.get("type", "")
        if kind not in _LARGEST:
            raise AccountRefusal(40004, "invalid media type")
        media = _keep(world, account.appid, "permanent", await _file(request, _LARGEST[kind]))
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    return gate.json_answer({"media_id": media.id, "url": f"{world.base_url}/_phone/media/{media.id}"})


def _answer(media: Media) -> Response:
    name = media.name.encode("ascii", "replace").decode().replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(base64.b64decode(media.data), 200, headers, media.content_type)


async def get(request: Request) -> Response:
    """The bytes of a temporary medium. Refuses 40007 when unknown or older than three days."""
    titled("获取临时素材 media/get")
    world = gate.world_of(request)
    try:
        account = gate.account_of(world, request.query_params.get("access_token", ""))
        media = world.media.get(request.query_params.get("media_id", ""))
        if media is None or media.appid != account.appid or media.created_at + LIFE_S < world.clock.now():
            raise AccountRefusal(40007, "invalid media_id")
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    return _answer(media)


async def show(request: Request) -> Response:
    """The same for the phone's chat, by id alone."""
    media = gate.world_of(request).media.get(str(request.path_params["id"]))
    return _answer(media) if media else Response(status_code=404)


routes = [
    Route("/cgi-bin/media/upload", upload, methods=["POST"]),
    Route("/cgi-bin/media/uploadimg", upload_picture, methods=["POST"]),
    Route("/cgi-bin/material/add_material", add_material, methods=["POST"]),
    Route("/cgi-bin/media/get", get, methods=["GET"]),
    Route("/_phone/media/{id}", show, methods=["GET"]),
]
