"""The same thing wanted by many at once: one exact outcome each time, and proof that without its guard it would go wrong.

The rooms' own tests attack stock, gifts, redemption, points and returns (`*/tests/test_parallel.py`); here are the ledger,
the counters, cards, payments, settlement, and attacks from several processes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from shangquan.checkout.contracts import BillState
from shangquan.checkout.tests.story import FakeChannel, Mall, build
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import Caps, ClaimRequest, Source
from shangquan.coupons.models import DayCounter, Piece
from shangquan.coupons.tests.story import published
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.ledger.contracts import AccountKey, Entry
from shangquan.ledger.models import LedgerAccount
from shangquan.members import door as members
from shangquan.members.models import Member
from shangquan.payments import door as payments
from shangquan.payments import ports as payment_ports
from shangquan.payments.contracts import Channel, ChannelAnswer, Outcome
from shangquan.settlement import door as settlement
from shangquan.settlement import ports as settlement_ports
from shangquan.settlement.models import Payout, Period, SettlementLine, Statement
from shangquan.settlement.ports import BankAnswer
from shangquan.tenancy import door as tenancy
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ISSUED = AccountKey("points.issued", unit="points", may_overdraw=True)
LIN = AccountKey("points.member", "member:1", "points")
SPENT = AccountKey("points.spent", unit="points")


@pytest.fixture(autouse=True)
def ground(district_id: int) -> Iterator[None]:
    yield
    connection.close()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    fake = FakeChannel()
    plugged = dict(payment_ports._channels) | dict.fromkeys((Channel.WECHAT_CODE, Channel.WECHAT_NATIVE), fake)
    monkeypatch.setattr(payment_ports, "_channels", plugged)
    return fake


def spend(number: int, points: int = 10) -> str:
    with transaction():
        ledger.post([Entry(LIN, SPENT, points, "race", str(number), "spend")])
    return "done"


def give(points: int) -> None:
    with transaction():
        ledger.post([Entry(ISSUED, LIN, points, "race", "0", "earn")])


def test_a_hundred_debits_at_once_take_no_more_than_there_is() -> None:
    give(300)
    answers = at_once([lambda n=n: spend(n) for n in range(100)], threads=12)
    assert (answers.count("done"), answers.count("L-4092")) == (30, 70)
    assert ledger.balance("points.member", "member:1", "points").available == 0
    assert ledger.prove().holds


def test_one_transfer_sent_by_many_at_once_moves_once() -> None:
    give(300)
    assert at_once([lambda: spend(7)] * 12) == ["done"] * 12
    assert ledger.balance("points.member", "member:1", "points").available == 290
    assert ledger.prove().holds


def test_without_the_lock_and_the_constraint_the_same_crowd_overdraws() -> None:
    """The race is real: two who read the account's row and check it before either writes, both find enough."""
    give(100)
    account = LedgerAccount.rows().get(kind="points.member")
    sums = {"credits": account.credits_posted, "debits": account.debits_posted}
    both_have_read = Barrier(2)

    def naive() -> str:
        row = LedgerAccount.rows().get(id=account.id)
        both_have_read.wait(10)
        if row.credits_posted - row.debits_posted < 100:
            return "refused"
        sums["debits"] += 100
        return "done"

    assert at_once([naive, naive]) == ["done", "done"]
    assert sums["credits"] - sums["debits"] == -100


def test_the_limit_of_a_day_and_of_a_member_hold_under_a_crowd(now: datetime) -> None:
    by_day = published(now, caps=Caps(total=1000, per_day=20, per_member=None))
    by_member = published(now, caps=Caps(total=1000, per_member=3))

    def claim(campaign: int, member: int, key: str) -> bool:
        with transaction():
            asked = ClaimRequest(campaign, member, Source.SHELF, key)
            return coupons.claim([asked], now=now)[0].piece_id is not None

    works: list[Any] = [lambda n=n: claim(by_day.id, n, "k") for n in range(60)]
    works += [lambda n=n: claim(by_member.id, n % 4, f"k{n}") for n in range(60)]
    answers = at_once(works, threads=10)
    assert (sum(answers[:60]), sum(answers[60:])) == (20, 12)
    assert DayCounter.rows().get(campaign_id=by_day.id).claimed == 20
    held = Piece.rows().filter(campaign_id=by_member.id).values_list("member_id", flat=True)
    assert sorted(held) == sorted([0, 1, 2, 3] * 3)


