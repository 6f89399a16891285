"""One sandbox process for these tests; each test begins with it clean."""

from collections.abc import Iterator

import pytest

from superapp_sandbox.testing import Phone, SandboxServer, sandbox, sandbox_process
from tests.sandbox.merchant import Merchant
from tests.sandbox.receiver import Receiver

__all__ = ["sandbox", "sandbox_process"]


@pytest.fixture
def merchant(sandbox: SandboxServer) -> Merchant:
    return Merchant(sandbox)


@pytest.fixture
def phone(sandbox: SandboxServer) -> Phone:
    return sandbox.phone("小林")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()
