"""The page script's ticket and the check of ``wx.config``."""

import hashlib
from urllib.parse import urlsplit

from starlette.routing import Route

from ..calls import explain
from ..records import ApiToken, Json
from ..refusals import AccountRefusal
from ..world import World
from . import gate

LIFE_S = 7200


def page_signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """SHA-1 of the four sorted pairs; the address without its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def get_ticket(ask: gate.Ask) -> Json:
    """The living ticket, or a new one near its end."""
    if ask.query.get("type") != "jsapi":
        raise AccountRefusal(40097, "invalid args: type")
    now, world = ask.world.clock.now(), ask.world
    living = [
        t
        for t in world.tokens.values()
        if t.kind == "jsapi_ticket" and t.appid == ask.account.appid and t.expires_at > now + 300
    ]
    ticket = living[0] if living else _issue(world, ask.account.appid)
    return {"errcode": 0, "errmsg": "ok", "ticket": ticket.value, "expires_in": round(ticket.expires_at - now)}


def _issue(world: World, appid: str) -> ApiToken:
    value = "sM4AOVdWfPE4DxkXGEs8V" + world.ids.alnum(65)
    world.tokens[value] = ApiToken(value, appid, "jsapi_ticket", world.clock.now() + LIFE_S)
    return world.tokens[value]


def check(world: World, asked: Json) -> Json:
    """Check ``wx.config`` of a page as the host app does: ``{ok, errMsg}``."""
    account = world.accounts.get(str(asked.get("appId", "")))
    if account is None:
        return _no("invalid appid")
    url = str(asked.get("url", ""))
    if account.js_domain and not same_domain(url, account.js_domain):
        return _no("invalid url domain")
    now = world.clock.now()
    nonce, stamp = str(asked.get("nonceStr", "")), str(asked.get("timestamp", ""))
    living = [
        t.value
        for t in world.tokens.values()
        if t.kind == "jsapi_ticket" and t.appid == account.appid and t.expires_at > now
    ]
    if asked.get("signature") in [page_signature(ticket, nonce, stamp, url) for ticket in living]:
        return {"ok": True, "errMsg": "config:ok"}
    newest = living[-1] if living else "(none was issued)"
    text = f"jsapi_ticket={newest}&noncestr={nonce}&timestamp={stamp}&url={url.split('#')[0]}"
    explain("待签名串 string to sign", True, text)
    # The page's console shows it too: an engineer compares it with what the product's backend has signed.
    wanted = page_signature(newest, nonce, stamp, url)
    explain("签名 SHA-1", False, f"expected: {wanted}\ngot: {asked.get('signature', '')}")
    return _no("invalid signature") | {"explain": {"string1": text, "expected": wanted}}


def _no(why: str) -> Json:
    explain("wx.config", False, why)
    return {"ok": False, "errMsg": f"config:fail, {why}"}


def same_domain(url: str, domain: str) -> bool:
    """Whether the address is on the configured domain. A phone's own ``u1.localhost`` stands for the local host."""
    wanted = urlsplit(domain if "//" in domain else f"//{domain}")
    host, port = urlsplit(url).hostname or "", urlsplit(url).port
    if wanted.port and port != wanted.port:
        return False
    local = ("127.0.0.1", "localhost")
    if wanted.hostname in local:
        return host in local or host.endswith(".localhost")
    return host == wanted.hostname


routes = [Route("/cgi-bin/ticket/getticket", gate.with_token("JS-SDK ticket", get_ticket), methods=["GET"])]