def open_card(phone: str, now: datetime) -> int:
    with transaction():
        return members.open_card(phone=phone, name="林小雨", channel="till", now=now).id


def test_two_desks_and_a_phone_open_one_card_by_one_number(now: datetime) -> None:
    answers = at_once([lambda: open_card("13800138000", now)] * 12)
    assert len(set(answers)) == 1 and Member.rows().count() == 1


def test_ten_notices_and_five_questions_at_once_settle_a_bill_once(now: datetime, channel: FakeChannel) -> None:
    mall = build(now)
    bill = mall.open()
    _, intent = mall.hold(bill.id, Channel.WECHAT_NATIVE)
    assert intent is not None
    payments.start(intent.id, now)
    answer = ChannelAnswer(Outcome.PAID, transaction_id="4200001", paid_fen=intent.amount_fen)
    later = now + timedelta(seconds=20)
    works: list[Any] = [lambda: payments.record_result(number=intent.number, answer=answer, now=later).state] * 10
    works += [lambda: payments.poll(intent_id=intent.id, now=later, eager=True).state] * 5
    states = {str(state) for state in at_once(works, threads=8)}
    assert states == {"paid"}
    lines = SettlementLine.rows().filter(bill_id=bill.id, kind="sale")
    assert lines.count() == 1 and mall.points() == (2_280, 0)
    assert ledger.prove().holds


def test_two_phones_that_pay_one_order_pay_one_and_the_other_money_is_given_back(
    now: datetime, channel: FakeChannel
) -> None:
    """Two transactions of the channel for one order: the first is kept, the second is not settled again."""
    mall = build(now)
    bill = mall.open()
    _, intent = mall.hold(bill.id, Channel.WECHAT_NATIVE)
    assert intent is not None
    payments.start(intent.id, now)

    def phone(transaction_id: str) -> str:
        answer = ChannelAnswer(Outcome.PAID, transaction_id=transaction_id, paid_fen=intent.amount_fen)
        return str(payments.record_result(number=intent.number, answer=answer, now=now).state)

    at_once([lambda t=t: phone(t) for t in ("4200001", "4200002", "4200001", "4200002")])
    kept = payments.intent(intent.id)
    assert (str(kept.state), kept.transaction_id in ("4200001", "4200002")) == ("paid", True)
    assert SettlementLine.rows().filter(bill_id=bill.id, kind="sale").count() == 1
    assert ledger.prove().holds


def settled(now: datetime) -> tuple[Mall, datetime]:
    """A paid bill of yesterday."""
    mall = build(now)
    bill = mall.pay(mall.open(choice=_no_points(), member_id=None).id, Channel.WECHAT_CODE)
    assert bill.state is BillState.PAID
    return mall, now + timedelta(days=1)


def _no_points() -> Any:
    from shangquan.checkout.contracts import Choice

    return Choice(use_points=False)


def close(now: datetime, later: datetime) -> int:
    with transaction():
        return settlement.close_period(ends_on=tenancy.today(now), now=later)


def test_a_period_closed_by_many_at_once_is_one_with_one_statement_each(now: datetime, channel: FakeChannel) -> None:
    _, later = settled(now)
    answers = at_once([lambda: close(now, later)] * 8)
    assert len(set(answers)) == 1 and Period.rows().count() == 1
    assert Statement.rows().values("merchant_id").distinct().count() == Statement.rows().count() == 1
    assert ledger.prove().holds


