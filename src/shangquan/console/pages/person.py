"""What a person sets for themself: the language of the pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from shangquan.identity.door import staff_only

YEAR = 365 * 24 * 3600


@require_POST
@staff_only
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie of this browser and go back to where one was. An unknown language changes nothing."""
    came_from = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()})
    answer = HttpResponseRedirect(came_from if own else reverse("console:home"))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    return answer


urlpatterns_person = [path("language/", language, name="language")]
