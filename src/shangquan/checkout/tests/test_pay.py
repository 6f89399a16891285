"""Paying is enough: opened, priced, held, paid; or given up, and everything is back at once."""

from datetime import timedelta

import pytest

from shangquan.checkout import door
from shangquan.checkout.actions.settle import BillSettler
from shangquan.checkout.contracts import (
    BAD_LINE,
    BEING_PAID,
    KEY_TAKEN,
    NO_LINES,
    NOT_OPEN,
    PRICE_CHANGED,
    BillKind,
    BillState,
    Choice,
    LineDraft,
)
from shangquan.checkout.models import Bill, BillDeduction
from shangquan.checkout.tests.story import CODE, Books, FakeChannel, Mall, build
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponKind, CouponState, PayerShare, Scope
from shangquan.kernel.errors import Reason, Refused
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, ChannelAnswer, Outcome, Settlement, State
from shangquan.points.actions.set_rules import set_spend_rule


def refused(work: object, **asked: object) -> Reason:
    with pytest.raises(Refused) as caught, transaction():
        work(**asked)  # type: ignore[operator]
    return caught.value.reason


def state_of(piece_id: int) -> CouponState:
    return coupons.piece(piece_id).state


@pytest.mark.feature("I1", "F9", "G12")
def test_the_evening_bill(mall: Mall, books: Books, channel: FakeChannel) -> None:
    """¥198.00, 满 150 减 30 and 1,000 points: ¥158.00, and 158 + 24 points for doubled socks to come."""
    piece = mall.give(amount_fen=3_000, min_spend_fen=15_000, title_zh="满 150 减 30 券")
    short = mall.give(amount_fen=4_500, min_spend_fen=20_000)
    bill = mall.open()
    assert (bill.list_fen, bill.saved_fen, bill.payable_fen, bill.points_used) == (19_800, 4_000, 15_800, 1_000)
    assert bill.pieces == 4
    shown = door.shown_quote(bill.id)
    assert [row["zh"] for row in shown["not_used"]] == ["还差 ¥2.00"]

    held, intent = mall.hold(bill.id, Channel.WECHAT_CODE, expected_fen=15_800)
    assert intent is not None
    assert (held.state, intent.amount_fen) == (BillState.HELD, 15_800)
    assert (state_of(piece.id), state_of(short.id)) == (CouponState.HELD, CouponState.UNUSED)
    assert mall.points() == (2_280, 1_000)

    payments.charge(intent_id=intent.id, auth_code=CODE, now=mall.now)
    paid = door.bill(bill.id)
    assert (paid.state, paid.channel, paid.paid_at) == (BillState.PAID, "wechat_code", mall.now)
    assert state_of(piece.id) == CouponState.USED
    assert mall.points() == (2_280, 0)
    (booked,) = books.paid
    assert booked.list_fen == booked.payable_fen + sum(d.amount_fen for d in booked.deductions)
    assert [(d.kind, d.amount_fen, d.payers) for d in booked.deductions] == [
        ("cash", 3_000, (("owner", 3_000),)),
        ("points", 1_000, (("owner", 1_000),)),
    ]
    (fact,) = OutboxEvent.rows().filter(name="bill_paid")
    assert (fact.payload["paid_fen"], fact.payload["saved_fen"], fact.payload["points_used"]) == (15_800, 4_000, 1_000)
    assert mall.earn(bill.id) == paid.points_to_earn > 158
    assert ledger.prove().holds


@pytest.mark.feature("F9")
def test_thirty_off_a_hundred_and_a_payment_that_fails(mall: Mall, books: Books, channel: FakeChannel) -> None:
    piece = mall.give(amount_fen=3_000, min_spend_fen=10_000)
    bill = mall.open(lines=(LineDraft(title="外套", unit_fen=10_000),), choice=Choice(use_points=False))
    assert bill.payable_fen == 7_000
    for _ in range(2):
        channel.says = Outcome.FAILED
        _, intent = mall.hold(bill.id, Channel.WECHAT_CODE)
        assert intent is not None
        assert payments.charge(intent_id=intent.id, auth_code=CODE, now=mall.now).state is State.FAILED
        assert door.bill(bill.id).state is BillState.OPEN
        assert state_of(piece.id) == CouponState.UNUSED, "back, usable at once"
    channel.says = Outcome.PAID
    assert mall.pay(bill.id, Channel.WECHAT_CODE).state is BillState.PAID
    assert state_of(piece.id) == CouponState.USED
    assert coupons.piece(piece.id).used_bill_id == bill.id
    assert len(books.paid) == 1