class SlowBank:
    def __init__(self) -> None:
        self.paid: list[str] = []

    def pay(self, number: str, merchant_id: int, amount_fen: int) -> BankAnswer:
        self.paid.append(number)
        return BankAnswer("paid", f"BANK-{len(self.paid)}", "proof.pdf")

    def query(self, number: str) -> BankAnswer:
        return BankAnswer("paid", "BANK-1", "proof.pdf") if number in self.paid else BankAnswer("unknown")


def test_a_statement_is_prepared_approved_and_paid_once_by_many(now: datetime, channel: FakeChannel) -> None:
    _, later = settled(now)
    close(now, later)
    statement = Statement.rows().get()
    with transaction():
        settlement.confirm_statement(statement_id=statement.id, now=later)

    def acting(who: int, work: Any) -> Any:
        rights = frozenset({"settlement.pay", "settlement.approve", "settlement.read"})
        with (
            scope.scope(scope.district_id(), actor=scope.Actor("staff", who, f"员工{who}", rights=rights)),
            transaction(),
        ):
            return work()

    prepared = at_once([lambda: acting(1, lambda: settlement.prepare_payout(statement_id=statement.id, now=later))] * 6)
    assert len(set(prepared)) == 1 and Payout.rows().count() == 1
    payout = prepared[0]
    answers = at_once(
        [
            lambda n=n: acting(n, lambda: settlement.approve_payout(payout_id=payout, now=later) or "approved")
            for n in (1, 2, 3, 4, 1, 2)
        ]
    )
    assert [answer for answer, who in zip(answers, (1, 2, 3, 4, 1, 2), strict=True) if who == 1] == ["S-4031"] * 2
    bank = SlowBank()
    settlement_ports.register_bank(bank)
    try:
        at_once([lambda: settlement.send_payout(payout_id=payout, now=later)] * 4)
        settlement.send_payout(payout_id=payout, now=later)
    finally:
        settlement_ports.register_bank(None)
    assert len(bank.paid) == 1 and Payout.rows().get().state == "paid"
    assert settlement.payable(statement.merchant_id) == 0
    assert ledger.balance("clearing.bank").posted == statement.total_fen and ledger.prove().holds


_CHILD = """
import sys
import django
from django.db import connections
connections.databases["default"].update(NAME=sys.argv[1], USER=sys.argv[2])
django.setup()
from shangquan.kernel import scope
from tests.races import test_races as races
sys.stdin.readline()
with scope.scope(int(sys.argv[3])):
    print(*getattr(races, sys.argv[4])(int(sys.argv[5])))
"""


def in_processes(work: str, many: int = 2) -> list[str]:
    """Run a function of this module in processes of their own, begun together; answers all their words."""
    where = connection.settings_dict
    asked = [str(where["NAME"]), str(where["USER"]), str(scope.district_id()), work]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _CHILD, *asked, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(sys.path), "DJANGO_SETTINGS_MODULE": "shangquan.config.settings"},
        )
        for number in range(many)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    words = []
    for child in children:
        out, _ = child.communicate(timeout=60)
        assert child.returncode == 0
        words += out.split()
    return words


def spend_in_a_row(part: int) -> list[str]:
    return at_once([lambda n=n: spend(part * 100 + n) for n in range(30)], threads=4)


def open_in_a_row(part: int) -> list[int]:
    return at_once([lambda: open_card("13900139000", clock.now())] * 8, threads=4)


def test_two_processes_spend_from_one_account_no_more_than_there_is() -> None:
    give(300)
    answers = in_processes("spend_in_a_row")
    assert (answers.count("done"), answers.count("L-4092")) == (30, 30)
    assert ledger.balance("points.member", "member:1", "points").available == 0
    assert ledger.prove().holds


def test_two_processes_open_one_card() -> None:
    assert len(set(in_processes("open_in_a_row"))) == 1
    assert Member.rows().count() == 1
