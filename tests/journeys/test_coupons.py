"""Coupons over several merchants and tiers: issued here, spent there, and seen by both sides."""

import pytest
from django.test import Client

from shangquan.checkout import door as checkout
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponState, PayerShare, Scope, Source
from shangquan.identity.contracts import Role
from shangquan.insight import door as insight
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy
from tests.journeys.place import PASSWORD, Place


@pytest.mark.feature("D3")
def test_gold_pays_95_percent_at_a_partner_that_joined_and_silver_pays_all(place: Place) -> None:
    gold, silver = place.member(tier="gold"), place.member(name="阿宁", tier="silver")
    assert place.buy(10_000, gold).payable_fen == 9_500
    assert place.buy(10_000, silver).payable_fen == 10_000
    assert place.buy(10_000, gold, store=place.toys_store).payable_fen == 10_000, "did not join"
    assert settlement.payable(place.kids) == -975, "cash in its own drawer, so it owes 5 % of what it took"


@pytest.mark.feature("F11", "F10")
def test_pay_at_a_get_a_coupon_of_b_that_a_refuses_and_b_takes_and_both_see_the_flow_and_their_shares(
    place: Place,
) -> None:
    kids_boss = place.staff("kids-boss", Role.MERCHANT_ADMIN, place.kids)
    toys_boss = place.staff("toys-boss", Role.MERCHANT_ADMIN, place.toys)
    split = (PayerShare(f"merchant:{place.kids}", 6_000), PayerShare("redeemer", 4_000))
    offer = place.campaign(
        amount_fen=2_000, issuer_id=place.toys, payers=split, scope=Scope(merchants_in=frozenset({place.toys}))
    )
    with transaction():
        coupons.save_rule(
            title="童装送玩具券", campaign_id=offer, merchants=(place.kids,), minimum_fen=10_000, now=clock.now()
        )
    member = place.member()
    place.buy(9_999, member)
    assert coupons.usable_for(member, clock.now()) == []
    place.buy(10_000, member)
    (piece,) = coupons.usable_for(member, clock.now())
    at_a = place.bill(10_000, member)
    assert at_a.payable_fen == 10_000
    assert [row["code"] for row in checkout.shown_quote(at_a.id)["not_used"]] == ["wrong_merchant"]
    at_b = place.buy(9_900, member, store=place.toys_store)
    assert at_b.payable_fen == 7_900 and coupons.piece(piece.piece_id).state is CouponState.USED
    today = tenancy.today(clock.now())
    assert [(row.from_merchant_id, row.to_merchant_id, row.pieces) for row in insight.flows(today, today)] == [
        (place.kids, place.toys, 1)
    ]
    (row,) = coupons.flow(*tenancy.day_span(today, today))
    assert (row.from_merchant_id, row.to_merchant_id, row.amount_fen) == (place.kids, place.toys, 2_000)
    assert dict(row.borne) == {f"merchant:{place.kids}": 1_200, f"merchant:{place.toys}": 800}
    for boss, kind, fen in ((kids_boss, "subsidy_out", -1_200), (toys_boss, "subsidy_in", 1_200)):
        with place.acting(boss):
            assert len(insight.flows(today, today)) == 1
            assert {line.kind: line.amount_fen for line in settlement.open_lines(limit=100)}[kind] == fen


@pytest.mark.feature("F15")
def test_71_of_100_show_as_71_percent_by_coupon_by_channel_and_by_store(place: Place) -> None:
    campaign = place.campaign(amount_fen=500, min_spend_fen=1_000)
    people = [place.member(name=f"会员{i}") for i in range(10)]
    pieces = [place.claim(campaign, people[i % 10], Source.SHELF if i < 60 else Source.WIFI) for i in range(100)]
    with transaction():  # most are checked off by clerks of two stores, some are spent by paying
        for number, piece in enumerate(pieces[:64]):
            store = place.kids_store if number % 2 else place.kids_second
            coupons.check_off(
                piece.code, merchant_id=place.kids, store_id=store, spend_fen=2_000, key=f"check-{number:04d}",
                now=clock.now(),
            )  # fmt: skip
    for person in people[:7]:
        assert place.buy(2_000, person).payable_fen == 1_500
    figures = coupons.figures(campaign, clock.now())
    assert (figures.claimed, figures.redeemed, figures.redeemed_bp) == (100, 71, 7_100)
    assert {one.key: one.claimed for one in figures.by_source} == {"shelf": 60, "wifi": 40}
    assert sum(one.redeemed for one in figures.by_source) == 71
    by_store = {one.key: one.redeemed for one in figures.by_store}
    assert by_store == {str(place.kids_store): 32 + 7, str(place.kids_second): 32}


@pytest.mark.feature("F19")
def test_a_coupon_claimed_on_the_phone_is_followed_into_the_shop_to_the_basket(place: Place) -> None:
    campaign = place.campaign(amount_fen=500, min_spend_fen=5_000)
    people = [place.member(name=f"会员{i}") for i in range(4)]
    for person in people:
        place.claim(campaign, person)
    place.buy(1_000, people[0])  # in the shop, and the coupon stays
    place.buy(6_000, people[1])
    place.buy(8_000, people[2])
    today = tenancy.today(clock.now())
    funnel = insight.funnel(campaign, issued=10, claimed=4, claimers=people, since=today)
    assert [step.count for step in funnel.steps] == [10, 4, 3, 2]
    assert funnel.basket_fen == (5_500 + 7_500) // 2


@pytest.mark.feature("A4")
def test_a_cashier_of_store_1_redeems_there_and_neither_in_store_2_nor_edits_nor_reads_the_others_orders(
    place: Place,
) -> None:
    place.staff("zhou", Role.CASHIER, place.kids, place.kids_store)
    member = place.member()
    here = place.campaign(amount_fen=500, scope=Scope(stores_in=frozenset({place.kids_store})))
    there = place.campaign(amount_fen=500, scope=Scope(stores_in=frozenset({place.kids_second})))
    mine, others = place.claim(here, member), place.claim(there, member)
    till = Client()
    body = {"username": "zhou", "password": PASSWORD}
    assert till.post("/api/v1/identity/sign-in", body, content_type="application/json").status_code == 200

    def check(code: str, store: int, key: str) -> int:
        asked = {"code": code, "merchant_id": place.kids, "store_id": store, "spend_fen": 5_000}
        answer = till.post(
            "/api/v1/coupons/redemptions", asked, content_type="application/json", headers={"Idempotency-Key": key}
        )
        return int(answer.status_code)

    assert check(mine.code, place.kids_store, "check-0001") == 200
    assert check(others.code, place.kids_store, "check-0002") in (403, 409, 422)
    assert check(others.code, place.kids_second, "check-0003") == 403
    assert coupons.piece(others.id).state is CouponState.UNUSED
    ending = till.post(f"/api/v1/coupons/campaigns/{here}/pause", headers={"Idempotency-Key": "pause-0001"})
    assert ending.status_code in (403, 404)
    elsewhere = place.buy(3_000, member, store=place.kids_second)
    assert till.get(f"/api/v1/checkout/bills/{elsewhere.number}").status_code in (403, 404)