@pytest.mark.feature("F9", "G6")
def test_points_are_back_after_a_failure_and_held_again(mall: Mall, channel: FakeChannel) -> None:
    bill = mall.open()
    channel.says = Outcome.FAILED
    for _ in range(3):
        _, intent = mall.hold(bill.id, Channel.WECHAT_CODE)
        assert intent is not None
        assert mall.points() == (2_280, 1_000)
        payments.charge(intent_id=intent.id, auth_code=CODE, now=mall.now)
        assert mall.points() == (3_280, 0)
    with transaction():
        door.cancel(bill_id=bill.id, now=mall.now)
    assert mall.points() == (3_280, 0)
    assert ledger.prove().holds


@pytest.mark.feature("D3")
def test_a_gold_member_pays_95_percent_where_the_merchant_joined(district_id: int, now: object) -> None:
    mall = build(now, tier_bp=9_500)  # type: ignore[arg-type]
    plain = Choice(use_points=False)
    lines = (LineDraft(title="外套", unit_fen=10_000),)
    assert mall.open(lines=lines, choice=plain).payable_fen == 9_500
    assert mall.open("till-1-0002", lines=lines, choice=plain, store_id=mall.toys_store).payable_fen == 10_000
    assert mall.open("till-1-0003", lines=lines, choice=plain, member_id=None).payable_fen == 10_000


@pytest.mark.feature("F11", "T3")
def test_issued_at_toys_used_at_kids_split_60_to_40(mall: Mall, books: Books) -> None:
    split = (PayerShare(f"merchant:{mall.toys}", 6_000), PayerShare("redeemer", 4_000))
    scope = Scope(merchants_in=frozenset({mall.kids}))
    mall.give(amount_fen=2_000, issuer_id=mall.toys, payers=split, scope=scope)
    at_toys = mall.open(store_id=mall.toys_store, lines=(LineDraft(title="积木", unit_fen=9_900),))
    assert [row["code"] for row in door.shown_quote(at_toys.id)["not_used"]] == ["wrong_merchant"]
    mall.pay(mall.open("till-1-0002", choice=Choice(use_points=False)).id)
    (booked,) = books.paid
    assert dict(booked.deductions[0].payers) == {f"merchant:{mall.toys}": 1_200, f"merchant:{mall.kids}": 800}


@pytest.mark.feature("F1", "I3")
def test_a_bill_that_coupons_pay_whole_needs_no_channel(mall: Mall, books: Books) -> None:
    piece = mall.give(CouponKind.ECASH, amount_fen=50_000, is_divisible=True)
    bill = mall.open(choice=Choice(use_points=False))
    assert (bill.prepaid_fen, bill.payable_fen) == (19_800, 0)
    paid, intent = mall.hold(bill.id)
    assert intent is None
    assert (paid.state, paid.channel) == (BillState.PAID, "none")
    assert coupons.piece(piece.id).piece.rest_fen == 50_000 - 19_800
    assert state_of(piece.id) == CouponState.UNUSED, "its rest is usable"
    assert books.paid[0].payable_fen == 0


@pytest.mark.feature("I1")
def test_a_repeat_answers_the_first_and_another_question_is_refused(mall: Mall) -> None:
    first = mall.open()
    assert mall.open() == first
    assert Bill.rows().count() == 1
    assert refused(mall_open_other, mall=mall) is KEY_TAKEN
    _, intent = mall.hold(first.id)
    assert mall.hold(first.id)[1] == intent
    assert refused(door.hold, bill_id=first.id, channel=Channel.WECHAT_CODE, now=mall.now) is BEING_PAID
    assert refused(door.reprice, bill_id=first.id, now=mall.now) is BEING_PAID


def mall_open_other(mall: Mall) -> None:
    door.open_bill(
        kind="till", store_id=mall.kids_store, lines=(LineDraft(mall.coat),), client_key="till-1-0001", now=mall.now
    )


