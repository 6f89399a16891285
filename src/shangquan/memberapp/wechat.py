"""Where WeChat comes in: is this its browser, who is its user, and what its page scripts need."""

import re
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from shangquan.kernel import ids
from shangquan.kernel.errors import Refused
from shangquan.memberapp import session
from shangquan.messaging import door as messaging
from shangquan.messaging import ports
from shangquan.messaging.contracts import Login

# The sandbox's phones visit local pages under their own names, or in a frame; their browser is the desk's own.
_PHONE = re.compile(r"^u\d+(?:\.[\w-]+)*\.localhost$")


def is_inside(request: HttpRequest) -> bool:
    """Whether the page is shown by WeChat's browser, or by a phone of the sandbox in demo mode."""
    if "MicroMessenger" in request.headers.get("User-Agent", ""):
        return True
    if not settings.DEMO:
        return False
    host = request.get_host().split(":")[0]
    return (
        bool(_PHONE.match(host)) or request.headers.get("Sec-Fetch-Dest") == "iframe" or bool(session.openid(request))
    )


def login_address(request: HttpRequest, to: str, now: datetime) -> str:
    """Where to send the browser to be recognised and come back to `to`. Refuses when no account is connected."""
    return ports.login().authorize_url(
        appid=messaging.account().appid,
        callback_url=_callback(request),
        to=to,
        nonce=session.nonce(request, ids.token()),
        now=now,
    )


def came_back(request: HttpRequest, now: datetime) -> Login:
    """Who the platform says came back. Refuses a login that this browser did not begin (G-4005)."""
    return ports.login().exchange(
        appid=messaging.account().appid,
        code=request.GET.get("code", ""),
        state=request.GET.get("state", ""),
        to=request.GET.get("to", ""),
        nonce=session.known_nonce(request),
        now=now,
    )


def page_config(url: str, now: datetime) -> dict[str, str]:
    """What `wx.config` needs on the page at `url`. Asks the platform, so never inside a transaction."""
    return ports.page().config(appid=messaging.account().appid, url=url, now=now)


def is_connected() -> bool:
    """Whether a person can be recognised through WeChat here."""
    try:
        ports.login()
    except Refused:
        return False
    return messaging.main_account() is not None


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("memberapp:wechat_back"))
