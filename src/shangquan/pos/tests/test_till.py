"""What the till does, told by its actions: recognition, coupons by hand, parking, walls, commission, returns."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import NO_BILL, BillKind, BillState, LineDraft
from shangquan.codes import door as codes
from shangquan.codes.contracts import REPLAYED
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponKind, CouponState, Scope
from shangquan.identity import door as identity
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Outcome
from shangquan.pos import door
from shangquan.pos.actions import pay, ring
from shangquan.pos.actions.check_off import check_off
from shangquan.pos.actions.offline import Ticket, upload
from shangquan.pos.actions.refund import refund
from shangquan.pos.actions.shifts import close_shift, open_shift
from shangquan.pos.contracts import BEING_PAID, CASH_SHORT, NO_SHIFT, OTHERS_COUPON, SHIFT_OPEN, UNKNOWN_SCAN, Part
from shangquan.pos.models import Receipt, StaffCommission, Till, TillSale
from shangquan.pos.paper import read
from shangquan.pos.tests.counter import BARCODES, Counter


def raised(work: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


@pytest.mark.feature("I2")
def test_a_member_is_recognised_by_code_card_and_phone(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    piece = counter.give(CouponKind.CASH, title_zh="满 100 减 10", amount_fen=1_000, min_spend_fen=10_000)
    digits = codes.member_code(counter.mall.member, now=counter.now).digits
    assert counter.scan(digits).did == "member"
    there = counter.desk()
    assert there.member is not None and there.balance is not None
    assert (there.member.name_masked, there.tier, there.balance.available) == ("林**", "金卡", 3_280)
    counter.goods(counter.mall.coat)
    assert [d["ref"] for d in counter.desk().quote["deductions"]][:1] == [str(piece.id)]
    assert counter.refused(digits).reason is REPLAYED  # the same code again, photographed
    with transaction():
        ring.set_member(till_id=counter.till, member_id=None, now=counter.now)
    assert counter.bill().payable_fen == 12_900
    counter.scan(members.member(counter.mall.member).card_no)
    assert counter.bill().member_id == counter.mall.member
    with transaction():
        other = members.open_card(phone="13800000042", name="陈可", channel="pos", now=counter.now)
    counter.scan("13800000042")
    assert counter.bill().member_id == other.id
    assert counter.refused("13900000000").reason is UNKNOWN_SCAN


@pytest.mark.feature("F8", "I3")
def test_a_coupon_scanned_at_the_till_is_used_or_says_why_not(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    best = counter.give(CouponKind.CASH, title_zh="满 100 减 30", amount_fen=3_000, min_spend_fen=10_000)
    small = counter.give(CouponKind.CASH, title_zh="满 100 减 10", amount_fen=1_000, min_spend_fen=10_000)
    big = counter.give(CouponKind.CASH, title_zh="满 500 减 90", amount_fen=9_000, min_spend_fen=50_000)
    counter.goods(counter.mall.coat)
    assert counter.scan(small.code).did == "coupon"
    used = [d["ref"] for d in counter.desk().quote["deductions"]]
    assert str(small.id) in used and str(best.id) not in used
    no = counter.refused(big.code)
    assert no.reason.name == "coupon_does_not_fit" and "还差" in no.zh
    assert str(small.id) in [d["ref"] for d in counter.desk().quote["deductions"]]  # nothing changed
    with transaction():
        stranger = members.open_card(phone="13800000043", name="黄言", channel="pos", now=counter.now)
        ring.set_member(till_id=counter.till, member_id=stranger.id, now=counter.now)
    assert counter.refused(small.code).reason is OTHERS_COUPON
    assert coupons.piece(big.id).state is CouponState.UNUSED


def test_a_reload_finds_the_basket_and_parking_keeps_it(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.goods(counter.mug, counter.mug)
    before = counter.bill()
    assert counter.desk().bill == before
    with transaction():
        parked = ring.park(till_id=counter.till, label="蓝外套", now=counter.now)
    assert counter.desk().bill is None and counter.desk().parked == 1
    counter.goods(counter.bag)
    with transaction():
        ring.recall(till_id=counter.till, ring_id=parked.id, now=counter.now)
    assert counter.bill().number == before.number and counter.desk().parked == 1


def test_lines_quantities_prices_and_amounts(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.scan(f"3x{BARCODES['mug']}")
    counter.scan("12.50")
    assert [(line.quantity, line.list_fen) for line in counter.bill().lines] == [(3, 13_500), (1_250, 1_250)]
    with transaction():
        ring.set_price(till_id=counter.till, line_no=1, unit_fen=4_000, now=counter.now)
    counter.scan(BARCODES["mug"])  # at the usual price again: a line of its own
    assert [line.list_fen for line in counter.bill().lines] == [12_000, 1_250, 4_500]
    counter.scan("2×")
    assert counter.bill().lines[2].quantity == 2
    first = counter.bill().number
    for _ in range(3):
        with transaction():
            ring.set_quantity(till_id=counter.till, line_no=1, quantity=0, now=counter.now)
    assert counter.desk().bill is None
    assert checkout.bill_by_number(first).state is BillState.CANCELLED
    assert raised(lambda: counter.cash()).reason.name == "nothing_rung_up"


@pytest.mark.feature("I1")
def test_power_cut_after_payment_prints_again_and_charges_once(
    counter: Counter, cashier: scope.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.open()
    counter.goods(counter.mug)

    def cut(**_: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(pay, "print_first", cut)
        with pytest.raises(RuntimeError):
            counter.pay()
    there = counter.desk()
    assert there.phase == "paid" and there.receipt is None and counter.channel.asked == ["charge"]
    counter.pay()  # the clerk scans the code again
    assert counter.channel.asked == ["charge"]
    receipt = counter.desk().receipt
    assert receipt is not None and "45.00" in "".join(block.text for block in read(receipt.content))
    assert TillSale.rows().count() == 1


@pytest.mark.feature("H2")
def test_every_answer_of_the_channel_ends_in_one_final_state(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.goods(counter.mug)
    counter.channel.says = Outcome.UNKNOWN
    assert counter.pay().state is BillState.HELD
    assert counter.desk().phase == "unknown"
    assert raised(lambda: counter.goods(counter.mug)).reason is BEING_PAID
    counter.pay()
    assert counter.channel.asked.count("charge") == 1
    counter.channel.says = Outcome.WAITING
    pay.look(till_id=counter.till, now=counter.now, eager=True)
    assert counter.desk().phase == "waiting"
    counter.channel.says = Outcome.PAID
    paid = pay.look(till_id=counter.till, now=counter.now, eager=True)
    assert paid is not None and paid.is_paid
    assert [card.state.value for card in payments.intents_of("bill", str(paid.id))] == ["paid"]


def test_cash_gives_change_and_refuses_too_little(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.goods(counter.mug)
    assert raised(lambda: counter.cash(4_000)).reason is CASH_SHORT
    assert counter.bill().state is BillState.OPEN
    counter.cash(5_000)
    there = counter.desk()
    assert there.phase == "paid" and there.receipt is not None
    lines = [block.text for block in read(there.receipt.content)]
    assert any(line.startswith("找零") and line.endswith("5.00") for line in lines)


@pytest.mark.feature("I5")
def test_clerk_and_referrer_earn_and_a_return_takes_it_back(counter: Counter, district_id: int) -> None:
    with transaction():
        door.set_commission(
            merchant_id=counter.mall.kids, part=Part.CLERK, rate_bp=150, starts_at=counter.now, now=counter.now
        )
        door.set_commission(
            merchant_id=counter.mall.kids, part=Part.REFERRER, rate_bp=333, starts_at=counter.now, now=counter.now
        )
    with scope.scope(district_id, actor=identity.actor_for(counter.manager, district_id)):
        counter.open()
        counter.goods(counter.mug, counter.mug, counter.mug)
        with transaction():
            ring.set_referrer(till_id=counter.till, referrer_id=counter.clerk, now=counter.now)
        bill = counter.cash()
        earned = {line.part: (line.staff_id, line.amount_fen) for line in door.commissions(bill_id=bill.id)}
        assert earned == {Part.CLERK: (counter.manager, 203), Part.REFERRER: (counter.clerk, 450)}  # of ¥135.00
        for key, lines in (("return-part", {1: 1}), ("return-rest", None)):
            with transaction():
                refund(
                    till_id=counter.till,
                    bill_number=bill.number,
                    lines=lines,
                    reason="破了",
                    client_key=key,
                    now=counter.now,
                )
            if lines:
                assert sum(line.amount_fen for line in door.commissions(bill_id=bill.id)) == 203 - 67 + 450 - 150
        assert StaffCommission.rows().filter(refund_id__isnull=False).count() == 4
        for part in Part:
            assert sum(line.amount_fen for line in door.commissions(bill_id=bill.id) if line.part is part) == 0


@pytest.mark.feature("A4", "F8")
def test_the_walls_of_a_cashier(counter: Counter, district_id: int, at_six: datetime) -> None:
    mall = counter.mall
    here, there = (
        counter.give(
            CouponKind.CASH,
            title_zh=title,
            amount_fen=1_000,
            min_spend_fen=0,
            scope=Scope(stores_in=frozenset({store})),
        )
        for title, store in (("本店减 10", mall.kids_store), ("玩具店减 10", mall.toys_store))
    )
    with transaction():
        toys = door.add_till(store_id=mall.toys_store, name="收银台 1")
        foreign = mall_bill(mall)
    with scope.scope(district_id, actor=identity.actor_for(counter.clerk, district_id)):
        counter.open()
        with transaction():
            done = check_off(till_id=counter.till, code=here.code, key="check-0001", spend_fen=5_000, now=at_six)
        with transaction():
            again = check_off(till_id=counter.till, code=here.code, key="check-0001", spend_fen=5_000, now=at_six)
        assert (done.state, again.used_at) == (CouponState.USED, done.used_at)
        no = raised(
            lambda: in_transaction(
                lambda: check_off(till_id=counter.till, code=there.code, key="check-0002", spend_fen=5_000, now=at_six)
            )
        )
        assert no.reason.code == "C-4033", no
        assert coupons.piece(there.id).state is CouponState.UNUSED
        used = raised(
            lambda: in_transaction(
                lambda: check_off(till_id=counter.till, code=here.code, key="check-0003", spend_fen=5_000, now=at_six)
            )
        )
        assert "周小满" in used.zh and "18:24" in used.zh
        assert (
            raised(
                lambda: in_transaction(lambda: open_shift(till_id=toys.id, opening_cash_fen=0, now=at_six))
            ).reason.status
            == 404
        )
        assert raised(lambda: in_transaction(lambda: coupons.pause_campaign(here.campaign_id))).reason is FORBIDDEN
        refused = raised(
            lambda: in_transaction(
                lambda: refund(
                    till_id=counter.till, bill_number=foreign, lines=None, reason="", client_key="return-9", now=at_six
                )
            )
        )
        assert (
            refused.reason is FORBIDDEN
        )  # a cashier takes nothing back; a manager would not find the other store's bill
    with scope.scope(district_id, actor=identity.actor_for(counter.manager, district_id)):
        refused = raised(
            lambda: in_transaction(
                lambda: refund(
                    till_id=counter.till, bill_number=foreign, lines=None, reason="", client_key="return-9", now=at_six
                )
            )
        )
        assert refused.reason is NO_BILL


def in_transaction(work: Any) -> Any:
    with transaction():
        return work()


def mall_bill(mall: Any) -> str:
    return str(
        checkout.open_bill(
            kind=BillKind.TILL,
            store_id=mall.toys_store,
            lines=[LineDraft(amount_fen=900)],
            client_key="toys-0001",
            now=mall.now,
        ).number
    )


@pytest.mark.feature("I6", "G12")
def test_two_hundred_offline_tickets_arrive_in_order_each_once(counter: Counter, cashier: scope.Actor) -> None:
    counter.open(10_000)
    card = members.member(counter.mall.member).card_no
    tickets = [
        Ticket(
            seq=seq,
            sold_at=counter.now,
            total_fen=4_500 + seq,
            lines=(LineDraft(counter.mug), LineDraft(amount_fen=seq)),
            card_no=card if seq % 2 else "",
        )
        for seq in range(1, 201)
    ]
    answers = upload(till_id=counter.till, tickets=list(reversed(tickets)), now=counter.now)
    assert [answer.seq for answer in answers] == list(range(1, 201))
    assert {answer.state for answer in answers} == {"booked"}, next(a for a in answers if a.state != "booked")
    again = upload(till_id=counter.till, tickets=tickets, now=counter.now)
    assert again == answers
    total = sum(ticket.total_fen for ticket in tickets)
    assert TillSale.rows().count() == 200
    assert checkout.bill_by_number(answers[0].bill_number).member_id == counter.mall.member
    with transaction():
        shift = close_shift(till_id=counter.till, counted={"cash": 10_000 + total}, now=counter.now)
    (cash,) = shift.totals
    assert (cash.sales, cash.sales_fen, cash.expected_fen, cash.difference_fen) == (200, total, 10_000 + total, 0)


@pytest.mark.feature("I6")
def test_an_offline_ticket_that_cannot_be_booked_says_why(counter: Counter, cashier: scope.Actor) -> None:
    line = LineDraft(counter.mug)
    good = Ticket(seq=1, sold_at=counter.now, total_fen=4_500, lines=(line,))
    waits = upload(till_id=counter.till, tickets=[good], now=counter.now)
    assert (waits[0].state, waits[0].code) == ("refused", NO_SHIFT.code)
    counter.open()
    tickets = [
        good,
        replace(good, seq=2, coupons=("ABCD",)),
        replace(good, seq=3, total_fen=4_000),
        replace(good, seq=4, channel="wechat_code"),
        replace(good, seq=5),
    ]
    answers = upload(till_id=counter.till, tickets=tickets, now=counter.now)
    assert [(a.seq, a.state, a.code) for a in answers] == [
        (1, "booked", ""),
        (2, "refused", "T-4031"),
        (3, "refused", "T-4099"),
        (4, "refused", "T-4031"),
        (5, "booked", ""),
    ]
    other = upload(till_id=counter.till, tickets=[replace(good, total_fen=4_400)], now=counter.now)
    assert other[0].code == "T-4095"


@pytest.mark.feature("I6")
def test_a_shift_counts_what_was_taken_and_given_back(counter: Counter, district_id: int) -> None:
    with scope.scope(district_id, actor=identity.actor_for(counter.manager, district_id)):
        counter.open(20_000)
        counter.goods(counter.mug)
        counter.cash(10_000)
        counter.goods(counter.mug)
        paid = counter.pay()
        counter.goods(counter.mug, counter.mug)
        cash = counter.cash()
        for number, key in ((paid.number, "return-0001"), (cash.number, "return-0002")):
            with transaction():
                refund(
                    till_id=counter.till, bill_number=number, lines={1: 1}, reason="", client_key=key, now=counter.now
                )
        with transaction():
            shift = close_shift(till_id=counter.till, counted={"cash": 28_900, "wechat_code": 0}, now=counter.now)
        rows = {
            t.channel: (t.sales, t.sales_fen, t.returns_fen, t.expected_fen, t.difference_fen) for t in shift.totals
        }
        assert rows == {"cash": (2, 13_500, 4_500, 29_000, -100), "wechat_code": (1, 4_500, 4_500, 0, 0)}
        assert counter.desk().phase == "closed"
        assert raised(lambda: counter.goods(counter.mug)).reason is NO_SHIFT
        assert Receipt.rows().filter(refund_id__isnull=False).count() == 2


def test_one_clerk_a_till(counter: Counter, district_id: int) -> None:
    with scope.scope(district_id, actor=identity.actor_for(counter.clerk, district_id)):
        first = counter.open()
        assert counter.open().id == first.id
    with scope.scope(district_id, actor=identity.actor_for(counter.manager, district_id)):
        assert raised(lambda: counter.open()).reason is SHIFT_OPEN


def test_the_desk_asks_as_much_for_one_line_as_for_many(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.goods(counter.mug)
    with CaptureQueriesContext(connection) as one:
        counter.desk()
    counter.goods(counter.bag, counter.mall.coat, counter.mall.shirt, counter.mall.socks)
    with CaptureQueriesContext(connection) as many:
        counter.desk()
    assert len(many) == len(one) <= 16
    assert Till.rows().count() == 1
