"""Today: the numbers, one plot, what waits for a decision. The live region is drawn anew every ten seconds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shangquan.console import today
from shangquan.console.frame import show
from shangquan.identity.door import staff_only
from shangquan.kernel import clock


@require_safe
@never_cache
@staff_only
def home(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    page = {"heading": _("今日总览"), "now": now, "live_url": reverse("console:home_live"), **today.page(now)}
    return show(request, "console/home.html", page)


@require_safe
@never_cache
@staff_only
def home_live(request: HttpRequest) -> HttpResponse:
    """The live region alone, as the page asks for it again."""
    return render(request, "console/today.html", today.page(clock.now()))


urlpatterns_home = [path("", home, name="home"), path("live/", home_live, name="home_live")]
