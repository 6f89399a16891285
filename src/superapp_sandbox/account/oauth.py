"""Web login (OAuth 2): inside the phone's browser at once, in an ordinary browser by a code that a phone scans.

Who is asking, inside the phone: the phone's own host name (``u1.localhost``, ``u1.phone.localhost``) in the address
that is asked for, in ``redirect_uri`` or in the page one came from; else the cookie ``sandbox_user`` of this host.
"""

import re
from html import escape
from typing import cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import segno
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ..calls import explain, titled
from ..records import Account, ApiToken, Json, LoginSession, OAuthCode, User
from ..refusals import AccountRefusal
from ..world import World
from . import gate, login
from .jssdk import same_domain

CODE_LIFE_S = 300
TOKEN_LIFE_S = 7200
REFRESH_LIFE_S = 30 * 86400
_SCOPES = ("snsapi_base", "snsapi_userinfo")
_PHONE_HOST = re.compile(r"^(u\d+)(?:\.[\w-]+)*\.localhost$")


# A form's answer may redirect to the product, whose address is not known here: hence the wide form-action.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action http: https:; base-uri 'none'"
)


def _page(title: str, inside: str, status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/_phone/static/login.css">'
        '<script type="module" src="/_phone/static/login.js"></script></head>'
        f'<body><main>{inside}</main><p class="env">本机 · 不联外网 · 不动真钱</p></body></html>',
        status,
        headers,
    )


def _badge(account: Account) -> str:
    return f'<span class="badge" aria-hidden="true">{escape(account.name[:1])}</span><h1>{escape(account.name)}</h1>'


def _refusal_page(words: str, english: str) -> HTMLResponse:
    explain("拒绝 refused", False, english)
    return _page(words, f"<h1>{escape(words)}</h1><p>{escape(english)}</p>")


def phone_user(world: World, request: Request) -> User | None:
    """The person whose phone this browser is; None for an ordinary browser."""
    named = request.cookies.get("sandbox_user", "")
    addresses = (
        str(request.url),
        request.query_params.get("redirect_uri", ""),
        request.headers.get("referer", ""),
    )
    hosts = [urlsplit(address).hostname or "" for address in addresses]
    found = [m.group(1) for m in map(_PHONE_HOST.match, hosts) if m]
    for user_id in [*found, named]:
        if user_id in world.users:
            return world.users[user_id]
    return None


async def authorize(request: Request) -> Response:
    titled("网页授权 oauth2/authorize")
    world, query = gate.world_of(request), request.query_params
    account = world.accounts.get(query.get("appid", ""))
    redirect_uri, scope = query.get("redirect_uri", ""), query.get("scope", "")
    if account is None:
        return _refusal_page("公众号不存在", "10003: the appid is unknown")
    may = account.kind == "service" and account.verified
    if query.get("response_type") != "code" or scope not in _SCOPES or not may:
        return _refusal_page(
            "Scope 参数错误或没有 Scope 权限", "10005: response_type or scope is wrong, or the account has no web login"
        )
    if not redirect_uri.startswith(("http://", "https://")) or not account.oauth_domain:
        return _refusal_page("redirect_uri 参数错误", "10003: no redirect_uri, or the account has no oauth_domain")
    if not same_domain(redirect_uri, account.oauth_domain):
        return _refusal_page("redirect_uri 域名与后台配置不一致", f"10003: the domain must be {account.oauth_domain}")
    state = query.get("state", "")
    if len(state) > 128:
        return _refusal_page("state 过长", "state is longer than 128 bytes")
    user = phone_user(world, request)
    if user is None:
        return _login_page(world, account, redirect_uri, scope, state)
    silent = scope == "snsapi_base" or account.appid in user.consented
    if not silent or query.get("forcePopup") == "true":
        return _consent_page(world, account, user, redirect_uri, state)
    return RedirectResponse(_with_code(world, account, user, redirect_uri, scope, state), 302)


def _with_code(world: World, account: Account, user: User, redirect_uri: str, scope: str, state: str) -> str:
    """The address to go back to, with a fresh single-use code."""
    code = "0" + world.ids.alnum(31)
    world.oauth_codes[code] = OAuthCode(code, account.appid, user.id, scope, world.clock.now() + CODE_LIFE_S)
    parts = urlsplit(redirect_uri)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code), ("state", state)]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), parts.fragment))


def _consent_page(world: World, account: Account, user: User, redirect_uri: str, state: str) -> Response:
    session = _session(world, account, redirect_uri, "snsapi_userinfo", state)
    session.status, session.user_id, session.from_page = "scanned", user.id, True
    return _agree_page(account, user, session, "获取你的昵称、头像")


