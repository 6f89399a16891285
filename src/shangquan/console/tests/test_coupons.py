"""Coupons over the console: made with a preview by the real engine, published, paused, ended, and their figures."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignDraft, Caps, CouponKind, CouponTerms, Scope, Validity
from shangquan.identity.contracts import Role
from shangquan.kernel.jobs import drain
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction

TYPED: dict[str, Any] = {
    "kind": "cash", "title_zh": "小禾童装 · 满减券", "title_en": "Kids' wear 30 off", "min_spend": "150.00",
    "amount": "30", "together": "any", "total": "2000", "per_member": "1", "ends_at": "2026-12-10T22:00",
    "is_giftable": "on",
}  # fmt: skip


def page(browser: Client, path: str, **asked: str) -> str:
    answer = browser.get(path, asked)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def make(browser: Client, **more: Any) -> int:
    answer = browser.post("/console/coupons/new/", TYPED | more)
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].strip("/").split("/")[-1])


def published(mall: Mall, now: datetime, **terms: Any) -> int:
    words = {"title_zh": "满 30 减 6", "title_en": "6 off 30"}
    what = CouponTerms(0, CouponKind.CASH, **(words | {"amount_fen": 600, "min_spend_fen": 3000} | terms))
    draft = CampaignDraft(what, Validity(ends_at=now + timedelta(days=8)), Caps(total=100))
    with transaction():
        made = coupons.draft_campaign(draft, now=now)
        coupons.publish_campaign(made.id, now=now)
    return made.id


def test_the_owner_makes_a_universal_coupon_with_its_cost_split(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    made = make(owner, owner_percent="60")
    card = coupons.campaign(made)
    assert [(share.payer, share.bp) for share in card.terms.payers] == [("owner", 6000), ("redeemer", 4000)]
    assert card.terms.min_spend_fen == 15_000
    assert card.terms.scope.merchants_in == frozenset()
    assert "建了草稿" in page(owner, f"/console/coupons/{made}/")


def test_a_repeated_form_makes_one_coupon(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    key = {"idempotency_key": "form-0000-0001"}
    assert make(owner, **key) == make(owner, **key)
    assert len(coupons.campaign_lists.campaigns()) == 1


def test_the_preview_prices_a_trial_bill_by_the_engine_and_warns_of_the_budget(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_OPERATIONS)
    answer = owner.post("/console/coupons/preview/", TYPED | {"budget": "50000", "owner_percent": "60"})
    shown = answer.content.decode()
    assert "消费满 ¥150.00，付款时自动减 ¥30.00" in shown
    assert "商品合计" in shown and "150.00" in shown and "120.00" in shown
    assert "最多要花 ¥60,000.00，超过预算 ¥50,000.00；预算够 1666 张" in shown
    assert coupons.campaign_lists.campaigns() == []


def test_wrong_dates_are_said_at_their_field_and_the_text_is_kept(mall: Mall, sign_in: SignIn) -> None:
    answer = sign_in(Role.OWNER_OPERATIONS).post("/console/coupons/new/", TYPED | {"claim_to": "2026-12-12T22:00"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "领取截止不能晚于使用截止" in shown
    assert "小禾童装 · 满减券" in shown
    assert coupons.campaign_lists.campaigns() == []


@pytest.mark.feature("F2")
def test_a_partner_publishes_its_own_coupon_pauses_it_and_claimed_pieces_still_redeem(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    partner = sign_in(Role.MERCHANT_OPERATIONS, mall.kids)
    made = make(partner)
    assert coupons.campaign(made).terms.scope.merchants_in == {mall.kids}
    partner.post(f"/console/coupons/{made}/publish/")
    with transaction():
        piece = coupons.issue(made, mall.member, source="journey", source_id="1", now=now)
    paused = partner.post(f"/console/coupons/{made}/pause/", follow=True).content.decode()
    assert "已停发" in paused and f"/console/coupons/{made}/resume/" in paused
    assert coupons.campaign(made).state == "paused"
    bill = mall.pay(mall.open().id)
    assert bill.saved_fen >= 3000
    assert coupons.piece(piece.id).state == "used"
    assert AuditLine.objects.filter(action="coupons.pause", subject_id=str(made)).count() == 1


def test_another_merchant_neither_sees_nor_moves_it(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    scope_of_kids = {"scope": Scope(merchants_in=frozenset({mall.kids})), "issuer_id": mall.kids}
    made = published(mall, now, **scope_of_kids)
    foreign = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    assert foreign.get(f"/console/coupons/{made}/").status_code == 404
    assert foreign.post(f"/console/coupons/{made}/pause/").status_code == 404
    assert "满 30 减 6" not in page(foreign, "/console/coupons/")
    assert coupons.campaign(made).state == "published"


def test_without_the_right_it_is_403_and_audited(mall: Mall, sign_in: SignIn) -> None:
    kitchen = sign_in(Role.KITCHEN, mall.kids, mall.kids_store)
    assert kitchen.get("/console/coupons/").status_code == 403
    assert kitchen.post("/console/coupons/new/", TYPED).status_code == 403
    assert AuditLine.objects.exclude(refused="").filter(subject="page").count() == 2


@pytest.mark.feature("F15")
def test_100_claimed_and_71_redeemed_show_71_per_cent(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    from shangquan.coupons.contracts import ClaimRequest, PieceUse, Source
    from shangquan.members import door as members

    made = published(mall, now)
    with transaction():
        people = [members.open_card(openid=f"oFan-{n:06}", name="", channel="site", now=now).id for n in range(100)]
        asked = [ClaimRequest(made, member, Source.SHELF, "k") for member in people]
        pieces = [answer.piece_id for answer in coupons.claim(asked, now=now)]
        for bill_id, piece in enumerate(pieces[:71], 1):
            assert piece is not None
            coupons.hold([piece], bill_id=bill_id, now=now)
            coupons.redeem(bill_id, [PieceUse(piece, 600, mall.kids_store, mall.kids, basket_fen=5000)], now=now)
    shown = page(sign_in(Role.OWNER_OPERATIONS), f"/console/coupons/{made}/")
    assert "71.0%" in shown
    for word in ("按渠道", "货架", "按门店", "小禾童装 2F-207", "¥426.00".removeprefix("¥")):
        assert word in shown


def test_the_list_keeps_its_queries_and_its_state_in_the_address(
    mall: Mall, sign_in: SignIn, now: datetime, django_assert_max_num_queries: Any
) -> None:
    first = published(mall, now)
    owner = sign_in(Role.OWNER_OPERATIONS)
    page(owner, "/console/coupons/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        page(owner, "/console/coupons/")
    for _ in range(5):
        published(mall, now)
    with CaptureQueriesContext(connection) as many:
        shown = page(owner, "/console/coupons/")
    assert len(many) == len(one)
    assert shown.count("满 30 减 6") >= 6
    ended = page(owner, "/console/coupons/", view="ended")
    assert "还没有券" in ended
    assert '<input type="hidden" name="view" value="ended">' in ended, "a search stays within the view"
    assert f"/console/coupons/{first}/" in page(owner, "/console/coupons/", q="减 6")


def test_stock_is_added_and_a_typing_mistake_changes_nothing(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    made = published(mall, now)
    owner = sign_in(Role.OWNER_OPERATIONS)
    answer = owner.post(f"/console/coupons/{made}/stock/", {"total": "很多"}, follow=True)
    assert "发放总量写一个数" in answer.content.decode()
    assert coupons.campaign(made).caps.total == 100
    owner.post(f"/console/coupons/{made}/stock/", {"total": "250"})
    assert coupons.campaign(made).caps.total == 250
    assert owner.post(f"/console/coupons/{made}/frobnicate/").status_code == 404


def test_changing_a_draft_keeps_what_was_not_asked(mall: Mall, sign_in: SignIn) -> None:
    partner = sign_in(Role.MERCHANT_OPERATIONS, mall.kids)
    made = make(partner, budget="60000", weekdays=["5", "6"], hours_from="10:00", hours_to="12:30")
    before = coupons.campaign(made)
    form = partner.get(f"/console/coupons/{made}/edit/").context["form"]
    typed = {name: value for name, value in form.initial.items() if value not in (None, False, "", [])}
    typed |= {"min_spend": "150", "amount": "45", "budget": "90000", "ends_at": "2026-12-10T22:00"}
    answer = partner.post(f"/console/coupons/{made}/edit/", typed)
    assert answer.status_code == 302, answer.content.decode()
    after = coupons.campaign(made)
    assert after.terms.amount_fen == 4_500
    assert (after.terms.weekdays, after.terms.hours) == (before.terms.weekdays, before.terms.hours)
    assert after.terms.scope == before.terms.scope
    owner = sign_in(Role.OWNER_OPERATIONS)
    assert "小禾童装" in owner.post(f"/console/coupons/preview/?of={made}", TYPED).content.decode()


@pytest.mark.feature("W6")
def test_the_return_is_shown_with_its_window_and_rule(mall: Mall, sign_in: SignIn, now: datetime) -> None:
    made = published(mall, now)
    with transaction():
        coupons.issue(made, mall.member, source="journey", source_id="1", now=now)
    bill = mall.pay(mall.open().id)
    drain()
    shown = page(sign_in(Role.OWNER_OPERATIONS), f"/console/coupons/{made}/")
    tenths = round(bill.payable_fen * 10 / 600)
    assert f"1 : {tenths // 10}.{tenths % 10}" in shown
    assert "归因规则" in shown and "2026-11-22 – 2026-11-22" in shown
