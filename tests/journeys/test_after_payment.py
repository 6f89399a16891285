"""What a finished payment sets off: points, the next coupon, the notice, the figures; each once, within seconds."""

import time

import pytest
from django.test import Client

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillState, LineDraft
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponState
from shangquan.insight import door as insight
from shangquan.kernel import clock, jobs
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import signed_in
from shangquan.messaging import door as messaging
from shangquan.payments import door as payments
from shangquan.payments.contracts import State
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy
from superapp_sandbox.testing import Phone, SandboxServer
from tests.journeys.place import Place

WITHIN_S = 5.0


def notices_of(member: int, kind: str) -> list[dict[str, str]]:
    return [dict(card.lines) for card in messaging.messages_of(member) if card.kind == kind]


@pytest.mark.feature("D4", "G12")
def test_who_pays_at_the_till_reads_store_amount_discount_and_points_on_the_phone_within_5_seconds(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    member = place.member(lin.openid())
    place.claim(place.campaign(amount_fen=3_000, min_spend_fen=10_000), member)
    lin.follow()
    place.buy(100)  # the first payment of a process also loads what every other finds loaded
    bill = place.bill(10_000, member)
    began = time.monotonic()
    paid = place.pay(bill, code=lin.paycode())
    jobs.drain()
    told = lin.wait_received("template", 2)
    assert time.monotonic() - began < WITHIN_S
    assert paid.payable_fen == 7_000
    (said,) = [message["body"] for message in told if message["body"]["title"] == "消费成功通知"]
    assert all(word in str(said["lines"]) for word in ("小禾童装 2F-207", "¥70.00", "已省 ¥30.00"))
    assert notices_of(member, "payment")[0]["获得积分"] == "70"
    assert points.balance(member).available == 70
    page = signed_in(Client(), member, openid=lin.openid()).get("/m/points/")
    assert [line["points"] for line in page.context["lines"]] == [70]


@pytest.mark.feature("D4", "F9")
def test_a_payment_that_fails_tells_nothing_and_gives_the_coupon_back_at_once(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    lin.settings(password_free_below_fen=0)
    member = place.member(lin.openid())
    piece = place.claim(place.campaign(amount_fen=3_000, min_spend_fen=10_000), member)
    lin.follow()
    bill = place.pay(place.bill(10_000, member), code=lin.paycode())
    assert (bill.state, coupons.piece(piece.id).state) == (BillState.HELD, CouponState.HELD)
    assert bill.intent_id is not None
    lin.cancel()
    payments.poll(intent_id=bill.intent_id, now=clock.now(), eager=True)
    checkout.stop_payment(bill_id=bill.id, now=clock.now())
    assert payments.intent(bill.intent_id).state in (State.FAILED, State.REVERSED, State.CLOSED)
    assert coupons.piece(piece.id).state is CouponState.UNUSED
    jobs.drain()
    assert notices_of(member, "payment") == [] and lin.received("template") == []
    lin.settings(password_free_below_fen=1_000_000)
    paid = place.pay(checkout.bill(bill.id), code=lin.paycode())
    assert (paid.state, paid.payable_fen) == (BillState.PAID, 7_000)
    used = coupons.piece(piece.id)
    assert (used.state, used.used_bill_id) == (CouponState.USED, bill.id)


@pytest.mark.feature("H13", "F10")
def test_one_payment_brings_points_a_coupon_to_share_and_a_notice_each_once_however_often_it_is_told(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    member = place.member(lin.openid())
    lin.follow()
    next_one = place.campaign(amount_fen=500, title_zh="下次减 5 元")
    with transaction():
        coupons.save_rule(title="满 60 送券", campaign_id=next_one, minimum_fen=6_000, now=clock.now())
    place.buy(5_999, member)
    assert coupons.count_tabs(member, clock.now())["usable"] == 0, "below the threshold"
    paid = place.buy(6_000, member)
    again = checkout.paid_bill(paid.id)
    fact = OutboxEvent.rows().filter(name="bill_paid").latest("id")
    for _ in range(2):  # delivered again: the mark; published again: each room's own constraint
        jobs._deliver(fact.id, "points.earn")
        twin = OutboxEvent.objects.create(name=fact.name, payload=fact.payload, happened_at=fact.happened_at)
        jobs.drain()
        assert twin.id != fact.id
    assert again == checkout.paid_bill(paid.id)
    assert points.balance(member).available == 59 + 60
    (ticket,) = [p for p in coupons.usable_for(member, clock.now()) if p.terms.campaign_id == next_one]
    for kind, times in (("payment", 2), ("coupon_claimed", 1), ("points_changed", 2)):
        assert len(notices_of(member, kind)) == times, kind
    with transaction():
        card = coupons.give(ticket.piece_id, giver_id=member, words="送你", now=clock.now())
    friend = place.member(name="阿宁")
    with transaction():
        coupons.accept(card.token, receiver_id=friend, now=clock.now())
    assert coupons.count_tabs(friend, clock.now())["usable"] == 1
    assert coupons.count_tabs(member, clock.now())["usable"] == 0


@pytest.mark.feature("W1")
def test_a_paid_order_stands_in_the_owners_and_the_merchants_figures_within_5_seconds(place: Place) -> None:
    today = tenancy.today(clock.now())
    before = insight.sums(today, today)
    assert (before.bills, before.paid_fen) == (0, 0)
    member = place.member()
    bill = place.bill_of([LineDraft(place.coat)], member)
    began = time.monotonic()
    place.take_cash(bill)
    jobs.drain()
    assert time.monotonic() - began < WITHIN_S
    seen = insight.sums(today, today)
    assert (seen.bills, seen.member_bills, seen.paid_fen, seen.visits) == (1, 1, 12_900, 1)
    assert insight.sums(today, today, merchant_id=place.kids).paid_fen == 12_900
    assert insight.sums(today, today, merchant_id=place.toys).paid_fen == 0
    assert [(row.store_id, row.paid_fen) for row in insight.stores(today, today)] == [(place.kids_store, 12_900)]
    assert [(point.hour, point.bills) for point in insight.hours(today)] == [(tenancy.local(clock.now()).hour, 1)]
    place.give_back(bill)
    assert insight.sums(today, today).net_fen == 0
