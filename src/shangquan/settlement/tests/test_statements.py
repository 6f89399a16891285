from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

from shangquan.checkout.contracts import (
    BillKind,
    DeductionKind,
    PaidBill,
    PaidLine,
    PaidShare,
    RefundedBill,
    RefundedLine,
)
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Reason, Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.settlement import contracts as c
from shangquan.settlement import door, ports
from shangquan.settlement.actions.post_bill import post_bill, post_refund
from shangquan.settlement.models import Payout, SettlementLine
from shangquan.settlement.ports import BankAnswer

TODAY = date(2026, 11, 22)
FINANCE = frozenset(
    {"settlement.close", "settlement.correct", "settlement.pay", "settlement.approve", "settlement.read"}
)
MERCHANT = frozenset({"settlement.read", "settlement.confirm", "settlement.dispute"})


@pytest.fixture
def shops(district_id: int, now: datetime) -> tuple[int, int]:
    with transaction():
        a, b = district.load_merchants(
            [MerchantDraft(name="小禾童装", commission_bp=500), MerchantDraft(name="阿橘玩具", commission_bp=1000)],
            now=now,
        )
    return a, b


@contextmanager
def acting(district_id: int, rights: frozenset[str], *, who: int = 1, merchant: int | None = None) -> Iterator[None]:
    person = scope.Actor(kind="staff", id=who, name=f"员工{who}", role="x", merchant_id=merchant, rights=rights)
    with scope.scope(district_id, actor=person):
        yield


def paid(
    bill: int,
    merchant: int,
    list_fen: int,
    shares: tuple[PaidShare, ...] = (),
    *,
    at: datetime,
    channel: str = "wechat_code",
) -> PaidBill:
    money = list_fen - sum(share.amount_fen for share in shares)
    line = PaidLine(1, None, merchant, merchant * 10, 2, list_fen, money, shares)
    return PaidBill(
        bill,
        f"B{bill}",
        BillKind.TILL,
        merchant,
        merchant * 10,
        None,
        channel,
        list_fen,
        money,
        0,
        (),
        (line,),
        None,
        None,
        at,
    )


