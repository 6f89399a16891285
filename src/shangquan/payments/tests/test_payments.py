from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, connection

from shangquan.kernel import jobs as kernel_jobs
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import TransactionOpen, transaction
from shangquan.payments import door, ports
from shangquan.payments.contracts import (
    ALREADY_PAID,
    BAD_AUTH_CODE,
    CHANNEL_REFUSED,
    CHANNEL_SILENT,
    INTENT_LIVE,
    NEEDS_PAYER,
    NOT_PAID,
    REFUND_DIFFERS,
    REFUND_TOO_MUCH,
    TOO_LATE,
    BillRow,
    Channel,
    ChannelAnswer,
    DifferenceKind,
    IntentCard,
    Outcome,
    RefundCard,
    RefundState,
    Settlement,
    State,
)
from shangquan.payments.models import Intent, Refund

AUTH_CODE = "130000000000000001"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class FakeChannel:
    """A channel whose every answer the test decides, and which remembers what it was asked."""

    zone = SHANGHAI

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.rows: list[BillRow] = []

    def say(self, **answers: Any) -> None:
        self.answers.update(answers)

    def _answer(self, what: str, amount_fen: int, default: Outcome) -> ChannelAnswer:
        self.asked.append(what)
        said = self.answers.get(what, default)
        if isinstance(said, Outcome):
            paid = amount_fen if said in (Outcome.PAID, Outcome.REFUNDED) else None
            return ChannelAnswer(said, transaction_id="4200001", payer_openid="oLin", paid_fen=paid)
        return said

    def charge_code(self, intent: IntentCard, auth_code: str) -> ChannelAnswer:
        return self._answer("charge", intent.amount_fen, Outcome.PAID)

    def order(self, intent: IntentCard, openid: str | None = None) -> dict[str, str]:
        self.asked.append("order")
        if isinstance(self.answers.get("order"), Refused):
            raise self.answers["order"]
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={intent.number}"}

    def query(self, intent: IntentCard) -> ChannelAnswer:
        return self._answer("query", intent.amount_fen, Outcome.WAITING)

    def reverse(self, intent: IntentCard) -> ChannelAnswer:
        return self._answer("reverse", intent.amount_fen, Outcome.REVERSED)

    def close(self, intent: IntentCard) -> ChannelAnswer:
        return self._answer("close", intent.amount_fen, Outcome.CLOSED)

    def refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        return self._answer("refund", refund.amount_fen, Outcome.REFUNDED)

    def query_refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        return self._answer("query_refund", refund.amount_fen, Outcome.WAITING)

    def bill(self, day: date) -> list[BillRow]:
        return self.rows


class FakeSettler:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.refuse: Refused | Exception | None = None

    def on_paid(self, intent: IntentCard, now: datetime) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.heard.append(("paid", intent.number))

    def on_failed(self, intent: IntentCard, now: datetime) -> None:
        self.heard.append(("failed", intent.number))

    def on_refunded(self, refund: RefundCard, now: datetime) -> None:
        self.heard.append(("refunded", refund.number))


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    fake = FakeChannel()
    plugged = dict(ports._channels)
    for name in (Channel.WECHAT_CODE, Channel.WECHAT_NATIVE, Channel.WECHAT_JSAPI):
        plugged[name] = fake
    monkeypatch.setattr(ports, "_channels", plugged)
    monkeypatch.setattr(ports, "_bills", {"fake": ((Channel.WECHAT_CODE, Channel.WECHAT_NATIVE), fake)})
    return fake


@pytest.fixture
def settler(monkeypatch: pytest.MonkeyPatch) -> FakeSettler:
    fake = FakeSettler()
    monkeypatch.setattr(ports, "_settlers", {"bill": fake})
    return fake


@pytest.fixture(autouse=True)
def _ground(district_id: int, channel: FakeChannel, settler: FakeSettler) -> Iterator[None]:
    yield


