"""The JSON interface behind the phone: everything a thumb can do."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ..account import follow, jssdk, menu, oauth
from ..json_api import body_of, json_endpoint, number, text, world_of
from ..pay import codes, transfers
from ..records import Account, Json, User
from ..refusals import PhoneRefusal
from ..world import World
from . import paying, scan
from .picture import read_code

REPLY_WAIT_S = 2.0  # how long a thumb waits for the passive reply before the answer goes out without it


def _user(request: Request) -> User:
    return world_of(request).user(str(request.path_params["user"]))


def _summary(world: World, user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "avatar_colour": user.avatar_colour,
        "openids": {appid: world.openid(appid, user.id) for appid in world.accounts},
        "balance_fen": user.balance_fen,
    }


def _settings(user: User) -> Json:
    kept = ("balance_fen", "password_free_below_fen", "lat", "lng", "weak_network", "rejects_templates")
    return {name: getattr(user, name) for name in kept}


async def list_users(request: Request) -> list[Json]:
    world = world_of(request)
    return [_summary(world, user) for user in world.users.values()]


async def add_user(request: Request) -> Json:
    name = text(await body_of(request), "name")[:32]
    return _summary(world_of(request), world_of(request).add_user(name))


async def show_me(request: Request) -> Json:
    """Whose phone this browser is, for the page script outside a phone. Refuses NO_PHONE."""
    world = world_of(request)
    user = oauth.phone_user(world, request)
    if user is None:
        raise PhoneRefusal("NO_PHONE", "这个浏览器不是沙箱里的手机", "No cookie sandbox_user: this is no phone.", 401)
    return {"user": _summary(world, user) | {"settings": _settings(user)}}


async def show_user(request: Request) -> Json:
    world, user = world_of(request), _user(request)
    sheet = world.pay_sheets.get(user.id)
    following = [f.appid for f in world.followers.values() if f.user_id == user.id and f.subscribed]
    bills = [asdict(line) for line in world.wallet_lines.values() if line.user_id == user.id]
    return {
        "user": _summary(world, user) | {"settings": _settings(user), "locked": user.wrong_passwords >= 5},
        "accounts": [_card(account) for account in world.accounts.values()],
        "chats": _chats(world, user),
        "notices": [asdict(n) for n in world.notices.values() if n.user_id == user.id][-50:],
        "following": following,
        "wallet": {"balance_fen": user.balance_fen, "bills": bills[-200:][::-1]},
        "pending_payment": scan.sheet_view(world, sheet) if sheet else None,
        "seq": world.changes.seq,
    }


def _card(account: Account) -> Json:
    return {"appid": account.appid, "name": account.name, "original_id": account.original_id}


def _chats(world: World, user: User) -> list[Json]:
    """Accounts that the person follows or ever talked with, the newest talk first."""
    chats = []
    for account in world.accounts.values():
        lines = world.chat(account.appid, user.id)
        follower = world.followers.get(f"{account.appid}:{user.id}")
        if lines or (follower and follower.subscribed):
            last = asdict(lines[-1]) if lines else None
            chats.append({"appid": account.appid, "name": account.name, "last": last, "count": len(lines)})
    return sorted(chats, key=lambda c: -(c["last"]["at"] if c["last"] else 0))


def _chat(world: World, user: User, account: Account) -> Json:
    follower = world.follower(account.appid, user.id)
    found = menu.menu_for(account, follower) if follower.subscribed else None
    return {
        "account": _card(account),
        "following": follower.subscribed,
        "openid": follower.openid,
        "messages": [asdict(m) for m in world.chat(account.appid, user.id)],
        "menu": {"button": found["button"]} if found else None,
    }


async def show_chat(request: Request) -> Json:
    world = world_of(request)
    return _chat(world, _user(request), world.account(str(request.path_params["appid"])))


async def _settle(push: follow.Push | None) -> None:
    """Give the account a moment to reply; the push goes on by itself when it takes longer."""
    if push is not None:
        await asyncio.wait({push}, timeout=REPLY_WAIT_S)


async def follow_account(request: Request) -> Json:
    world, user = world_of(request), _user(request)
    account = world.account(text(await body_of(request), "appid"))
    await _settle(follow.follow(world, account, user.id))
    return _chat(world, user, account)


async def unfollow_account(request: Request) -> Json:
    world, user = world_of(request), _user(request)
    account = world.account(text(await body_of(request), "appid"))
    await _settle(follow.unfollow(world, account, user.id))
    return _chat(world, user, account)


def _followed(world: World, user: User, appid: str) -> Account:
    account = world.account(appid)
    if not world.follower(appid, user.id).subscribed:
        raise PhoneRefusal("NOT_FOLLOWING", "请先关注公众号", "Follow the account first.", 409)
    return account


async def say(request: Request) -> Json:
    world, user, body = world_of(request), _user(request), await body_of(request)
    account = _followed(world, user, text(body, "appid"))
    await _settle(follow.say(world, account, user.id, text(body, "text")[:2048]))
    return _chat(world, user, account)


async def press_menu(request: Request) -> Json:
    """A button by ``key`` or ``url``; a view button gives ``open_url``."""
    world, user, body = world_of(request), _user(request), await body_of(request)
    account = _followed(world, user, text(body, "appid"))
    key = text(body, "key", required=False) or text(body, "url")
    pressed = menu.press(world, account, user.id, key)
    if pressed is None:
        raise PhoneRefusal("BUTTON_UNKNOWN", "菜单里没有这个按钮", "The menu has no such button.", 404)
    button, push = pressed
    await _settle(push)
    opened = {"open_url": button["url"]} if button["type"] in ("view", "miniprogram") else {}
    return _chat(world, user, account) | {"button": button} | opened


async def locate(request: Request) -> Json:
    world, user = world_of(request), _user(request)
    account = _followed(world, user, text(await body_of(request), "appid"))
    await _settle(follow.locate(world, account, user.id))
    return _chat(world, user, account)


async def scan_code(request: Request) -> Json:
    world, user, body = world_of(request), _user(request), await body_of(request)
    said = text(body, "text", required=False) or read_code(text(body, "image"))
    shown, push = scan.scan(world, user, said.strip())
    await _settle(push)
    return shown | {"scanned": said}


async def paycode(request: Request) -> Json:
    """The code to show; ``{"refresh": true}`` makes a new one, ``{"wallet": "alipay"}`` Alipay's."""
    world, user, body = world_of(request), _user(request), await body_of(request)
    wallet = "alipay" if body.get("wallet") == "alipay" else "wechat"
    show = codes.fresh if body.get("refresh") is True else codes.current
    code = show(world, user.id, wallet)
    return {"code": code.code, "expires_at": code.expires_at, "seconds_left": code.expires_at - world.clock.now()}


