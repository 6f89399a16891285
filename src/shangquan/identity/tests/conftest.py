import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from shangquan.identity import ports


@pytest.fixture(autouse=True)
def light_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at a hundredth of its cost: these tests make many accounts."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)


@pytest.fixture(autouse=True)
def any_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """This room knows no stores; the test of that port names its own."""
    monkeypatch.setattr(ports, "_stores", [])
