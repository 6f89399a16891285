"""The frame: whose data, what the menu holds, the search, the language."""

import pytest
from django.test import Client

from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.identity.contracts import Role
from shangquan.kernel.transactions import transaction
from shangquan.tenancy.actions.switch_module import switch_module


def test_a_guest_is_led_to_sign_in_and_back(district_id: int) -> None:
    answer = Client().get("/console/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Fconsole%2F"


def test_the_frame_says_whose_data_it_is(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_ADMIN).get("/console/")
    partner = sign_in(Role.MERCHANT_ADMIN, mall.kids).get("/console/")
    assert "栖梧里<small>商圈主</small>" in owner.content.decode()
    assert "小禾童装<small>商户</small>" in partner.content.decode()


@pytest.mark.feature("A5")
def test_a_module_appears_in_the_menu_as_soon_as_it_is_switched_on(mall: Mall, sign_in: SignIn) -> None:
    owner, partner = sign_in(Role.OWNER_ADMIN), sign_in(Role.MERCHANT_ADMIN, mall.kids)
    with transaction():
        switch_module(name="coupons", on=False)
    assert 'href="/console/coupons/"' not in owner.get("/console/").content.decode()
    assert "这个模块还没有开通" in owner.get("/console/").content.decode()
    assert "优惠券</" not in partner.get("/console/").content.decode()
    with transaction():
        switch_module(name="coupons", on=True)
    for browser in (owner, partner):
        assert 'href="/console/coupons/"' in browser.get("/console/").content.decode()


def test_the_menu_leaves_out_what_the_role_may_not_do(mall: Mall, sign_in: SignIn) -> None:
    page = sign_in(Role.KITCHEN, mall.kids, mall.kids_store).get("/console/").content.decode()
    assert 'href="/console/"' in page
    assert 'href="/console/coupons/"' not in page


def test_the_search_finds_within_the_wall_and_masks_members(mall: Mall, sign_in: SignIn) -> None:
    bill = mall.pay(mall.open().id)
    owner = sign_in(Role.OWNER_ADMIN)
    found = owner.get("/console/search/", {"q": "林小雨"}).content.decode()
    assert "林**" in found
    assert "林小雨</" not in found
    assert bill.number in owner.get("/console/search/", {"q": bill.number}).content.decode()
    foreign = sign_in(Role.MERCHANT_ADMIN, mall.toys).get("/console/search/", {"q": bill.number}).content.decode()
    assert "没有找到" in foreign


def test_the_language_is_a_choice_of_the_browser(mall: Mall, sign_in: SignIn) -> None:
    browser = sign_in(Role.OWNER_ADMIN)
    assert browser.post("/console/language/", {"language": "en"}).status_code == 302
    assert '<html lang="en"' in browser.get("/console/").content.decode()
    browser.post("/console/language/", {"language": "klingon"})
    assert '<html lang="en"' in browser.get("/console/").content.decode()
