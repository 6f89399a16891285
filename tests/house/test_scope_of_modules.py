"""A5: a district grows by switching modules on."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Reason, Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.tenancy import door
from shangquan.tenancy.actions.open_district import open_district
from shangquan.tenancy.actions.switch_module import switch_module
from shangquan.tenancy.contracts import MODULE_NEEDS, MODULE_OFF, SLUG_TAKEN, UNKNOWN_MODULE


@pytest.fixture
def bare(db: None, now: datetime) -> int:
    with transaction():
        return open_district(slug="bare", name="一条街", modules=("till",), now=now)


def refused(work: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value.reason


def test_a_module_is_switched_on_at_once_and_the_change_is_audited(bare: int) -> None:
    with scope.scope(bare):
        assert not door.module_on("members")
        assert refused(lambda: switch_module(name="coupons", on=True)) is MODULE_NEEDS
        with transaction():
            switch_module(name="members", on=True)
            switch_module(name="coupons", on=True)
        assert door.district().modules == {"till", "members", "coupons"}
        lines = AuditLine.rows().filter(action="tenancy.switch").order_by("id")
        assert [(line.subject_id, line.before, line.after) for line in lines] == [
            ("members", ["till"], ["members", "till"]),
            ("coupons", ["members", "till"], ["coupons", "members", "till"]),
        ]
        assert refused(lambda: switch_module(name="members", on=False)) is MODULE_NEEDS


def test_reserved_modules_are_described_but_not_switched_on(bare: int) -> None:
    reserved = [module for module in door.all_modules() if not module.ready]
    assert all(module.about_zh and module.about_en for module in door.all_modules())
    with scope.scope(bare):
        assert refused(lambda: switch_module(name=reserved[0].name, on=True)) is MODULE_OFF
        assert refused(lambda: switch_module(name="nothing", on=True)) is UNKNOWN_MODULE


def test_switching_needs_the_right(bare: int) -> None:
    clerk = scope.Actor(kind="staff", id=5, name="周岚", role="cashier", rights=frozenset({"till.use"}))
    with scope.scope(bare, actor=clerk):
        assert refused(lambda: switch_module(name="members", on=True)) is FORBIDDEN
        assert not door.module_on("members")


def test_a_district_code_is_taken_once(bare: int, now: datetime) -> None:
    assert refused(lambda: open_district(slug="bare", name="另一条", now=now)) is SLUG_TAKEN