async def pending(request: Request) -> Json | None:
    world, user = world_of(request), _user(request)
    sheet = world.pay_sheets.get(user.id)
    return scan.sheet_view(world, sheet) if sheet else None


async def password(request: Request) -> Json:
    given = text(await body_of(request), "password")
    return await paying.password(world_of(request), _user(request), given)


async def cancel(request: Request) -> Json:
    return paying.cancel(world_of(request), _user(request))


async def jsapi(request: Request) -> Json:
    return paying.open_from_page(world_of(request), _user(request), await body_of(request))


async def app_pay(request: Request) -> Json:
    return paying.open_from_app(world_of(request), _user(request), await body_of(request))


async def take_transfer(request: Request) -> Json:
    """``requestMerchantTransfer``: take the money (or ``{"answer": "no"}``: leave the page)."""
    return transfers.answer(world_of(request), _user(request), await body_of(request))


async def settings(request: Request) -> Json:
    """Change what is named; refuses as a whole when one value is wrong."""
    user, body = _user(request), await body_of(request)
    wanted: Json = {}
    for name, lowest, highest in (
        ("balance_fen", 0, 10**10),
        ("password_free_below_fen", 0, 10**10),
        ("lat", -90, 90),
        ("lng", -180, 180),
    ):
        if name in body:
            value = number(body, name, lowest, highest)
            wanted[name] = int(value) if name.endswith("_fen") else float(value)
    for name in ("weak_network", "rejects_templates"):
        if name in body:
            wanted[name] = body[name] is True
    if "password" in body:
        wanted |= {"password": text(body, "password"), "wrong_passwords": 0}
    for name, value in wanted.items():
        setattr(user, name, value)
    world_of(request).changes.tell("wallet", user.id)
    return _settings(user)


