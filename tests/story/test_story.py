"""The story of the district, from an empty shelf to a disputed statement, as its people live it in their browsers."""

import pytest

from shangquan.checkout import door as checkout
from shangquan.ledger import door as ledger
from shangquan.points import door as points
from shangquan.settlement import door as settlement
from superapp_sandbox.testing import wait_until

from . import stations
from .cast import BARCODES, Cast, PhoneScreen, Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.feature("F3", "F9", "F10", "F11", "F12")
def test_a_coupon_from_the_shelf_to_the_disputed_statement(cast: Cast) -> None:
    owner, _ = stations.shelf(cast)
    stations.next_stop(cast)
    lin = cast.phone("小林")
    lin.open(stations.follows(cast, lin, stations.joined(cast)))
    lin.picture("03-shelf")
    stations.claims(lin, stations.KIDS_OFF)
    lin.picture("04-claimed")
    member = stations.member_of(lin)
    stations.gives_points(member, 1_300)

    number = _buys_at_a(cast, lin, member)
    _uses_the_next_coupon_at_b(cast, lin)
    _gives_a_coupon_away(cast, lin)
    _brings_the_coat_back(cast, lin, member, number)
    _sees_what_became_of_it(owner)
    _closes_the_books(cast, owner)
    assert cast.heard == []


def _buys_at_a(cast: Cast, lin: PhoneScreen, member: int) -> str:
    """198.00 − 30.00 (the merchant's own coupon) − 10.00 (1,000 points, borne by the owner) = 158.00; 5 % of 168.00 is 8.40."""
    till = cast.till("till-a")
    till.begin("till-a")
    stations.sells_198(till, lin)
    till.sees("已选最省的组合", stations.KIDS_OFF, "1,000 积分抵扣")
    till.picture("05-till")
    assert till.due() == "¥158.00"
    stations.pays(till, lin, 15_800)
    assert till.page.locator(".paper-roll svg").count() == 1
    till.picture("06-paid")
    cast.react()
    bill = checkout.bills_of_member(member, limit=1)[0]
    assert (bill.payable_fen, bill.saved_fen, bill.points_used) == (15_800, 4_000, 1_000)
    assert [line.paid_fen for line in bill.lines] == [10_294, 3_112, 2_394]
    assert stations.lines(cast.kids) == [("commission", -840), ("points_in", 1_000), ("sale", 15_800)]
    assert settlement.payable(cast.kids) == 15_960
    assert ledger.balance("owner.commission").posted == 840
    assert ledger.balance("owner.subsidy").posted == -1_000
    assert points.balance(member).available == 1_300 - 1_000 + 158
    assert lin.wechat.balance_fen == 1_000_000 - 15_800
    stations.told(lin, "消费成功通知", "小禾童装 2F-207", "¥158.00（已省 ¥40.00）")
    stations.told(lin, "积分变动提醒", "+158", "458")
    stations.told(lin, "优惠券到账提醒", stations.NEXT_STOP, "阿橘玩具")
    lin.open(f"/m/bills/{bill.number}/")
    lin.sees("¥158.00", "积分抵扣（1,000 积分）", "获得 158 积分", stations.NEXT_STOP)
    lin.picture("07-bill")
    till.next_customer()
    return bill.number


def _uses_the_next_coupon_at_b(cast: Cast, lin: PhoneScreen) -> None:
    """159.00 − 20.00 = 139.00; A bears 12.00 of the coupon, so B receives 151.00 and gives 10 % of it."""
    till = cast.till("till-b")
    till.begin("till-b")
    till.ring(BARCODES["robot"], "木头机器人")
    till.scan(lin.member_code())
    till.sees("会员码已识别", stations.NEXT_STOP)
    till.picture("08-till-b")
    assert till.due() == "¥139.00"
    stations.pays(till, lin, 13_900)
    cast.react()
    assert stations.lines(cast.toys) == [("commission", -1_510), ("sale", 13_900), ("subsidy_in", 1_200)]
    assert ("subsidy_out", -1_200) in stations.lines(cast.kids)
    assert (settlement.payable(cast.kids), settlement.payable(cast.toys)) == (14_760, 13_590)


