"""access_token: the classic one and the stable one, which do not touch each other."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..calls import titled
from ..records import Account, ApiToken, Json
from ..refusals import AccountRefusal
from ..world import World
from . import gate

LIFE_S = 7200
OVERLAP_S = 300  # how long an old token still works after a new one was made


def _issue(world: World, account: Account, kind: str) -> ApiToken:
    value = f"{99}_{world.ids.alnum(133)}"
    token = ApiToken(value, account.appid, kind, world.clock.now() + LIFE_S)
    world.tokens[value] = token
    return token


def _living(world: World, account: Account, kind: str) -> list[ApiToken]:
    now = world.clock.now()
    return [t for t in world.tokens.values() if t.appid == account.appid and t.kind == kind and t.expires_at > now]


def _check(account: Account, secret: str, grant: str) -> None:
    if grant != "client_credential":
        raise gate.refuse(40002, "invalid grant_type")
    if secret != account.secret:
        raise gate.refuse(40125)


def _shown(world: World, token: ApiToken) -> Json:
    return {"access_token": token.value, "expires_in": round(token.expires_at - world.clock.now())}


async def classic(request: Request) -> Response:
    """Each call makes a new token; the one before works for five minutes more."""
    titled("获取 access_token")
    world, query = gate.world_of(request), request.query_params
    try:
        account = gate.account_by_appid(world, query.get("appid", ""))
        _check(account, query.get("secret", ""), query.get("grant_type", ""))
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    limit = world.clock.now() + OVERLAP_S
    for old in _living(world, account, "token"):
        old.expires_at = min(old.expires_at, limit)
    return gate.json_answer(_shown(world, _issue(world, account, "token")))


async def stable(request: Request) -> Response:
    """The same token until near its end; ``force_refresh`` makes a new one and kills the old at once."""
    titled("获取稳定 stable_token")
    world = gate.world_of(request)
    try:
        body = await gate.json_body(request)
        account = gate.account_by_appid(world, str(body.get("appid", "")))
        _check(account, str(body.get("secret", "")), str(body.get("grant_type", "")))
    except AccountRefusal as refusal:
        return gate.refused(world, refusal)
    living = _living(world, account, "stable")
    if body.get("force_refresh") is True:
        for old in living:
            old.expires_at = 0
        living = []
    near_end = world.clock.now() + OVERLAP_S
    token = next((t for t in living if t.expires_at > near_end), None) or _issue(world, account, "stable")
    return gate.json_answer(_shown(world, token))


routes = [
    Route("/cgi-bin/token", classic, methods=["GET"]),
    Route("/cgi-bin/stable_token", stable, methods=["POST"]),
]