def opened(now: datetime, channel: Channel = Channel.WECHAT_CODE, bill: str = "1", fen: int = 12600) -> IntentCard:
    with transaction():
        return door.open_intent(
            source="bill", source_id=bill, amount_fen=fen, channel=channel, description="阿宁咖啡", now=now,
            payer_openid="oLin",
        )  # fmt: skip


def paid(now: datetime, **more: Any) -> IntentCard:
    return door.charge(intent_id=opened(now, **more).id, auth_code=AUTH_CODE, now=now)


def refusal(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def events(name: str) -> int:
    return OutboxEvent.rows().filter(name=name).count()


def test_a_charge_by_code_is_sent_once_and_settled_once(
    now: datetime, channel: FakeChannel, settler: FakeSettler
) -> None:
    card = paid(now)
    assert (card.state, card.settlement, card.transaction_id) == (State.PAID, Settlement.TAKEN, "4200001")
    assert door.charge(intent_id=card.id, auth_code=AUTH_CODE, now=now).state is State.PAID
    assert channel.asked == ["charge"] and settler.heard == [("paid", card.number)]
    assert events("payment_succeeded") == 1
    assert [line["what"] for line in door.history(card.id)] == ["opened", "sent", "paid"]


def test_ten_notices_and_a_late_no_settle_once(now: datetime, settler: FakeSettler) -> None:
    card = opened(now, Channel.WECHAT_NATIVE)
    door.start(card.id, now)
    yes = ChannelAnswer(Outcome.PAID, transaction_id="42", paid_fen=12600)
    for _ in range(10):
        door.record_result(number=card.number, answer=yes, now=now)
    for late in (Outcome.CLOSED, Outcome.WAITING, Outcome.FAILED, Outcome.UNKNOWN):
        assert door.record_result(number=card.number, answer=ChannelAnswer(late), now=now).state is State.PAID
    assert settler.heard == [("paid", card.number)] and events("payment_succeeded") == 1


def test_password_needed_then_paid(now: datetime, channel: FakeChannel, settler: FakeSettler) -> None:
    channel.say(charge=Outcome.WAITING)
    card = paid(now)
    assert card.state is State.WAITING
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=2)).state is State.WAITING
    assert channel.asked == ["charge"], "the channel is asked every 5 s at the most"
    channel.say(query=Outcome.PAID)
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=5)).state is State.PAID
    assert settler.heard == [("paid", card.number)]


@pytest.mark.feature("H2")
@pytest.mark.parametrize("first", [Outcome.WAITING, Outcome.UNKNOWN])
def test_password_needed_or_time_out_ends_reversed_after_thirty_seconds(
    now: datetime, channel: FakeChannel, settler: FakeSettler, first: Outcome
) -> None:
    channel.say(charge=first, query=first)
    card = paid(now)
    for seconds in (5, 10, 15, 20, 25):
        assert not door.poll(intent_id=card.id, now=now + timedelta(seconds=seconds)).is_final
    assert channel.asked == ["charge", *["query"] * 5]
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=30)).state is State.REVERSED
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=99), eager=True).state is State.REVERSED
    assert channel.asked[-2:] == ["query", "reverse"]
    assert settler.heard == [("failed", card.number)] and events("payment_failed") == 1


def test_a_reversal_that_nobody_heard_is_repeated_until_heard(now: datetime, channel: FakeChannel) -> None:
    channel.say(charge=Outcome.UNKNOWN, query=Outcome.UNKNOWN, reverse=Outcome.UNKNOWN)
    card = paid(now)
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=31)).state is State.UNKNOWN
    channel.say(reverse=Outcome.REVERSED)
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=36)).state is State.REVERSED
    assert channel.asked.count("charge") == 1


