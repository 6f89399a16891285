from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest

from shangquan.identity import ports
from shangquan.kernel.scope import Actor
from tests.isolation.world import MEMBER_KEY, World, build_world


def _visitor(request: HttpRequest, district_id: int) -> Actor | None:
    member = request.session.get(MEMBER_KEY)
    return Actor(kind="member", id=member, name="walker") if member else None


@pytest.fixture
def world(district_id: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two districts; whose session says so is a member, so that no sign-in of one platform is needed to be one."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(ports, "_visitors", [_visitor, *ports._visitors])
    yield build_world(district_id)