def returned(bill: PaidBill, refund: int, *, half: bool, at: datetime) -> RefundedBill:
    line = bill.lines[0]
    part = 2 if half else 1
    shares = tuple(PaidShare(s.kind, s.ref, s.payer, s.amount_fen // part) for s in line.shares)
    back = RefundedLine(1, 2 // part, line.list_fen // part, line.paid_fen // part, shares, 0, 0, 0)
    return RefundedBill(
        bill.bill_id, bill.number, refund, f"T{refund}", bill.merchant_id, bill.store_id, None, bill.channel,
        back.list_fen, back.paid_fen, 0, (), (back,), not half, None, None, at, bill.payable_fen, 0,
    )  # fmt: skip


def post(bill: PaidBill) -> None:
    with transaction():
        post_bill(paid=bill)


def close(district_id: int, day: date, now: datetime) -> int:
    with acting(district_id, FINANCE), transaction():
        return door.close_period(ends_on=day, now=now)


def refused(work: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as caught, transaction():
        work()
    return caught.value.reason


def coupon(*payers: tuple[str, int]) -> tuple[PaidShare, ...]:
    return tuple(PaidShare(DeductionKind.CASH, "9", payer, fen) for payer, fen in payers)


@pytest.mark.feature("T1")
def test_orders_less_refunds_less_commission_plus_subsidies_is_payable_and_a_closed_period_never_changes(
    district_id: int, shops: tuple[int, int], now: datetime
) -> None:
    a, _ = shops
    bill = paid(1, a, 200_00, coupon(("owner", 30_00)), at=now)
    post(bill)
    with transaction():
        post_refund(refund=returned(bill, 1, half=True, at=now))
    later = now + timedelta(days=1)
    assert refused(lambda: door.close_period(ends_on=TODAY, now=now)) is c.PERIOD_EMPTY
    period = close(district_id, TODAY, later)
    (card,) = door.statements(period_id=period)
    assert card.equation == {
        "sales": 170_00, "refunds": -85_00, "commission": -10_00 + 5_00, "subsidies": 30_00 - 15_00, "cash": 0, "corrections": 0,
    }  # fmt: skip
    assert card.total_fen == sum(card.equation.values()) == door.payable(a) == 95_00
    with transaction():
        post_refund(refund=returned(bill, 2, half=True, at=now))  # news of a day that is closed already
    assert close(district_id, TODAY, later) == period
    assert door.statement(card.id).total_fen == 95_00
    close(district_id, TODAY + timedelta(days=1), later + timedelta(days=1))
    latest = door.statements(merchant_id=a)[0]
    assert latest.total_fen == -95_00 and latest.state == "carried" and door.payable(a) == 0
    assert [(line.kind, line.amount_fen) for line in door.open_lines(merchant_id=a)] == [("carried", -95_00)]
    assert ledger.prove().holds


@pytest.mark.feature("T3")
def test_a_coupon_issued_by_a_and_used_at_b_makes_b_whole_and_charges_a_60_percent(
    district_id: int, shops: tuple[int, int], now: datetime
) -> None:
    a, b = shops
    bill = paid(1, b, 100_00, coupon((f"merchant:{a}", 12_00), (f"merchant:{b}", 8_00)), at=now)
    post(bill)
    assert (door.payable(a), door.payable(b)) == (-12_00, 92_00 - 9_20)
    assert {(line.merchant_id, line.kind, line.amount_fen) for line in door.lines_of_bill(1)} == {
        (b, "sale", 80_00), (b, "subsidy_in", 12_00), (a, "subsidy_out", -12_00), (b, "commission", -9_20),
    }  # fmt: skip
    with transaction():
        post_refund(refund=returned(bill, 1, half=False, at=now))
    assert (door.payable(a), door.payable(b)) == (0, 0) and ledger.prove().holds


def test_posting_the_same_bill_twice_is_impossible(shops: tuple[int, int], now: datetime) -> None:
    from django.db import IntegrityError

    bill = paid(1, shops[0], 100_00, at=now)
    post(bill)
    with pytest.raises(IntegrityError, match="settlement_line_once"):
        post(bill)
    assert SettlementLine.rows().count() == 2


@pytest.mark.feature("T2")
def test_a_dispute_blocks_only_its_line_and_the_confirmation_is_signed(
    district_id: int, shops: tuple[int, int], now: datetime
) -> None:
    a, b = shops
    post(paid(1, a, 100_00, at=now))
    post(paid(2, a, 50_00, at=now))
    later = now + timedelta(days=1)
    period = close(district_id, TODAY, later)
    (card,) = door.statements(period_id=period)
    wrong = next(line for line in door.lines(card.id) if line.kind == "commission" and line.amount_fen == -2_50)
    with acting(district_id, MERCHANT, who=9, merchant=b):
        assert refused(lambda: door.confirm_statement(statement_id=card.id, now=later)) is c.NO_STATEMENT
        assert door.statements() == []
    with acting(district_id, MERCHANT, who=8, merchant=a):
        with transaction():
            door.dispute_line(statement_id=card.id, line_id=wrong.id, reason="这单是自营活动，不该收佣金", now=later)
        assert (
            refused(lambda: door.dispute_line(statement_id=card.id, line_id=wrong.id, reason="x", now=later))
            is c.ALREADY_DISPUTED
        )
        with transaction():
            assert door.confirm_statement(statement_id=card.id, now=later) == 142_50 + 2_50
        signed = door.statement(card.id)
        assert (signed.state, signed.confirmed_by, signed.confirmed_at) == ("confirmed", "员工8", later)
        assert (signed.total_fen, signed.frozen_fen, signed.payable_fen) == (142_50, -2_50, 145_00)
        other = door.lines(card.id)[0]
        assert (
            refused(lambda: door.dispute_line(statement_id=card.id, line_id=other.id, reason="x", now=later))
            is c.ALREADY_CONFIRMED
        )
    dispute = door.open_disputes()[0]
    with acting(district_id, FINANCE), transaction():
        door.answer_dispute(dispute_id=dispute.id, answer="同意，免收", correct_fen=0, now=later)
    lines = {line.kind: line.amount_fen for line in door.open_lines(merchant_id=a)}
    assert lines == {"released": -2_50, "correction": 2_50}
    assert door.payable(a) == 145_00 and ledger.prove().holds


@pytest.mark.feature("T4")
def test_maker_and_checker_differ_and_a_statement_is_paid_once_even_when_the_banks_answer_is_lost(
    district_id: int, shops: tuple[int, int], now: datetime
) -> None:
    a, b = shops
    post(paid(1, a, 100_00, at=now))
    later = now + timedelta(days=1)
    (card,) = door.statements(period_id=close(district_id, TODAY, later))
    bank = Bank()
    ports.register_bank(bank)
    try:
        with acting(district_id, FINANCE, who=1):
            assert refused(lambda: door.prepare_payout(statement_id=card.id, now=later)) is c.NOT_CONFIRMED
        with acting(district_id, MERCHANT, merchant=a), transaction():
            door.confirm_statement(statement_id=card.id, now=later)
        with acting(district_id, FINANCE, who=1):
            with transaction():
                payout = door.prepare_payout(statement_id=card.id, now=later)
                assert door.prepare_payout(statement_id=card.id, now=later) == payout
            assert refused(lambda: door.approve_payout(payout_id=payout, now=later)) is c.SAME_PERSON
        with acting(district_id, MERCHANT, merchant=a):
            assert refused(lambda: door.approve_payout(payout_id=payout, now=later)) is FORBIDDEN
        with acting(district_id, FINANCE, who=2), transaction():
            door.approve_payout(payout_id=payout, now=later)
        with acting(district_id, FINANCE, who=1):
            assert door.send_payout(payout_id=payout, now=later) == "sent"
            assert (
                refused(lambda: door.record_payment(payout_id=payout, bank_reference="X", proof="", now=later))
                is c.RESULT_UNKNOWN
            )
            assert door.send_payout(payout_id=payout, now=later) == "paid"
            assert door.send_payout(payout_id=payout, now=later) == "paid"
    finally:
        ports.register_bank(None)
    assert (bank.paid, bank.asked) == ([95_00], 1)
    with acting(district_id, MERCHANT, merchant=a):
        assert door.payout(payout).proof == "proof.pdf" and door.payout(payout).bank_reference == "BANK-1"
    with acting(district_id, MERCHANT, merchant=b):
        assert refused(lambda: door.payout(payout)) is c.NO_PAYOUT
    assert door.payable(a) == 0 and ledger.balance("clearing.bank").posted == 95_00 and ledger.prove().holds
    assert AuditLine.rows().filter(subject="payout").count() == 3
    assert Payout.rows().get().maker_id != Payout.rows().get().checker_id


class Bank:
    """Pays at once, but its first answer gets lost on the way."""

    def __init__(self) -> None:
        self.paid: list[int] = []
        self.asked = 0

    def pay(self, number: str, merchant_id: int, amount_fen: int) -> BankAnswer:
        self.paid.append(amount_fen)
        return BankAnswer("unknown")

    def query(self, number: str) -> BankAnswer:
        self.asked += 1
        return BankAnswer("paid", "BANK-1", "proof.pdf")