@pytest.mark.feature("I1", "H1")
def test_the_price_that_was_seen_is_the_price_that_is_paid(mall: Mall) -> None:
    bill = mall.open()
    mall.give(amount_fen=3_000)
    assert (
        refused(door.hold, bill_id=bill.id, channel=Channel.CASH, now=mall.now, expected_fen=bill.payable_fen)
        is PRICE_CHANGED
    )
    assert door.bill(bill.id).state is BillState.OPEN
    assert mall.points() == (3_280, 0), "nothing stays held"


@pytest.mark.feature("I1")
def test_another_combination_lines_and_member(mall: Mall) -> None:
    best = mall.give(amount_fen=3_000)
    other = mall.give(CouponKind.DISCOUNT, payable_bp=9_000)
    bill = mall.open()
    assert [d["ref"] for d in door.shown_quote(bill.id)["deductions"]] == [str(best.id), "points"]
    assert len(door.other_quotes(bill.id, now=mall.now)) == 2
    with transaction():
        chosen = door.reprice(
            bill_id=bill.id, now=mall.now, choice=Choice(forced=(other.id,), excluded=frozenset({best.id}))
        )
    assert chosen.payable_fen == 19_800 - 1_980 - 1_000
    with transaction():
        guest = door.reprice(bill_id=bill.id, now=mall.now, member_id=None, lines=(LineDraft(mall.coat, 3),))
    assert (guest.payable_fen, guest.member_id, guest.pieces) == (38_700, None, 3)
    assert not BillDeduction.rows().exists()


@pytest.mark.feature("H1")
def test_a_payment_that_comes_too_late_goes_back(mall: Mall, books: Books, channel: FakeChannel) -> None:
    piece = mall.give(amount_fen=3_000)
    bill = mall.open()
    channel.says = Outcome.WAITING
    _, intent = mall.hold(bill.id, Channel.WECHAT_NATIVE)
    assert intent is not None
    door.stop_payment(bill_id=bill.id, now=mall.now)
    assert door.bill(bill.id).state is BillState.OPEN
    assert state_of(piece.id) == CouponState.UNUSED
    late = payments.record_result(number=intent.number, answer=_money(intent.amount_fen), now=mall.now)
    assert (late.state, late.settlement) == (State.PAID, Settlement.RETURNED)
    assert door.bill(bill.id).state is BillState.OPEN
    assert books.paid == []
    assert mall.pay(bill.id).state is BillState.PAID


@pytest.mark.feature("H1")
def test_one_bill_is_settled_by_one_payment(mall: Mall, books: Books) -> None:
    bill = mall.open()
    _, intent = mall.hold(bill.id)
    assert intent is not None
    payments.charge(intent_id=intent.id, now=mall.now)
    with pytest.raises(Refused) as caught, transaction():
        BillSettler().on_paid(payments.intent(intent.id), mall.now)
    assert caught.value.reason.name == "already_paid"
    assert len(books.paid) == 1


def _money(fen: int) -> ChannelAnswer:
    return ChannelAnswer(Outcome.PAID, transaction_id="4200002", paid_fen=fen)


@pytest.mark.feature("I1")
def test_what_cannot_be_booked_is_not_paid(mall: Mall, books: Books) -> None:
    piece = mall.give(amount_fen=3_000)
    bill = mall.open()
    _, intent = mall.hold(bill.id)
    assert intent is not None
    books.fail = RuntimeError("the books are closed")
    with pytest.raises(RuntimeError):
        payments.charge(intent_id=intent.id, now=mall.now)
    assert door.bill(bill.id).state is BillState.HELD, "bill, coupon, points and books change together or not at all"
    assert state_of(piece.id) == CouponState.HELD
    books.fail = None
    payments.charge(intent_id=intent.id, now=mall.now)
    assert door.bill(bill.id).state is BillState.PAID


def test_giving_up(mall: Mall, channel: FakeChannel) -> None:
    bill = mall.open()
    channel.says = Outcome.WAITING
    mall.hold(bill.id, Channel.WECHAT_NATIVE)
    assert refused(door.cancel, bill_id=bill.id, now=mall.now) is BEING_PAID
    assert door.abandon(bill_id=bill.id, now=mall.now).state is BillState.CANCELLED
    with transaction():
        assert door.cancel(bill_id=bill.id, now=mall.now).state is BillState.CANCELLED
    assert OutboxEvent.rows().filter(name="bill_cancelled").count() == 1
    assert refused(door.hold, bill_id=bill.id, channel=Channel.CASH, now=mall.now) is NOT_OPEN
    paid = mall.pay(mall.open("till-1-0002").id)
    with pytest.raises(Refused):
        door.abandon(bill_id=paid.id, now=mall.now)


