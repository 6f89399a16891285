"""The entrance: every request gets its district and its actor before any page runs, or is refused."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from shangquan.identity import door as identity
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.web import refusal_response
from shangquan.tenancy import door as tenancy
from shangquan.tenancy.contracts import NO_DISTRICT

Answer = Callable[[HttpRequest], HttpResponseBase]
_FREE = ("/static/", "/healthz")


class Entrance:
    """Opens the scope. The district comes from the signed-in session, else from the host name."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_FREE):
            return self.answer(request)
        district = tenancy.for_host(request.get_host().split(":")[0])
        if district is None:
            return refusal_response(request, Refused(NO_DISTRICT))
        request.district = district  # type: ignore[attr-defined]
        who = self._actor(request, district.id)
        ip = request.META.get("REMOTE_ADDR", "")
        opened = scope.scope(district.id, actor=who, request_id=uuid4().hex[:16], ip=ip)
        with opened, timezone.override(district.zone):
            return self.answer(request)

    def _actor(self, request: HttpRequest, district_id: int) -> scope.Actor:
        return identity.actor_of_request(request, district_id)


def healthz(request: HttpRequest) -> HttpResponse:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok\n", content_type="text/plain")