def _agree_page(account: Account, user: User, session: LoginSession, what: str) -> Response:
    inside = (
        f"{_badge(account)}<p>申请{escape(what)}</p>"
        f'<p class="who"><img src="/_phone/avatar/{quote(user.id)}.svg" alt="">{escape(user.name)}</p>'
        f'<form method="post" action="/connect/confirm">'
        f'<input type="hidden" name="login" value="{session.id}"><input type="hidden" name="user" value="{user.id}">'
        f'<button name="answer" value="no" id="login-no">拒绝</button>'
        f'<button class="yes" name="answer" value="yes" id="login-yes">允许</button></form>'
    )
    return _page(account.name, inside)


def _session(world: World, account: Account, redirect_uri: str, scope: str, state: str) -> LoginSession:
    expires = world.clock.now() + login.LIFE_S
    session = LoginSession(world.ids.alnum(24), account.appid, redirect_uri, scope, state, expires)
    world.logins[session.id] = session
    return session


def _login_page(world: World, account: Account, redirect_uri: str, scope: str, state: str) -> Response:
    """For an ordinary browser: the code; the page's script asks whether a phone agreed."""
    session = _session(world, account, redirect_uri, scope, state)
    said = login.code_text(world, session)
    picture = segno.make(said, error="m", micro=False).svg_inline(border=2, omitsize=True)
    inside = (
        f"{_badge(account)}<p>用手机里的「扫一扫」登录</p>"
        f'<div id="code" data-text="{escape(said)}" data-login="{session.id}">{picture}</div>'
        f'<p id="say" role="status" aria-live="polite">等待扫码…</p><a id="again" href="" hidden>换一个码</a>'
    )
    return _page("扫码登录", inside)


async def login_state(request: Request) -> Response:
    """What the waiting browser asks: waiting, scanned, confirmed (with where to go), refused, expired."""
    world = gate.world_of(request)
    session = world.logins.get(str(request.path_params["login"]))
    if session is None or session.expires_at <= world.clock.now():
        return JSONResponse({"status": "expired"})
    shown: Json = {"status": session.status}
    if session.status == "confirmed":
        shown["redirect"] = session.redirect_uri_with_code
    return JSONResponse(shown)


async def confirm_page(request: Request) -> Response:
    """On the phone, after the scan."""
    world = gate.world_of(request)
    session = world.logins.get(request.query_params.get("login", ""))
    user = world.users.get(request.query_params.get("user", ""))
    if session is None or user is None or session.user_id != user.id or session.expires_at <= world.clock.now():
        return _refusal_page("二维码已过期", "This login code is no longer valid.")
    return _agree_page(world.accounts[session.appid], user, session, "登录")


async def confirm(request: Request) -> Response:
    """Yes or no. From a scanned code the waiting browser goes on; from a page inside the phone this one does."""
    world = gate.world_of(request)
    form = dict(parse_qsl((await request.body()).decode()))
    session, user = world.logins.get(form.get("login", "")), world.users.get(form.get("user", ""))
    now = world.clock.now()
    if session is None or user is None or session.user_id != user.id or session.expires_at <= now:
        return _refusal_page("二维码已过期", "This login code is no longer valid.")
    if session.status != "scanned":
        return _refusal_page("已处理", "This login was answered already.")
    if form.get("answer") != "yes":
        session.status = "refused"
        return _page("已拒绝", "<h1>没有登录</h1><p>你选择了拒绝，可以关掉这一页。</p>")
    account = world.accounts[session.appid]
    session.status = "confirmed"
    if session.scope == "snsapi_userinfo" and account.appid not in user.consented:
        user.consented.append(account.appid)
    back = _with_code(world, account, user, session.redirect_uri, session.scope, session.state)
    if session.from_page:
        return RedirectResponse(back, 302)
    session.redirect_uri_with_code = back
    return _page("已登录", "<h1>登录成功</h1><p>回到刚才的浏览器继续。</p>")


async def access_token(request: Request) -> Response:
    """Change a code for a token. Refuses 40013, 40125, 40029 (unknown or old), 40163 (used)."""
    titled("网页授权 sns/oauth2/access_token")
    world, query = gate.world_of(request), request.query_params
    try:
        account = gate.account_by_appid(world, query.get("appid", ""))
        if query.get("secret", "") != account.secret:
            raise gate.refuse(40125)
        if query.get("grant_type") != "authorization_code":
            raise gate.refuse(40002, "invalid grant_type")
        code = world.oauth_codes.get(query.get("code", ""))
        if code is None or code.appid != account.appid or code.expires_at <= world.clock.now():
            raise gate.refuse(40029)
        if code.used:
            raise gate.refuse(40163)
    except AccountRefusal as refusal:
        return gate.refused(world, refusal, comma=True)
    code.used = True
    return gate.json_answer(_grant(world, account, code.user_id, code.scope))