def test_the_clerk_cancels_early_and_the_reversal_waits_for_fifteen_seconds(
    now: datetime, channel: FakeChannel
) -> None:
    channel.say(charge=Outcome.WAITING)
    card = paid(now)
    assert door.cancel(intent_id=card.id, now=now + timedelta(seconds=6)).state is State.WAITING
    assert "reverse" not in channel.asked
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=15)).state is State.REVERSED


def test_a_cancel_that_comes_after_the_payment_answers_paid(now: datetime, channel: FakeChannel) -> None:
    channel.say(charge=Outcome.WAITING, query=Outcome.PAID)
    card = paid(now)
    assert door.cancel(intent_id=card.id, now=now + timedelta(seconds=20)).state is State.PAID
    assert "reverse" not in channel.asked


def test_a_crash_after_the_commit_is_asked_about_and_never_charged_again(
    now: datetime, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(intent: IntentCard, auth_code: str) -> ChannelAnswer:
        channel.asked.append("charge")
        raise ConnectionError("the process was killed here")

    monkeypatch.setattr(channel, "charge_code", dies)
    card = opened(now)
    with pytest.raises(ConnectionError):
        door.charge(intent_id=card.id, auth_code=AUTH_CODE, now=now)
    channel.say(query=Outcome.PAID)
    assert door.charge(intent_id=card.id, auth_code=AUTH_CODE, now=now).state is State.SENT
    assert door.poll(intent_id=card.id, now=now + timedelta(seconds=5)).state is State.PAID
    assert channel.asked == ["charge", "query"]


def test_an_unpaid_order_is_closed_at_its_end_and_one_never_sent_as_well(now: datetime, channel: FakeChannel) -> None:
    sent, unsent = opened(now, Channel.WECHAT_NATIVE), opened(now, Channel.WECHAT_NATIVE, bill="2")
    door.start(sent.id, now)
    end = now + timedelta(minutes=15)
    assert door.poll(intent_id=sent.id, now=end - timedelta(minutes=1)).state is State.WAITING
    assert door.poll(intent_id=sent.id, now=end, eager=True).state is State.CLOSED
    assert door.poll(intent_id=unsent.id, now=end).state is State.CLOSED
    assert channel.asked == ["order", "query", "query", "close"]


def test_one_thing_has_one_live_intent_and_is_paid_once(now: datetime) -> None:
    card = opened(now, Channel.WECHAT_NATIVE)
    assert opened(now, Channel.WECHAT_NATIVE).id == card.id
    assert refusal(lambda: opened(now, Channel.WECHAT_CODE)).reason is INTENT_LIVE
    assert refusal(lambda: opened(now, Channel.WECHAT_NATIVE, fen=1)).reason is INTENT_LIVE
    door.cancel(intent_id=card.id, now=now)
    again = paid(now)
    assert again.id != card.id and again.state is State.PAID
    assert refusal(lambda: opened(now)).reason is ALREADY_PAID


@pytest.mark.feature("H1")
@pytest.mark.parametrize("reason", [TOO_LATE, ALREADY_PAID])
def test_money_that_the_settler_refuses_goes_back_by_itself(
    now: datetime, channel: FakeChannel, settler: FakeSettler, reason: Any
) -> None:
    settler.refuse = Refused(reason)
    card = paid(now)
    assert (card.state, card.settlement) == (State.PAID, Settlement.RETURNED)
    assert events("payment_succeeded") == 0 and events("money_sent_back") == 1
    kernel_jobs.drain()
    assert [r.state for r in door.refunds_of(card.id)] == [RefundState.DONE]
    assert channel.asked == ["charge", "refund"] and settler.heard == []
    assert door.intent(card.id).refunded_fen == 12600


def test_money_that_comes_after_the_close_goes_back(now: datetime, channel: FakeChannel, settler: FakeSettler) -> None:
    card = opened(now, Channel.WECHAT_NATIVE)
    door.start(card.id, now)
    door.cancel(intent_id=card.id, now=now)
    answer = ChannelAnswer(Outcome.PAID, transaction_id="42", paid_fen=12600)
    late = door.record_result(number=card.number, answer=answer, now=now)
    assert (late.state, late.settlement) == (State.PAID, Settlement.RETURNED)
    kernel_jobs.drain()
    assert "refund" in channel.asked and settler.heard == [("failed", card.number)]


def test_a_settler_that_breaks_rolls_the_result_back_and_the_repeat_settles(
    now: datetime, channel: FakeChannel, settler: FakeSettler
) -> None:
    channel.say(charge=Outcome.WAITING)
    card = paid(now)
    settler.refuse = ZeroDivisionError()
    answer = ChannelAnswer(Outcome.PAID, paid_fen=12600)
    with pytest.raises(ZeroDivisionError):
        door.record_result(number=card.number, answer=answer, now=now)
    assert door.intent(card.id).state is State.WAITING
    settler.refuse = None
    assert door.record_result(number=card.number, answer=answer, now=now).state is State.PAID


@pytest.mark.parametrize("change", [{"paid_fen": 1}, {"paid_fen": 12600, "currency": "USD"}, {"paid_fen": None}])
def test_another_amount_or_currency_is_never_settled_and_waits_for_a_person(
    now: datetime, settler: FakeSettler, change: dict[str, Any]
) -> None:
    card = opened(now, Channel.WECHAT_NATIVE)
    door.start(card.id, now)
    found = door.record_result(number=card.number, answer=ChannelAnswer(Outcome.PAID, **change), now=now)
    assert (found.state, found.needs_person) == (State.WAITING, True) and settler.heard == []


def test_refusals_change_nothing(now: datetime, channel: FakeChannel) -> None:
    card = opened(now)
    assert refusal(lambda: door.charge(intent_id=card.id, auth_code="6212345", now=now)).reason is BAD_AUTH_CODE
    assert door.intent(card.id).state is State.CREATED and channel.asked == []
    with pytest.raises(Refused) as caught, transaction():
        door.open_intent(
            source="bill", source_id="9", amount_fen=1, channel=Channel.WECHAT_JSAPI, description="", now=now
        )
    assert caught.value.reason is NEEDS_PAYER
    with pytest.raises(TransactionOpen), transaction():
        door.charge(intent_id=card.id, auth_code=AUTH_CODE, now=now)


def test_an_order_refused_by_the_channel_fails_and_a_silent_channel_may_be_tried_again(
    now: datetime, channel: FakeChannel
) -> None:
    one, two = opened(now, Channel.WECHAT_NATIVE), opened(now, Channel.WECHAT_NATIVE, bill="2")
    channel.say(order=Refused(CHANNEL_REFUSED, message="appid 与商户号不匹配"))
    assert refusal(lambda: door.start(one.id, now)).reason is CHANNEL_REFUSED
    assert door.intent(one.id).state is State.FAILED
    channel.say(order=Refused(CHANNEL_SILENT))
    assert refusal(lambda: door.start(two.id, now)).reason is CHANNEL_SILENT
    channel.say(order=None)
    first = door.start(two.id, now)
    assert first["code_url"].endswith(two.number) and door.start(two.id, now) == first
    assert channel.asked == ["order", "order", "order"]


def test_cash_is_taken_and_given_back_without_anyone_outside(
    now: datetime, channel: FakeChannel, settler: FakeSettler
) -> None:
    card = door.charge(intent_id=opened(now, Channel.CASH).id, now=now)
    assert card.state is State.PAID
    with transaction():
        back = door.open_refund(
            intent_id=card.id, amount_fen=2600, reason="退一杯", source="bill_refund", source_id="1", now=now
        )
    assert door.run_refund(refund_id=back.id, now=now).state is RefundState.DONE
    kernel_jobs.drain()
    assert channel.asked == [] and settler.heard == [("paid", card.number), ("refunded", back.number)]


def refund(card: IntentCard, fen: int, name: str, now: datetime) -> RefundCard:
    with transaction():
        return door.open_refund(
            intent_id=card.id, amount_fen=fen, reason="不合适", source="bill_refund", source_id=name, now=now
        )


def test_refunds_never_exceed_the_payment(now: datetime, channel: FakeChannel, settler: FakeSettler) -> None:
    card = paid(now)
    first = refund(card, 10000, "a", now)
    assert refund(card, 10000, "a", now).id == first.id
    assert refusal(lambda: refund(card, 9000, "a", now)).reason is REFUND_DIFFERS
    assert refusal(lambda: refund(card, 2601, "b", now)).data["left_fen"] == 2600
    assert refusal(lambda: refund(card, 0, "b", now)).reason is REFUND_TOO_MUCH
    refund(card, 2600, "b", now)
    kernel_jobs.drain()
    assert door.intent(card.id).refunded_fen == 12600 and channel.asked.count("refund") == 2
    assert events("refund_succeeded") == 2
    assert refusal(lambda: refund(opened(now, bill="2"), 1, "c", now)).reason is NOT_PAID


def test_a_refund_that_nobody_heard_is_asked_about_before_it_is_sent_again(
    now: datetime, channel: FakeChannel, settler: FakeSettler
) -> None:
    card = paid(now)
    channel.say(refund=Outcome.UNKNOWN)
    back = refund(card, 100, "a", now)
    assert door.run_refund(refund_id=back.id, now=now).state is RefundState.SENT
    channel.say(query_refund=Outcome.WAITING)
    assert door.run_refund(refund_id=back.id, now=now).state is RefundState.WAITING
    channel.say(query_refund=Outcome.ABSENT, refund=Outcome.REFUNDED)
    assert door.run_refund(refund_id=back.id, now=now).state is RefundState.DONE
    assert channel.asked[1:] == ["refund", "query_refund", "query_refund", "refund"]
    done = ChannelAnswer(Outcome.REFUNDED, paid_fen=100)
    for _ in range(10):
        door.record_refund(number=back.number, answer=done, now=now)
    assert settler.heard.count(("refunded", back.number)) == 1


def test_a_failed_refund_leaves_room_for_another(now: datetime, channel: FakeChannel) -> None:
    card = paid(now)
    channel.say(refund=Outcome.FAILED)
    back = refund(card, 12600, "a", now)
    assert door.run_refund(refund_id=back.id, now=now).state is RefundState.FAILED
    assert events("refund_failed") == 1
    channel.say(refund=Outcome.REFUNDED)
    again = refund(card, 12600, "a", now)
    assert again.id != back.id and door.run_refund(refund_id=again.id, now=now).state is RefundState.DONE


def test_lost_jobs_are_found_again_by_the_sweep(now: datetime, channel: FakeChannel) -> None:
    from shangquan.payments import jobs

    channel.say(charge=Outcome.WAITING, query=Outcome.PAID, refund=Outcome.REFUNDED)
    long_ago = now - timedelta(days=400)  # overdue by any clock that runs these tests
    card = paid(long_ago)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    jobs.sweep()
    kernel_jobs.drain()
    assert door.intent(card.id).state is State.PAID
    back = refund(card, 100, "a", long_ago)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    jobs.sweep()
    kernel_jobs.drain()
    assert door.refund(back.id).state is RefundState.DONE


def test_the_payer_is_not_readable_in_the_tables(now: datetime) -> None:
    card = paid(now)
    assert card.payer_openid == "oLin"
    with connection.cursor() as cursor:
        cursor.execute("select i::text from payments_intent i union all select e::text from payments_intent_event e")
        assert all("oLin" not in row for (row,) in cursor.fetchall())


def test_the_log_cannot_be_changed(now: datetime) -> None:
    opened(now)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("update payments_intent_event set what = 'x'")


@pytest.mark.feature("H14")
def test_the_daily_bill_finds_what_is_missing_extra_and_of_another_amount(now: datetime, channel: FakeChannel) -> None:
    good, missing, amount = (paid(now, bill=name, fen=fen) for name, fen in (("1", 100), ("2", 200), ("3", 300)))
    failed = opened(now, bill="4", fen=400)
    channel.say(charge=Outcome.FAILED)
    door.charge(intent_id=failed.id, auth_code=AUTH_CODE, now=now)
    back = refund(good, 60, "a", now)
    lost = refund(good, 40, "b", now)
    for one in (back, lost):
        door.run_refund(refund_id=one.id, now=now)
    Refund.rows().update(sent_at=now)
    day = now.astimezone(SHANGHAI).date()
    rows = [
        BillRow(good.number, "", 100, "t1", now),
        BillRow(amount.number, "", 299, "t3", now),
        BillRow("P-not-ours", "", 700, "t4", now),
        BillRow(failed.number, "", 400, "t5", now),
        BillRow(good.number, back.number, 60, "t6", now),
    ]
    with transaction():
        found = door.reconcile(provider="fake", day=day, rows=rows, now=now)
    assert {(d.kind, d.number, d.refund_number, d.own_fen, d.bill_fen) for d in found.differences} == {
        (DifferenceKind.MISSING, missing.number, "", 200, None),
        (DifferenceKind.AMOUNT, amount.number, "", 300, 299),
        (DifferenceKind.EXTRA, "P-not-ours", "", None, 700),
        (DifferenceKind.EXTRA, failed.number, "", None, 400),
        (DifferenceKind.MISSING, good.number, lost.number, 40, None),
    }
    assert (found.rows, found.matched, found.bill_fen) == (5, 2, 100 + 299 + 700 + 400 - 60)
    assert events("difference_found") == 5

    # The provider corrects its bill; a person explains the row that is not ours; nothing is told twice.
    extra = next(d for d in found.differences if d.number == "P-not-ours")
    with transaction():
        door.resolve_difference(difference_id=extra.id, note="另一套收银", now=now)
    channel.rows = [*rows, BillRow(missing.number, "", 200, "t2", now)]
    door.reconcile_later("fake", day.isoformat())
    kernel_jobs.drain()
    left = door.differences(day=day, open_only=True)
    assert [(d.kind, d.number) for d in left if d.number == missing.number] == [] and len(left) == 3
    assert events("difference_found") == 5


def test_a_payment_of_the_next_day_is_not_missed_from_this_one(now: datetime, channel: FakeChannel) -> None:
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    paid(midnight)
    last = paid(midnight - timedelta(seconds=1), bill="2")
    day = now.astimezone(SHANGHAI).date()
    with transaction():
        found = door.reconcile(provider="fake", day=day, rows=[], now=now)
    assert [d.number for d in found.differences] == [last.number]


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("H1")
def test_two_tills_and_two_notices_at_once_take_one_payment(
    now: datetime, district_id: int, channel: FakeChannel, settler: FakeSettler
) -> None:
    card = opened(now)
    results: list[str] = []

    def at_once(work: Callable[[], object]) -> None:
        with scope.scope(district_id):
            try:
                results.append(str(work()))
            except Refused as no:
                results.append(no.reason.code)
            finally:
                connection.close()

    def charge() -> object:
        return door.charge(intent_id=card.id, auth_code=AUTH_CODE, now=now).state

    def notice() -> object:
        answer = ChannelAnswer(Outcome.PAID, transaction_id="4200001", paid_fen=12600)
        return door.record_result(number=card.number, answer=answer, now=now).state

    def another() -> object:
        return opened(now, Channel.WECHAT_NATIVE).state

    threads = [Thread(target=at_once, args=(work,)) for work in (charge, charge, notice, notice, another, another)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert settler.heard == [("paid", card.number)] and channel.asked.count("charge") <= 1
    assert set(sorted(results)[:2]) <= {"P-4091", "P-4092"} and Intent.rows().count() == 1
