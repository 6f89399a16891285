"""A district with coupons in it, made by the actions that make them in life."""

from datetime import datetime
from functools import partial

import pytest

from shangquan.coupons.tests.story import Make, published


@pytest.fixture
def make(district_id: int, now: datetime) -> Make:
    """A published campaign: `make(terms, caps=…)`."""
    return partial(published, now)
