"""Money on the way from the phone to the right merchant, through the sandbox's WeChat Pay, and back."""

import pytest
from django.test import Client

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillState
from shangquan.codes import door as codes
from shangquan.kernel import clock, jobs
from shangquan.kernel.models import InboxItem
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import WECHAT, signed_in
from shangquan.messaging import door as messaging
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, State
from shangquan.points import door as points
from shangquan.settlement import door as settlement
from superapp_sandbox.testing import Phone, SandboxServer, wait_until
from tests.journeys.place import Place


def on_phone(phone: Phone, member: int) -> Client:
    """The member's browser inside WeChat."""
    return signed_in(Client(HTTP_USER_AGENT=WECHAT), member, openid=phone.openid())


def kept(count: int) -> None:
    """Our server has kept so many deliveries of payment notices."""
    wait_until(lambda: sum(item.times_received for item in InboxItem.rows()) >= count)


def paid_by_notice(bill: BillCard) -> BillCard:
    kept(1)
    jobs.drain()
    return checkout.bill(bill.id)


@pytest.mark.feature("H1", "H9")
def test_a_fixed_shop_code_with_a_typed_amount_pays_the_shop_whose_code_it_is(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    member = place.member(lin.openid())
    with transaction():
        sticker = codes.make_scene("counter", "shop_pay", place.toys_store, "收银台立牌", now=clock.now())
    browser = on_phone(lin, member)
    page = browser.get(f"/c/{sticker.scene}/", follow=True)  # scanned
    assert page.redirect_chain[-1][0].startswith(f"/m/pay/store/{place.toys_store}/")
    order = browser.post(f"/m/pay/store/{place.toys_store}/", {"amount": "38.50", "key": "typed-01"}).headers[
        "location"
    ]
    sheet = browser.post(order, {"expected": "3850"})
    lin.jsapi(sheet.context["call"])
    assert lin.password()["result"] == "paid"
    bill = checkout.bill_by_number(order.strip("/").split("/")[-1])
    assert bill.intent_id is not None
    payments.poll(intent_id=bill.intent_id, now=clock.now(), eager=True)
    jobs.drain()
    bill = checkout.bill(bill.id)
    assert (bill.state, bill.merchant_id, bill.payable_fen) == (BillState.PAID, place.toys, 3_850)
    assert (settlement.payable(place.toys), settlement.payable(place.kids)) == (3_850 - 385, 0)
    assert "38.50" in browser.get(f"/m/bills/{bill.number}/").content.decode()


@pytest.mark.feature("H1", "H9")
@pytest.mark.django_db(transaction=True)
def test_an_order_code_on_two_phones_takes_one_payment_in_two_steps_and_settles_to_its_merchant(
    place: Place, served: str, lin: Phone, wechat: SandboxServer
) -> None:
    ning = wechat.phone("阿宁")
    for phone in (lin, ning):
        phone.settings(password_free_below_fen=0)
    before = ning.balance_fen
    bill = place.bill(12_600)
    with transaction():
        _, intent = checkout.hold(bill_id=bill.id, channel=Channel.WECHAT_NATIVE, now=clock.now())
    assert intent is not None
    shown = payments.start(intent.id)["code_url"]
    lin.scan(shown)
    ning.scan(shown)
    assert lin.password()["result"] == "paid", "scan and password: two steps"
    with pytest.raises(AssertionError):
        ning.password()
    bill = paid_by_notice(bill)
    assert (bill.state, bill.channel) == (BillState.PAID, "wechat_native")
    assert ning.balance_fen == before
    assert settlement.payable(place.kids) == 12_600 * 95 // 100


@pytest.mark.feature("H3", "H13")
@pytest.mark.django_db(transaction=True)
def test_the_page_is_closed_while_paying_and_ten_equal_notices_finish_the_order_once(
    place: Place, served: str, lin: Phone, wechat: SandboxServer
) -> None:
    wechat.faults(notify_repeat=9)
    wechat.time(scale=1000)
    member = place.member(lin.openid())
    bill = place.bill(10_000, member)
    sheet = on_phone(lin, member).post(f"/m/pay/{bill.number}/", {"expected": "10000"})
    lin.jsapi(sheet.context["call"])
    lin.password()  # and the page is closed: nobody asks
    kept(10)
    jobs.drain()
    assert checkout.bill(bill.id).state is BillState.PAID
    assert points.balance(member).available == 100
    assert [card.kind for card in messaging.messages_of(member)].count("payment") == 1
    assert settlement.payable(place.kids) == 9_500
    assert len(settlement.lines_of_bill(bill.id)) == 2, "sale and commission"


@pytest.mark.feature("H2")
def test_a_password_a_lost_answer_and_a_silence_each_end_in_one_state_of_the_bill(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    lin.settings(password_free_below_fen=0)
    asked = place.pay(place.bill(10_000), code=lin.paycode())
    assert asked.state is BillState.HELD and asked.intent_id is not None
    lin.password()
    payments.poll(intent_id=asked.intent_id, now=clock.now(), eager=True)
    lin.settings(password_free_below_fen=1_000_000)
    wechat.faults(pay_answer_system_error_after_success=True)
    unknown = place.pay(place.bill(5_000), code=lin.paycode())
    assert unknown.intent_id is not None and payments.intent(unknown.intent_id).state is State.UNKNOWN
    payments.poll(intent_id=unknown.intent_id, now=clock.now(), eager=True)
    assert {checkout.bill(bill.id).state for bill in (asked, unknown)} == {BillState.PAID}
    assert settlement.payable(place.kids) == 14_250, "each once"


@pytest.mark.feature("T3", "F11")
def test_money_goes_out_and_comes_back_through_wechat_with_the_coupons_cost_shared_and_unshared(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    from shangquan.coupons.contracts import PayerShare, Scope

    member = place.member(lin.openid())
    split = (PayerShare(f"merchant:{place.kids}", 6_000), PayerShare("redeemer", 4_000))
    offer = place.campaign(
        amount_fen=2_000, issuer_id=place.kids, payers=split, scope=Scope(merchants_in=frozenset({place.toys}))
    )
    place.claim(offer, member)
    full = lin.balance_fen
    paid = place.pay(place.bill(10_000, member, store=place.toys_store), code=lin.paycode())
    jobs.drain()
    assert lin.balance_fen == full - 8_000
    lines = {(line.merchant_id, line.kind): line.amount_fen for line in settlement.lines_of_bill(paid.id)}
    assert lines[place.toys, "sale"] + lines[place.toys, "subsidy_in"] == 9_200, "whole, but for its own 40 %"
    assert lines[place.kids, "subsidy_out"] == -1_200
    assert settlement.payable(place.kids) == -1_200
    assert points.balance(member).available == 80
    place.give_back(paid)
    wait_until(lambda: lin.balance_fen == full)
    assert (settlement.payable(place.kids), settlement.payable(place.toys)) == (0, 0)
    assert points.balance(member).available == 0
    assert checkout.bill(paid.id).state is BillState.REFUNDED
