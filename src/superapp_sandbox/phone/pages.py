"""The pages of the sandbox: the bench with its phones, one phone alone, the codes they show, and the page-side script.

Nothing here changes state: every button of the pages has a twin in the JSON API (its address stands in the button's
``data-api``).

Two phones, two sessions. Cookies belong to a host name, so two phones in one window would share the product's session.
Opened at ``http://phone.localhost:8100/`` the phones visit local pages under their own names (``u1.phone.localhost``,
``u2.phone.localhost``): all one site, so that ``SameSite=Lax`` cookies work inside the frame, and yet one cookie jar
each. The product must accept such host names and build its own addresses from the request's host. Opened at
``127.0.0.1`` the addresses stay as they are, and the phone that opened a page last is the one that is logged in.
"""

import html
from importlib.resources import files
from string import Template
from typing import cast

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ..world import World
from . import draw

# Frames and pictures may come from anywhere: the product under test lives at an address that is not known here.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: http: https:; "
    "connect-src 'self'; font-src 'self'; frame-src *; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_HERE = files(__package__)
_STATIC = str(_HERE / "static")


def _world(request: Request) -> World:
    return cast(World, request.app.state.world)


def _page(template: str, status: int = 200, **words: str) -> HTMLResponse:
    page = Template((_HERE / "templates" / template).read_text("utf-8"))
    return HTMLResponse(page.substitute({k: html.escape(v) for k, v in words.items()}), status, _HEADERS)


async def bench(request: Request) -> Response:
    """The phones and the engineer's bench; on a narrow screen the first phone alone."""
    world = _world(request)
    account, merchant = next(iter(world.accounts.values())), next(iter(world.merchants.values()))
    return _page(
        "bench.html",
        seq=str(world.changes.seq),
        now=f"{world.clock.now():.3f}",
        scale=f"{world.clock.scale:g}",
        account=account.name,
        mchid=merchant.mchid,
    )


async def phone(request: Request) -> Response:
    """One phone alone. An unknown user is a 404 with a way back."""
    world = _world(request)
    user = world.users.get(request.path_params["user"])
    if user is None:
        return _page("nobody.html", status=404)
    return _page("phone.html", user=user.id, name=user.name, seq=str(world.changes.seq))


async def draw_code(request: Request) -> Response:
    """``/_phone/draw/qr.svg?text=`` and ``code128.svg?text=``. Refuses text that the code cannot carry."""
    make = {"qr": draw.qr_svg, "code128": draw.code128_svg}.get(request.path_params["kind"])
    if make is None:
        return _refused("KIND_UNKNOWN", "只会画 qr 和 code128。 Only qr and code128 are drawn.", 404)
    try:
        picture = make(request.query_params.get("text", ""))
    except draw.NotDrawable:
        return _refused("NOT_DRAWABLE", "这段文字画不成码。 This text cannot be drawn as a code.", 400)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type="image/svg+xml", headers=headers)


def _refused(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status)


async def page_script(request: Request) -> Response:
    """The JS-SDK, at the address a product puts into its pages."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(f"{_STATIC}/jweixin.js", media_type="text/javascript", headers=headers)


class _Static(StaticFiles):
    """Always asked again: a page and its scripts must come from one version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


routes: list[BaseRoute] = [
    Route("/", bench),
    Route("/phone/{user}", phone),
    Route("/_phone/draw/{kind}.svg", draw_code),
    Route("/open/js/jweixin-1.6.0.js", page_script),
    Mount("/_phone/static", _Static(directory=_STATIC)),
]