def _gives_a_coupon_away(cast: Cast, lin: PhoneScreen) -> None:
    lin.open(stations.shelf_address())
    stations.claims(lin, stations.TOYS_OFF)
    lin.open("/m/coupons/")
    lin.ticket(stations.TOYS_OFF).get_by_role("link", name="去使用").click()
    lin.page.get_by_text("转赠给朋友").first.click()
    lin.tap("生成转赠链接")
    lin.page.locator("[data-copy]").wait_for()
    link = lin.page.locator("[data-copy]").get_attribute("data-copy")
    assert link is not None
    lin.picture("10-given")
    chen = cast.phone("小陈")
    chen.wechat.scan(link)
    chen.open(link)
    chen.picture("11-gift")
    chen.tap("收下这张券")
    chen.sees("已收下", stations.TOYS_OFF)
    chen.picture("12-accepted")
    lin.open("/m/coupons/?tab=given")
    lin.sees("已送出")


def _brings_the_coat_back(cast: Cast, lin: PhoneScreen, member: int, number: str) -> None:
    """The coat's part: 129.00 = 102.94 paid + 19.55 coupon + 6.51 points; 840 × 10,945 / 16,800 = 547 fen of commission."""
    till = cast.till("manager-a")
    till.sign_in("manager-a", "/till/")
    till.sees("收银")
    till.open("/till/refund/")
    till.scan(number)
    till.page.locator("[name=line-1]").fill("1")
    till.picture("13-refund")
    till.page.keyboard.press("Enter")
    till.sees("已退 ¥102.94")
    till.picture("14-refunded")

    def is_back() -> bool:
        cast.react()
        return lin.wechat.balance_fen == 1_000_000 - 15_800 - 13_900 + 10_294

    wait_until(is_back, 20)
    (back,) = checkout.refunds_of(checkout.bill_by_number(number).id)
    assert (back.refund_fen, back.points_back, back.points_taken, back.coupons_back) == (10_294, 651, 103, ())
    assert points.balance(member).available == 597 + 651 - 103
    assert stations.lines(cast.kids) == [
        ("commission", -840), ("commission_back", 547), ("points_in", 1_000), ("points_in_back", -651),
        ("refund", -10_294), ("sale", 15_800), ("subsidy_out", -1_200),
    ]  # fmt: skip
    assert (settlement.payable(cast.kids), settlement.payable(cast.toys)) == (4_362, 13_590)
    assert ledger.balance("owner.commission").posted == 840 + 1_510 - 547
    assert ledger.balance("owner.subsidy").posted == -1_000 + 651
    assert ledger.balance("clearing.wechat_code").posted == -(15_800 + 13_900 - 10_294)


def _sees_what_became_of_it(owner: Screen) -> None:
    owner.open(f"/console/coupons/{stations.campaign(stations.KIDS_OFF)}/")
    owner.sees("从发放到核销", "费效比", "1 : 5.3", "花了 ¥30.00，带来 ¥158.00，1 单")
    owner.picture("15-funnel")


def _closes_the_books(cast: Cast, owner: Screen) -> None:
    """Tomorrow, by the house's clock: a day is closed when it is over. Everybody signs in again."""
    cast.tomorrow()
    owner.sign_in("owner", "/console/settlement/close/")
    owner.sees("¥179.52")
    owner.picture("16-close")
    owner.agrees("关账期，出对账单")
    owner.sees("账期已关")
    owner.picture("17-period")
    cast.react()
    kids, toys = cast.screen("xiaohe"), cast.screen("aju")
    kids.sign_in("xiaohe", "/console/settlement/")
    kids.page.locator("tbody a").first.click()
    kids.sees("¥43.62")
    kids.picture("18-statement")
    foreign = kids.page.url
    kids.agrees("确认全部 3 行")
    kids.sees("已确认，留下了你的姓名和时间")
    kids.picture("19-confirmed")
    toys.sign_in("aju", "/console/settlement/")
    toys.open(foreign)
    toys.sees("没有这份对账单", "S-4041")
    toys.open("/console/settlement/")
    toys.page.locator("tbody a").first.click()
    toys.page.locator("tbody a").first.click()
    toys.sees("对这一行有异议")
    options = toys.page.locator("[name=line_id] option").all_inner_texts()
    toys.page.locator("[name=line_id]").select_option(label=next(text for text in options if text.startswith("佣金")))
    toys.page.locator("[name=why]").select_option("commission")
    toys.fill(text="佣金按 8% 谈的")
    toys.picture("20-row")
    toys.tap("提交给商圈")
    toys.sees("异议已提交")
    toys.picture("21-disputed")
    found = {card.merchant_id: card for card in settlement.statements()}
    assert (found[cast.kids].state, found[cast.kids].payable_fen) == ("confirmed", 4_362)
    assert found[cast.toys].total_fen == 13_590 and found[cast.toys].frozen_fen == -1_510
    assert found[cast.toys].payable_fen == 15_100
    cast.react()
