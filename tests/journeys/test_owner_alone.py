"""A district with one owner and nobody else works from its first day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillKind, Choice, LineDraft
from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignDraft, Caps, ClaimRequest, CouponKind, CouponTerms, Source, Validity
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.contracts import Role
from shangquan.insight import door as insight
from shangquan.kernel import clock, jobs
from shangquan.kernel.transactions import transaction
from shangquan.memberapp.tests.browsers import signed_in
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel
from shangquan.points import door as points
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy
from tests.journeys.place import PASSWORD, prove_money, set_points_and_tiers

_ELSEWHERE = ("_design/", "healthz", "pay/wechat/", "wx/", "api/v1/docs")


def addresses() -> Iterator[str]:
    """Every address of the installation that needs no parameter: all lists, reports and forms."""
    yield from sorted({"/" + path for path in _walk(get_resolver()) if not path.startswith(_ELSEWHERE)})


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        elif isinstance(entry, URLPattern) and "<" not in path:
            yield path


def broken(browser: Client) -> list[tuple[str, int]]:
    """Addresses that fail; a refusal with a reason (a form that only takes POST, a page of somebody else) is none."""
    answers = [(path, browser.get(path, follow=True).status_code) for path in addresses()]
    return [(path, status) for path, status in answers if status >= 500]


@pytest.fixture
def owner(district_id: int) -> Client:
    now = clock.now()
    with transaction():
        made = make_account(username="wangqi", name="王琪", password=PASSWORD, now=now)
        grant_role(account_id=made, role=Role.OWNER_ADMIN, merchant_id=None, store_id=None, now=now)
    browser = Client()
    body = {"username": "wangqi", "password": PASSWORD}
    assert browser.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code == 200
    return browser


def own_shop(now: datetime) -> tuple[int, int]:
    """The owner's own desk with one product; answers store and product."""
    with transaction():
        desk = district.apply_merchant(MerchantDraft(name="栖梧里服务台"), own=True, now=now)
        store = district.add_store(desk, StoreDraft(name="服务台", unit="1F-100"), now=now)
        (umbrella,) = district.load_products(desk, [ProductDraft(name="雨伞", price_fen=10_000)], now=now)
    return store, umbrella


@pytest.mark.feature("A1")
def test_with_no_partner_a_member_claims_from_the_owners_weekend_shelf_buys_with_the_coupon_and_earns(
    owner: Client,
) -> None:
    """The activity is the owner's weekend shelf with its poster. No list or report fails before, nor after."""
    now = clock.now()
    today = tenancy.today(now)
    guest = Client()
    assert broken(owner) == []
    assert settlement.statements() == [] and insight.sums(today, today).bills == 0 and insight.flows(today, today) == []

    store, umbrella = own_shop(now)
    terms = CouponTerms(
        campaign_id=0, kind=CouponKind.CASH, title_zh="满 100 减 30", title_en="30 off 100", amount_fen=3_000,
        min_spend_fen=10_000,
    )  # fmt: skip
    with transaction():
        set_points_and_tiers(now)
        offer = coupons.draft_campaign(
            CampaignDraft(terms=terms, validity=Validity(days=7), caps=Caps(total=100)), now=now
        )
        coupons.publish_campaign(offer.id, now=now)
        shelf = coupons.make_shelf(title="周末亲子季", deadline=now + timedelta(days=2), now=now)
        coupons.open_shelf(shelf.id, now=now)
        entry = coupons.enrol(shelf.id, offer.id, now=now)
        coupons.decide_enrolment(entry.id, accepted=True, now=now)
        poster = codes.make_scene("shelf", "shelf", shelf.id, "中庭海报", title="周末亲子季", now=now)
        lin = members.open_card(phone="13800000001", name="林小雨", channel="shelf", now=now).id
    assert "满 100 减 30" in guest.get(f"/c/{poster.scene}/", follow=True).content.decode()
    with transaction():
        coupons.claim_one(ClaimRequest(offer.id, lin, Source.SHELF, "poster-1", poster.id), now=now)
    with transaction():
        bill = checkout.open_bill(
            kind=BillKind.TILL, store_id=store, lines=[LineDraft(umbrella)], member_id=lin,
            client_key="till-1-000001", now=clock.now(), choice=Choice(use_points=False),
        )  # fmt: skip
        _, intent = checkout.hold(bill_id=bill.id, channel=Channel.CASH, now=clock.now())
    assert intent is not None and intent.amount_fen == 7_000
    payments.charge(intent_id=intent.id, now=clock.now())
    jobs.drain()
    assert points.balance(lin).available == 70
    assert insight.sums(today, today).paid_fen == 7_000
    assert all(merchant.is_own for merchant in district.merchants()), "still no partner"
    assert broken(owner) == [] and broken(signed_in(Client(), lin)) == []
    prove_money()


@pytest.mark.parametrize("hour", [0, 4, 9])
def test_the_owners_first_page_opens_at_any_hour_of_the_day(owner: Client, hour: int) -> None:
    local = tenancy.local(clock.now()).replace(hour=hour, minute=30)
    with clock.at(local):
        assert owner.get("/console/").status_code == 200
