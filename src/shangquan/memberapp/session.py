"""The member session: beside the staff session in the same browser, of one district, 14 days long."""

import base64
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from shangquan.kernel import clock, personal, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.scope import Actor
from shangquan.members import door as members
from shangquan.members.contracts import MemberCard

LASTS = timedelta(days=14)
_KEY = "memberapp.member"
_NONCE = "memberapp.nonce"


def visitor(request: HttpRequest, district_id: int) -> Actor | None:
    """Recognises the member for identity; None for a fan without a card and for a guest. One query for a member."""
    kept = _kept(request)
    if kept.get("district") != district_id or not kept.get("member"):
        return None
    try:
        card = members.member(int(kept["member"]))
    except Refused:
        return None
    request.member_card = card  # type: ignore[attr-defined]
    return Actor(kind="member", id=card.id, name=card.name)


def start(request: HttpRequest, *, member_id: int | None, openid: str = "") -> None:
    """Remember who uses this browser, under a new session key and form token. A staff session in it stays."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "district": scope.district_id(),
        "member": member_id,
        "openid": base64.b64encode(personal.seal("openid", openid)).decode() if openid else "",
        "until": (clock.now() + LASTS).timestamp(),
    }
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """Forget the member; the staff of the same browser stay signed in."""
    request.session.pop(_KEY, None)
    request.session.pop(_NONCE, None)
    request.session.cycle_key()
    rotate_token(request)


def openid(request: HttpRequest) -> str:
    """The WeChat identity of this browser, '' when it never came through WeChat's login."""
    kept = _kept(request)
    if kept.get("district") != scope.district_id() or not kept.get("openid"):
        return ""
    try:
        return personal.unseal("openid", base64.b64decode(kept["openid"]))
    except personal.Unreadable:
        return ""


def card(request: HttpRequest) -> MemberCard | None:
    """The acting member's card, read once a request; None for anybody else."""
    who = scope.actor()
    if who.kind != "member":
        return None
    kept: MemberCard | None = getattr(request, "member_card", None)
    if kept is None or kept.id != who.id:
        kept = members.member(who.id)
        request.member_card = kept  # type: ignore[attr-defined]
    return kept


def nonce(request: HttpRequest, fresh: str) -> str:
    """The secret that ties a login to this browser; kept until a login has come back."""
    kept: str = request.session.setdefault(_NONCE, fresh)
    return kept


def known_nonce(request: HttpRequest) -> str:
    found: str = request.session.get(_NONCE, "")
    return found


def _kept(request: HttpRequest) -> dict[str, Any]:
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    return kept if kept.get("until", 0) > clock.now().timestamp() else {}
