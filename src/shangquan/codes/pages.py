"""The page behind every printed code: counts the scan and leads on to its subject."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shangquan.codes import door, registry
from shangquan.codes.actions.open_scene import open_scene as record
from shangquan.codes.contracts import Resolved, SceneCard
from shangquan.codes.resolve import of_scene, subject_state
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction


@require_safe
@never_cache
def open_scene(request: HttpRequest, scene: str) -> HttpResponseBase:
    """Counts the scan, then redirects to the subject's page with the scene's context.

    Works in any browser, inside WeChat or not. A subject that is over, sold out or gone shows how it stands, offers
    nothing and issues nothing (E11). An unknown scene is refused (Q-4042).
    """
    now = clock.now()
    card = door.scene(scene)
    if request.method == "GET":
        who = scope.actor()
        with transaction():
            record(card, member_id=who.id if who.kind == "member" else None, now=now)
    found = of_scene(card, now)
    lead = registry.destinations.get(card.subject_kind)
    if found.state == "open" and lead is not None:
        target = lead(card, subject_state(card.subject_kind, card.subject_id, now))
        if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            return redirect(target)
    return _stands(request, card, found)


def _stands(request: HttpRequest, card: SceneCard, found: Resolved) -> HttpResponse:
    return render(request, "codes/stands.html", {"scene": card, "found": found, "result": found.data.get("result", "")})
