"""Root addresses. Each room brings its own `urls.py`; this page only says under which prefix."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from shangquan.config.api import api
from shangquan.config.entrance import healthz

# (prefix, module), the shells last.
_ROOMS = (
    ("_design/", "shangquan.design.urls"),
    ("", "shangquan.identity.urls"),
    ("c/", "shangquan.codes.urls"),
    ("wx/", "shangquan.connectors.wechat.urls"),
    ("pay/wechat/", "shangquan.connectors.wechatpay.urls"),
    ("till/", "shangquan.pos.urls"),
    ("console/", "shangquan.console.urls"),
    ("m/", "shangquan.memberapp.urls"),
    ("", "shangquan.memberapp.site_urls"),
)


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("api/v1/", api.urls),
    *(path(prefix, include(module)) for prefix, module in _ROOMS if _there(module)),
]

handler404 = "shangquan.kernel.web.missing"
handler500 = "shangquan.kernel.web.broken"
