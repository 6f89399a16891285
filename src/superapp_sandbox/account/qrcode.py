"""Parametric codes: temporary (at most 30 days) and permanent (at most 100,000), and their pictures."""

import io

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..records import Json, QrTicket
from ..refusals import AccountRefusal
from . import gate

LONGEST_S = 2_592_000
DEFAULT_S = 60
MOST_PERMANENT = 100_000
_ACTIONS = ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")


def create(ask: gate.Ask) -> Json:
    """A ticket, its address (what the code says) and, when temporary, its seconds to live. Refuses 40053, 45003…"""
    action = ask.body.get("action_name")
    if action not in _ACTIONS:
        raise AccountRefusal(40053, "invalid action info")
    scene_id, scene_str = _scene(ask, str(action))
    permanent = "LIMIT" in str(action)
    if permanent:
        old = _same(ask, scene_id, scene_str)
        if old is not None:
            return {"ticket": old.ticket, "url": old.url}
    now, world = ask.world.clock.now(), ask.world
    seconds = 0 if permanent else _seconds(ask)
    ticket = QrTicket(
        ticket="gQ" + world.ids.alnum(94),
        appid=ask.account.appid,
        action=str(action),
        url="http://weixin.qq.com/q/02" + world.ids.alnum(22),
        created_at=now,
        scene_id=scene_id,
        scene_str=scene_str,
        expires_at=now + seconds if seconds else 0,
    )
    world.qr_tickets[ticket.ticket] = ticket
    shown: Json = {"ticket": ticket.ticket, "url": ticket.url}
    return shown if permanent else shown | {"expire_seconds": seconds}


def _scene(ask: gate.Ask, action: str) -> tuple[int, str]:
    info = ask.body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise AccountRefusal(40053, "invalid action info")
    if action.endswith("STR_SCENE"):
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise AccountRefusal(40053, "invalid action info: scene_str")
        return 0, text
    number = scene.get("scene_id")
    highest = 100_000 if "LIMIT" in action else 2**32 - 1
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= highest:
        raise AccountRefusal(40053, "invalid action info: scene_id")
    return number, ""


def _seconds(ask: gate.Ask) -> int:
    given = ask.body.get("expire_seconds", DEFAULT_S)
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise AccountRefusal(40053, "invalid action info: expire_seconds")
    return min(given, LONGEST_S)


def _same(ask: gate.Ask, scene_id: int, scene_str: str) -> QrTicket | None:
    permanent = [t for t in ask.world.qr_tickets.values() if t.appid == ask.account.appid and not t.expires_at]
    for ticket in permanent:
        if (ticket.scene_id, ticket.scene_str) == (scene_id, scene_str):
            return ticket
    if len(permanent) >= MOST_PERMANENT:
        raise AccountRefusal(45029, "permanent qrcode limit reached")
    return None


def png(text: str, scale: int = 8) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


async def show(request: Request) -> Response:
    """The picture of a ticket's code; an unknown ticket is 404."""
    ticket = gate.world_of(request).qr_tickets.get(request.query_params.get("ticket", ""))
    if ticket is None:
        return Response(status_code=404)
    return Response(png(ticket.url), media_type="image/png")


routes = [
    Route("/cgi-bin/qrcode/create", gate.with_token("带参数二维码 qrcode/create", create), methods=["POST"]),
    Route("/cgi-bin/showqrcode", show, methods=["GET"]),
]
