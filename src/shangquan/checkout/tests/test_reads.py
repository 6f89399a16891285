"""Reads: walls between districts, few queries however long the bill, pages by key, price changes in the audit."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shangquan.checkout import door
from shangquan.checkout.contracts import NO_BILL, BillState, Choice, LineDraft
from shangquan.checkout.tests.story import Mall
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.tenancy.actions.open_district import open_district


def test_another_district_does_not_see_the_bill(mall: Mall, now: datetime) -> None:
    bill = mall.open()
    with transaction():
        other = open_district(slug="other", name="别的商圈", now=now)
    with scope.scope(other):
        for look in (lambda: door.bill(bill.id), lambda: door.bill_by_number(bill.number)):
            with pytest.raises(Refused) as caught:
                look()
            assert caught.value.reason is NO_BILL
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from checkout_bill")
            assert cursor.fetchone() == (0,), "row-level security stands behind the manager"


def _queries(mall: Mall, lines: tuple[LineDraft, ...], key: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        mall.open(key, lines=lines)
    return len(seen)


def test_a_long_bill_takes_no_more_queries_than_a_short_one(mall: Mall) -> None:
    mall.give(amount_fen=3_000)
    short = _queries(mall, mall.lines(), "till-1-0001")
    long = _queries(mall, mall.lines() * 10, "till-1-0002")
    assert long == short <= 30


def test_pages_of_a_store_and_of_a_member(mall: Mall) -> None:
    plain = Choice(use_points=False)
    bills = [mall.open(f"till-1-{i:04d}", choice=plain) for i in range(5)]
    for bill in bills[:3]:
        mall.pay(bill.id)
    first = door.bills_of_store(mall.kids_store, limit=2)
    rest = door.bills_of_store(mall.kids_store, before=first[-1].id, limit=10)
    assert [card.id for card in (*first, *rest)] == [bill.id for bill in reversed(bills)]
    assert [card.id for card in door.bills_of_member(mall.member)] == [bills[2].id, bills[1].id, bills[0].id]
    assert len(door.bills_of_store(mall.kids_store, states=(BillState.OPEN,))) == 2
    assert door.bills_of_store(mall.toys_store) == []
    with CaptureQueriesContext(connection) as seen:
        door.bills_of_store(mall.kids_store)
    assert len(seen) == 2
    assert set(door.bills([bills[0].id, 10**9])) == {bills[0].id}


def test_a_changed_price_is_told_to_the_audit_when_it_is_paid(mall: Mall) -> None:
    bill = mall.open(lines=(LineDraft(mall.coat, unit_fen=9_900), LineDraft(mall.socks)), member_id=None)
    assert not AuditLine.rows().filter(action="checkout.change_price").exists()
    mall.pay(bill.id)
    (line,) = AuditLine.rows().filter(action="checkout.change_price")
    assert (line.subject_id, line.before, line.after) == (bill.number, {"1": 12_900}, {"1": 9_900})
    mall.pay(mall.open("till-1-0002", member_id=None).id)
    assert AuditLine.rows().filter(action="checkout.change_price").count() == 1


def test_what_is_booked_is_there_to_read(mall: Mall) -> None:
    piece = mall.give(amount_fen=3_000)
    bill = mall.open()
    with pytest.raises(Refused):
        door.paid_bill(bill.id)
    mall.pay(bill.id)
    paid = door.paid_bill(bill.id)
    assert paid.list_fen == paid.payable_fen + sum(d.amount_fen for d in paid.deductions)
    assert door.pieces_used(bill.id) == [piece.id]
    assert door.quote(bill.id, now=mall.now, use_points=False).points_used == 0
