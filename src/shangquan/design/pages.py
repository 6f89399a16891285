"""The gallery at /_design/: every component in its states, and one page of every layout. For debug and demo only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from shangquan.kernel import clock

from . import icons, samples

THEMES = ("light", "dark")
SIZES = ("100", "150")


def gallery(request: HttpRequest) -> HttpResponse:
    """?lang=zh-hans|en, ?theme=light|dark, ?size=100|150; anything else is taken as the first."""
    _only_where_shown()
    theme = _one_of(request.GET.get("theme"), THEMES)
    size = _one_of(request.GET.get("size"), SIZES)
    with translation.override(_one_of(request.GET.get("lang"), ("zh-hans", "en"))):
        context = {**samples.gallery(clock.now()), "theme": theme, "size": size, "icon_names": sorted(icons.names())}
        return render(request, "design/gallery.html", context)


def sample_page(request: HttpRequest, name: str) -> HttpResponse:
    """One layout filled with the story of the sample district; 404 for a layout that is not there."""
    _only_where_shown()
    if name not in samples.PAGES:
        raise Http404(name)
    theme = _one_of(request.GET.get("theme"), ("", *THEMES))
    with translation.override(_one_of(request.GET.get("lang"), ("zh-hans", "en"))):
        size = _one_of(request.GET.get("size"), SIZES)
        context = {**samples.page(name, clock.now()), "theme": theme, "root_size": size}
        return render(request, f"design/samples/{name.replace('-', '_')}.html", context)


def _only_where_shown() -> None:
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404("gallery")


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]
