from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest

from shangquan.identity import door as identity
from shangquan.identity.contracts import RIGHTS
from shangquan.kernel.scope import GUEST, Actor
from tests.isolation.world import World, build_world

OWNER = Actor(kind="staff", id=1, name="owner", rights=frozenset(RIGHTS))


@pytest.fixture
def world(district_id: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A district with rows in it. A bearer `staff` may everything and a bearer `member` is its member: bad input is to be
    stopped by what reads it, not at the door."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    made = build_world(district_id)

    def actor(request: HttpRequest, district_id: int) -> Actor:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return {"staff": OWNER, "member": Actor(kind="member", id=made.mall.member)}.get(bearer, GUEST)

    monkeypatch.setattr(identity, "actor_of_request", actor)
    yield made