async def events(request: Request) -> Response:
    """Changes after ``since``: a long poll, or a stream when the browser asks for ``text/event-stream``."""
    world, query = world_of(request), request.query_params
    user_id, since = query.get("user", ""), int(query.get("since") or -1)
    if since < 0:
        since = world.changes.seq
    if "text/event-stream" in request.headers.get("accept", ""):
        since = int(request.headers.get("last-event-id") or since)
        since = min(since, world.changes.seq)  # a number of an earlier process would wait for ever
        return StreamingResponse(_stream(world, user_id, since), media_type="text/event-stream")
    found = await world.changes.wait(since, user_id, min(float(query.get("wait") or 20), 60))
    shown: dict[str, Any] = {"seq": found[-1]["seq"] if found else max(since, 0), "events": found}
    return Response(json.dumps(shown, ensure_ascii=False), media_type="application/json")


async def _stream(world: World, user_id: str, since: int) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    while True:
        found = await world.changes.wait(since, user_id, 15)
        for event in found:
            since = event["seq"]
            yield f"id: {since}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
        if not found:
            yield ": still here\n\n"


async def open_page(request: Request) -> Response:
    """Open a page in this phone's browser: remember who it is on this host, then go there."""
    world = world_of(request)
    url = request.query_params.get("url", "")
    try:
        user = _user(request)
        if not url.startswith(("http://", "https://", "/")):
            raise PhoneRefusal("URL_WRONG", "网址无效", "url must be an http address.")
    except PhoneRefusal as refusal:
        return Response(refusal.english, refusal.status)
    answer = RedirectResponse(url, 302)
    answer.set_cookie("sandbox_user", user.id, path="/", samesite="lax")
    world.changes.tell("opened", user.id, url=url)
    return answer


async def check_page_config(request: Request) -> Json:
    return jssdk.check(world_of(request), await body_of(request))


_U = "/_phone/api/users/{user}"

routes = [
    Route("/_phone/api/users", json_endpoint(list_users), methods=["GET"]),
    Route("/_phone/api/users", json_endpoint(add_user), methods=["POST"]),
    Route("/_phone/api/me", json_endpoint(show_me), methods=["GET"]),
    Route(_U, json_endpoint(show_user), methods=["GET"]),
    Route(f"{_U}/chats/{{appid}}", json_endpoint(show_chat), methods=["GET"]),
    Route(f"{_U}/follow", json_endpoint(follow_account), methods=["POST"]),
    Route(f"{_U}/unfollow", json_endpoint(unfollow_account), methods=["POST"]),
    Route(f"{_U}/say", json_endpoint(say), methods=["POST"]),
    Route(f"{_U}/menu", json_endpoint(press_menu), methods=["POST"]),
    Route(f"{_U}/locate", json_endpoint(locate), methods=["POST"]),
    Route(f"{_U}/scan", json_endpoint(scan_code), methods=["POST"]),
    Route(f"{_U}/paycode", json_endpoint(paycode), methods=["POST"]),
    Route(f"{_U}/pending", json_endpoint(pending), methods=["GET"]),
    Route(f"{_U}/password", json_endpoint(password), methods=["POST"]),
    Route(f"{_U}/cancel", json_endpoint(cancel), methods=["POST"]),
    Route(f"{_U}/jsapi", json_endpoint(jsapi), methods=["POST"]),
    Route(f"{_U}/app_pay", json_endpoint(app_pay), methods=["POST"]),
    Route(f"{_U}/transfer", json_endpoint(take_transfer), methods=["POST"]),
    Route(f"{_U}/settings", json_endpoint(settings), methods=["POST"]),
    Route("/_phone/api/jssdk/check", json_endpoint(check_page_config), methods=["POST"]),
    Route("/_phone/api/events", events, methods=["GET"]),
    Route("/_phone/open/{user}", open_page, methods=["GET"]),
]
