from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import connection

from shangquan.kernel import events, inbox, jobs, scope
from shangquan.kernel.events import Event, event, publish, reaction
from shangquan.kernel.models import InboxItem, OutboxEvent, ReactionDone
from shangquan.kernel.scope import ScopeMissing
from shangquan.kernel.transactions import transaction

heard: list[tuple[int, datetime]] = []


@event("test_rang")
@dataclass(frozen=True)
class Rang(Event):
    times: int
    at: datetime


@reaction(Rang, name="listen")
def listen(fact: Rang) -> None:
    heard.append((fact.times, fact.at))


@inbox.handler("test")
def handle(item: InboxItem) -> None:
    heard.append((len(item.body), item.received_at))


@pytest.fixture(autouse=True)
def quiet() -> None:
    heard.clear()


def test_an_event_reaches_its_reaction_once_however_often_it_is_delivered(district_id: int, now: datetime) -> None:
    with transaction():
        publish(Rang(times=3, at=now))
    assert jobs.drain() >= 1
    stored = OutboxEvent.rows().get(name="test_rang")
    assert events.deliver(stored.id, "listen") is False
    assert heard == [(3, now)]
    assert ReactionDone.rows().filter(event_id=stored.id).count() == 1


def test_an_event_of_a_failed_transaction_was_never_published(district_id: int, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        publish(Rang(times=1, at=now))
        raise ZeroDivisionError
    jobs.drain()
    assert heard == []


def test_inbox_keeps_the_first_of_ten_equal_messages_and_handles_it_once(district_id: int) -> None:
    for _ in range(10):
        with transaction():
            item_id, _ = inbox.receive(source="test", outside_id="evt-1", body="hello")
    jobs.drain()
    item = InboxItem.rows().get(id=item_id)
    assert (len(heard), item.times_received, item.handled_at is not None) == (1, 10, True)


def test_rows_of_another_district_are_seen_neither_by_the_orm_nor_by_raw_sql(district_id: int, now: datetime) -> None:
    with transaction():
        publish(Rang(times=7, at=now))
    with scope.scope(district_id + 1):
        assert not OutboxEvent.rows().exists()
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from kernel_outbox")
            assert cursor.fetchone() == (0,)
    assert OutboxEvent.rows().filter(name="test_rang").exists()


def test_without_a_scope_a_query_fails_and_raw_sql_sees_nothing(db: None) -> None:
    with pytest.raises(ScopeMissing):
        OutboxEvent.rows().exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_audit")
        assert cursor.fetchone() == (0,)


def test_the_scope_survives_a_rolled_back_transaction(district_id: int, now: datetime) -> None:
    with transaction():
        publish(Rang(times=9, at=now))
    with pytest.raises(ZeroDivisionError), transaction(), scope.scope(district_id + 1):
        assert not OutboxEvent.rows().exists()
        raise ZeroDivisionError
    assert OutboxEvent.rows().filter(name="test_rang").exists()
