"""PC site, account, mall and payment: four surfaces, one member."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from shangquan.checkout.contracts import BillKind
from shangquan.codes import door as codes
from shangquan.kernel import clock, jobs
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import WECHAT
from shangquan.members import door as members
from shangquan.payments import door as payments
from superapp_sandbox.testing import Phone, SandboxServer
from tests.journeys.place import Place

HOST = "127.0.0.1"


def inside_wechat(browser: Client, phone: Phone, address: str) -> None:
    """Open a page in WeChat: it sends the browser to the platform's login, and the platform back to us."""
    asked = browser.get(address)
    assert asked.status_code == 302, "who is not known yet is asked"
    came = urlsplit(phone.authorize(asked.headers["location"]))
    assert browser.get(f"{came.path}?{came.query}").status_code == 302


@pytest.mark.feature("A7", "C8")
def test_a_coupon_taken_by_the_pc_sites_code_is_in_my_coupons_is_spent_in_the_mall_and_its_bill_is_back_on_the_pc(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    wechat.set_account(oauth_domain=HOST)
    campaign = place.campaign(amount_fen=3_000, min_spend_fen=10_000, title_zh="满 100 减 30")
    with transaction():
        code = codes.make_scene("shelf", "coupon_campaign", campaign, "官网", title="满 100 减 30", now=clock.now())
    pc = Client(SERVER_NAME=HOST)
    shown = pc.get(f"/c/{code.scene}/", follow=True)
    assert "满 100 减 30" in shown.content.decode() and "<svg" in shown.content.decode(), "the page shows its own code"
    page = shown.redirect_chain[-1][0]

    account = Client(SERVER_NAME=HOST, HTTP_USER_AGENT=WECHAT)
    inside_wechat(account, lin, page)
    claim = {"scene": code.scene, "key": "tap-0001", "next": "/m/coupons/"}
    account.post(f"/m/campaigns/{campaign}/claim/", claim)
    known = members.by_openid(lin.openid())
    assert known is not None
    assert "满 100 减 30" in account.get("/m/coupons/").content.decode()

    bill = place.bill(10_000, known.id, kind=BillKind.SHOP)
    assert bill.payable_fen == 7_000
    sheet = account.post(f"/m/pay/{bill.number}/", {"expected": "7000"})
    lin.jsapi(sheet.context["call"])
    assert lin.password()["result"] == "paid"
    account.get(f"/m/pay/{bill.number}/result/")

    payments.poll(intent_id=payments.intents_of("bill", str(bill.id))[0].id, now=clock.now(), eager=True)
    jobs.drain()

    waiting = pc.get("/m/sign-in/?next=/m/bills/")
    (confirm,) = set(re.findall(r"/m/sign-in/confirm/[^/\"<]+/", waiting.context["address"]))
    assert account.post(confirm).status_code == 200
    history = pc.get("/m/sign-in/?next=/m/bills/", follow=True).content.decode()
    assert "¥70.00" in history and "小禾一店" in history
    assert (
        int(pc.session["memberapp.member"]["member"]) == int(account.session["memberapp.member"]["member"]) == known.id
    )