def test_the_timer_stops_late_payments_and_cancels_what_was_left(mall: Mall, channel: FakeChannel) -> None:
    from shangquan.checkout import jobs
    from shangquan.kernel import clock
    from shangquan.kernel.jobs import drain

    late, left, fresh = (mall.open(f"till-1-000{i}") for i in range(3))
    channel.says = Outcome.WAITING
    mall.hold(late.id, Channel.WECHAT_NATIVE)
    now = clock.now()
    Bill.rows().filter(id=late.id).update(hold_until=now - timedelta(minutes=3), opened_at=now)
    Bill.rows().filter(id=left.id).update(opened_at=now - timedelta(hours=25))
    Bill.rows().filter(id=fresh.id).update(opened_at=now)
    jobs.sweep()
    drain()
    states = [door.bill(bill.id).state for bill in (late, left, fresh)]
    assert states == [BillState.OPEN, BillState.CANCELLED, BillState.OPEN]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LineDraft(product_id=999_999), "没有在卖"),
        (LineDraft(title="袋子"), "单价"),
        (LineDraft(title="袋子", unit_fen=-1), "单价"),
        (LineDraft(title="袋子", unit_fen=200, quantity=0), "数量"),
        (LineDraft(unit_fen=200), "名称"),
        (LineDraft(amount_fen=0), "金额"),
    ],
)
def test_bad_lines_are_refused_by_number(mall: Mall, line: LineDraft, why: str) -> None:
    with pytest.raises(Refused) as caught:
        mall.open(lines=(LineDraft(mall.coat), line))
    assert caught.value.reason is BAD_LINE
    assert "第 2 行" in caught.value.zh
    assert why in caught.value.zh
    assert not Bill.rows().exists()


def test_an_empty_bill_is_refused(mall: Mall) -> None:
    with pytest.raises(Refused) as caught:
        mall.open(lines=())
    assert caught.value.reason is NO_LINES


@pytest.mark.feature("H1")
def test_a_typed_amount(mall: Mall) -> None:
    bill = mall.open(lines=(LineDraft(amount_fen=8_850),), member_id=None)
    assert (bill.payable_fen, bill.pieces, bill.lines[0].title) == (8_850, 1, "到店消费")


@pytest.mark.feature("G6")
def test_a_mall_order_of_forty_yuan_takes_eight_in_points(mall: Mall) -> None:
    with transaction():
        set_spend_rule(points_per_yuan=100, max_share_bp=2_000, starts_at=mall.now, now=mall.now)
    lines = (LineDraft(title="积木", unit_fen=4_000),)
    order = mall.open(kind=BillKind.SHOP, lines=lines)
    assert (order.points_used, order.payable_fen) == (800, 3_200)
    mall.hold(order.id)
    assert mall.points() == (2_480, 800)
    door.abandon(bill_id=order.id, now=mall.now)
    assert mall.points() == (3_280, 0), "not paid: the points are back"


@pytest.mark.feature("I3", "F1")
def test_a_partly_used_group_voucher_keeps_its_remaining_items(mall: Mall) -> None:
    voucher = mall.give(CouponKind.GROUP_BUY, items=((mall.coat, 1), (mall.socks, 3)), sold_fen=9_900)
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    assert (bill.prepaid_fen, bill.saved_fen, bill.payable_fen) == (15_900, 0, 3_900)
    assert coupons.piece(voucher.id).piece.items_left == ((mall.socks, 1),)
    assert state_of(voucher.id) == CouponState.UNUSED
    mall.refund(bill.id)
    assert dict(coupons.piece(voucher.id).piece.items_left) == {mall.coat: 1, mall.socks: 3}


@pytest.mark.feature("F1")
def test_an_exchange_coupon_gives_one_piece_for_its_fixed_price(mall: Mall) -> None:
    gift = mall.give(
        CouponKind.EXCHANGE, fixed_price_fen=100, min_spend_fen=16_000, scope=Scope(products_in=frozenset({mall.socks}))
    )
    bill = mall.pay(mall.open(choice=Choice(use_points=False)).id)
    assert (bill.saved_fen, bill.payable_fen) == (1_400, 18_400)
    assert state_of(gift.id) == CouponState.USED
