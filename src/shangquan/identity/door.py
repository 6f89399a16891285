"""What other rooms may ask: who acts, who works here; and what they may do to staff."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from shangquan.identity import access, queries
from shangquan.identity.actions.device_tokens import NewDevice, make_device_token, revoke_device_token
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.actions.revoke_role import revoke_role
from shangquan.identity.actions.suspend_staff import resume_staff, suspend_staff
from shangquan.identity.contracts import RIGHTS, AuditPage, DeviceCard, StaffCard
from shangquan.identity.models import Account
from shangquan.identity.ports import register_stores, register_visitor, visitor_of
from shangquan.identity.queries import audit_page, devices, staff_page
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import SIGN_IN_FIRST, Refused
from shangquan.kernel.scope import GUEST, Actor
from shangquan.tenancy import door as tenancy

__all__ = [
    "AuditPage",
    "DeviceCard",
    "NewDevice",
    "StaffCard",
    "actor_for",
    "actor_of_request",
    "audit_page",
    "came_by_cookie",
    "devices",
    "end_session",
    "grant_role",
    "make_account",
    "make_device_token",
    "register_stores",
    "register_visitor",
    "resume_staff",
    "revoke_device_token",
    "revoke_role",
    "staff_card",
    "staff_cards",
    "staff_page",
    "start_session",
    "store_staff",
    "suspend_staff", "with_right",
]  # fmt: skip

Page = Callable[..., HttpResponseBase]

# Where a browser that holds both a staff and a member session acts as staff. Anywhere else the member comes first.
STAFF_PATHS = ("/console/", "/till/", "/api/", "/sign-in/", "/sign-out/", "/account/")
SESSION = timedelta(hours=12)
_KEY = "identity.staff"


def actor_of_request(request: HttpRequest, district_id: int) -> Actor:
    """Who asks. A bearer token says it alone: with a wrong one the asker is a guest, whatever the cookies say.

    Otherwise the staff session, or the member whom a registered visitor recognises. Grants are read afresh each time,
    so a revoked role, a suspended merchant and a changed password hold at once.
    """
    with scope.scope(district_id):
        district = getattr(request, "district", None) or tenancy.district(district_id)
        bearer = request.headers.get("Authorization", "")
        if bearer:
            scheme, _, token = bearer.partition(" ")
            device = scheme.lower() == "bearer" and access.device_actor(token.strip(), district.modules, clock.now())
            return device or GUEST
        as_staff = request.path.startswith(STAFF_PATHS)
        first, second = (_session_staff, visitor_of) if as_staff else (visitor_of, _session_staff)
        return first(request, district_id) or second(request, district_id) or GUEST


def came_by_cookie(request: HttpRequest) -> bool:
    """Whether the actor came by a cookie, so that a form or call that changes something must prove its origin."""
    return "Authorization" not in request.headers


def actor_for(account_id: int, district_id: int, grant_id: int | None = None) -> Actor:
    """An account as the actor it would be in that district; GUEST without a grant that works."""
    with scope.scope(district_id):
        account = Account.objects.filter(id=account_id).first()
        if account is None:
            return GUEST
        return access.staff_actor(account, tenancy.district(district_id).modules, grant_id) or GUEST


def staff_card(account_id: int) -> StaffCard | None:
    """None for who never worked in the open district."""
    return staff_cards([account_id]).get(account_id)


def staff_cards(account_ids: Iterable[int]) -> dict[int, StaffCard]:
    """Of those who work or worked in the open district. Two queries."""
    return queries.staff_cards(account_ids)


def store_staff(store_id: int) -> list[StaffCard]:
    """Who holds a grant at the store."""
    return queries.staff_page(store_id=store_id, limit=1000)


def start_session(request: HttpRequest, account_id: int, *, grant_id: int | None = None) -> None:
    """Sign the browser in, under a new session key and form token: what was planted there before is worth nothing."""
    account = Account.objects.get(id=account_id)
    request.session.cycle_key()
    request.session[_KEY] = {
        "account": account.id,
        "proof": account.get_session_auth_hash(),
        "grant": grant_id,
        "until": (clock.now() + SESSION).timestamp(),
    }
    rotate_token(request)


def staff_only(page: Page) -> Page:
    """For pages: a guest who opens one is led to sign in and back; one who posts is refused (K-4011)."""

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if scope.actor().kind == "staff":
            return page(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(f"{reverse('identity:sign_in')}?{urlencode({'next': request.get_full_path()})}")
        raise Refused(SIGN_IN_FIRST)

    return guarded


def with_right(name: str) -> Callable[[Page], Page]:
    """For pages: `@with_right("coupons.edit")` leads guests to sign in and refuses who lacks the right (403, audited).

    While the right's module is off the answer is N-4031. A name that is not in RIGHTS fails at import.
    """
    module = RIGHTS[name].module

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if module:
                tenancy.require_module(module)
            scope.require(name)
            return page(request, *args, **kwargs)

        return staff_only(guarded)

    return guard


def chosen_grant(request: HttpRequest) -> int | None:
    """The grant that this browser chose to act by."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    return kept.get("grant")


def end_session(request: HttpRequest) -> None:
    """Sign the staff out; a member signed in by the same browser stays."""
    request.session.pop(_KEY, None)
    request.session.cycle_key()
    rotate_token(request)


def _session_staff(request: HttpRequest, district_id: int) -> Actor | None:
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if not kept or kept["until"] < clock.now().timestamp():
        return None
    account = Account.objects.filter(id=kept["account"]).first()
    if account is None or not constant_time_compare(kept["proof"], account.get_session_auth_hash()):
        return None
    district = getattr(request, "district", None) or tenancy.district(district_id)
    return access.staff_actor(account, district.modules, kept["grant"])