def _grant(world: World, account: Account, user_id: str, scope: str) -> Json:
    now, openid = world.clock.now(), world.openid(account.appid, user_id)
    access = ApiToken(f"{99}_{world.ids.alnum(86)}", account.appid, "oauth", now + TOKEN_LIFE_S, openid, scope)
    refresh = ApiToken(
        f"{99}_{world.ids.alnum(86)}", account.appid, "oauth_refresh", now + REFRESH_LIFE_S, openid, scope
    )
    world.tokens[access.value], world.tokens[refresh.value] = access, refresh
    shown: Json = {
        "access_token": access.value,
        "expires_in": TOKEN_LIFE_S,
        "refresh_token": refresh.value,
        "openid": openid,
        "scope": scope,
    }
    return shown | ({"unionid": world.unionid(user_id)} if account.unionid_bound else {})


async def refresh_token(request: Request) -> Response:
    titled("网页授权 sns/oauth2/refresh_token")
    world, query = gate.world_of(request), request.query_params
    try:
        account = gate.account_by_appid(world, query.get("appid", ""))
        token = world.tokens.get(query.get("refresh_token", ""))
        fits = token is not None and token.kind == "oauth_refresh" and token.appid == account.appid
        if token is None or not fits or token.expires_at <= world.clock.now():
            raise gate.refuse(40030, "invalid refresh_token")
    except AccountRefusal as refusal:
        return gate.refused(world, refusal, comma=True)
    follower = world.follower_by_openid(account.appid, token.openid)
    return gate.json_answer(_grant(world, account, follower.user_id if follower else "", token.scope))


def _page_token(world: World, request: Request) -> ApiToken:
    token = world.tokens.get(request.query_params.get("access_token", ""))
    if token is None or token.kind != "oauth":
        raise gate.refuse(40001)
    if token.expires_at <= world.clock.now():
        raise gate.refuse(42001)
    if request.query_params.get("openid", "") != token.openid:
        raise gate.refuse(40003)
    return token


async def userinfo(request: Request) -> Response:
    titled("网页授权 sns/userinfo")
    world = gate.world_of(request)
    try:
        token = _page_token(world, request)
        if token.scope != "snsapi_userinfo":
            raise gate.refuse(48001)
    except AccountRefusal as refusal:
        return gate.refused(world, refusal, comma=True)
    follower = world.follower_by_openid(token.appid, token.openid)
    user = world.users[follower.user_id if follower else ""]
    shown: Json = {
        "openid": token.openid,
        "nickname": user.name,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": f"{world.base_url}/_phone/avatar/{quote(user.id)}.svg",
        "privilege": [],
    }
    if world.accounts[token.appid].unionid_bound:
        shown["unionid"] = world.unionid(user.id)
    return gate.json_answer(shown)


async def check_token(request: Request) -> Response:
    world = gate.world_of(request)
    try:
        _page_token(world, request)
    except AccountRefusal as refusal:
        return gate.refused(world, refusal, comma=True)
    return gate.json_answer({"errcode": 0, "errmsg": "ok"})


async def avatar(request: Request) -> Response:
    """A round letter in the person's colour."""
    user = gate.world_of(request).users.get(cast(str, request.path_params["user"]))
    if user is None:
        return Response(status_code=404)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="14" '
        f'fill="{user.avatar_colour}"/><text x="48" y="62" font-size="40" text-anchor="middle" fill="#fff" '
        f'font-family="sans-serif">{escape(user.name[-1:])}</text></svg>'
    )
    return Response(drawn, media_type="image/svg+xml")


routes = [
    Route("/connect/oauth2/authorize", authorize, methods=["GET"]),
    Route("/connect/login/{login}", login_state, methods=["GET"]),
    Route("/connect/confirm", confirm_page, methods=["GET"]),
    Route("/connect/confirm", confirm, methods=["POST"]),
    Route("/sns/oauth2/access_token", access_token, methods=["GET"]),
    Route("/sns/oauth2/refresh_token", refresh_token, methods=["GET"]),
    Route("/sns/userinfo", userinfo, methods=["GET"]),
    Route("/sns/auth", check_token, methods=["GET"]),
    Route("/_phone/avatar/{user}.svg", avatar, methods=["GET"]),
]
