"""The stations that every telling of the story passes: the shelf is filled, the platforms are joined, phones are known."""

from datetime import timedelta

from shangquan.codes import door as codes
from shangquan.coupons import door as coupons
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.actions.issue_rules import save_rule
from shangquan.coupons.contracts import (
    CampaignDraft,
    Caps,
    CouponKind,
    CouponTerms,
    PayerShare,
    Scope,
    Source,
    Stacking,
    Validity,
)
from shangquan.demo.connect import connect
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.messaging import door as messaging
from shangquan.points import door as points
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy
from superapp_sandbox.testing import wait_until

from .cast import BARCODES, Cast, PhoneScreen, Screen, TillScreen

SHELF, KIDS_OFF, TOYS_OFF, NEXT_STOP = "周末亲子季", "满 150 减 30", "满 60 减 10", "玩具满 99 减 20"
TOYS_OFF_SECOND, SHORT = "满 500 减 100", "限时立减 1"


def shelf(cast: Cast) -> tuple[Screen, str]:
    """The owner opens a shelf, two merchants enrol, the owner accepts and makes a code. Answers the code's address."""
    owner = cast.screen("owner")
    owner.sign_in("owner", "/console/")
    owner.open("/console/shelves/new/")
    until = tenancy.local(clock.now() + timedelta(days=20))
    owner.fill(title=SHELF, title_en="Family weekend", deadline=f"{until:%Y-%m-%dT%H:%M}")
    owner.tap("建货架")
    owner.sees("货架已建")
    owner.tap("开放货架")
    owner.sees("货架已开放")
    there = owner.page.url
    for who, title, off, least in (("xiaohe", KIDS_OFF, "30", "150"), ("aju", TOYS_OFF, "10", "60")):
        _enrols(cast, who, title, off, least, there)
    owner.open(there)
    owner.sees("待审核的报名")
    owner.picture("01-enrolments")
    for left in (1, 0):
        take = owner.page.get_by_role("button", name="上货架", exact=True)
        take.first.click()
        take.nth(left).wait_for(state="detached")
    owner.fill(place="1F 中庭立牌")
    owner.tap("做一个码")
    owner.sees("码已做好")
    owner.picture("02-shelf")
    with owner.page.expect_download() as picture:
        owner.page.get_by_role("link", name="PNG").first.click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    return owner, there


def _enrols(cast: Cast, who: str, title: str, off: str, least: str, shelf_page: str) -> None:
    """A merchant makes a coupon, publishes it and offers it for the shelf."""
    partner = cast.screen(who)
    partner.sign_in(who, "/console/")
    partner.open("/console/coupons/new/")
    partner.page.get_by_role("radio", name="满减券").check()
    partner.fill(title_zh=title, title_en=f"{off} off {least}", amount=off, min_spend=least, total="100", days="30")
    partner.picture(f"01-coupon-form-{who}")
    partner.tap("保存草稿")
    partner.sees("草稿已保存")
    partner.tap("发布")
    partner.sees("已发布")
    partner.open(shelf_page)
    partner.page.locator("#campaign").select_option(index=0)
    partner.page.get_by_role("button", name="报名", exact=True).click()
    partner.sees("已报名")
    partner.context.close()


def next_stop(cast: Cast) -> int:
    """Through the door: no page for it. A coupon of A for B that A bears at 60 %, after a payment of 100 yuan at A."""
    now = clock.now()
    terms = CouponTerms(
        campaign_id=0, kind=CouponKind.CASH, title_zh=NEXT_STOP, title_en="20 off 99 on toys",
        amount_fen=2_000, min_spend_fen=9_900, scope=Scope(merchants_in=frozenset({cast.toys})),
        stacking=Stacking(group="next"), issuer_id=cast.kids,
        payers=(PayerShare(f"merchant:{cast.kids}", 6_000), PayerShare(f"merchant:{cast.toys}", 4_000)),
    )  # fmt: skip
    with transaction():
        made = draft_campaign(CampaignDraft(terms=terms, validity=Validity(days=30), caps=Caps(100)), now=now)
        publish_campaign(made.id, now=now)
        save_rule(title="童装送玩具券", campaign_id=made.id, merchants=(cast.kids,), minimum_fen=10_000, now=now)
    return made.id


def ready_shelf(cast: Cast) -> tuple[int, int, int]:
    """The shelf as the first telling leaves it, made through the door: answers the shelf and two of its campaigns."""
    now = clock.now()
    made: dict[str, int] = {}
    with transaction():
        there = coupons.make_shelf(title=SHELF, deadline=now + timedelta(days=20), now=now)
        coupons.open_shelf(there.id, now=now)
        for title, merchant, off, least in (
            (KIDS_OFF, cast.kids, 3_000, 15_000),
            (TOYS_OFF, cast.toys, 1_000, 6_000),
            (TOYS_OFF_SECOND, cast.toys, 10_000, 50_000),
        ):
            made[title] = _published(title, merchant, off, least)
            entry = coupons.enrol(there.id, made[title], now=now)
            coupons.decide_enrolment(entry.id, accepted=True, now=now)
        codes.make_scene("shelf", "shelf", there.id, "1F 中庭立牌", title=SHELF, now=now)
    return there.id, made[KIDS_OFF], made[TOYS_OFF]


def _published(title: str, merchant: int, off: int, least: int) -> int:
    terms = CouponTerms(
        campaign_id=0, kind=CouponKind.CASH, title_zh=title, title_en=f"{off} off {least}", amount_fen=off,
        min_spend_fen=least, scope=Scope(merchants_in=frozenset({merchant})), issuer_id=merchant,
        payers=(PayerShare("redeemer", 10_000),),
    )  # fmt: skip
    now = clock.now()
    made = draft_campaign(CampaignDraft(terms=terms, validity=Validity(days=30), caps=Caps(100)), now=now)
    return publish_campaign(made.id, now=now).id


def gives_for_ten_minutes(cast: Cast, member_id: int) -> None:
    """Through the door: a coupon that ends very soon, straight into the member's hands."""
    now = clock.now()
    terms = CouponTerms(
        campaign_id=0, kind=CouponKind.CASH, title_zh=SHORT, title_en="1 off", amount_fen=100,
        scope=Scope(merchants_in=frozenset({cast.kids})), issuer_id=cast.kids, payers=(PayerShare("redeemer", 10_000),),
    )  # fmt: skip
    with transaction():
        draft = CampaignDraft(terms=terms, validity=Validity(ends_at=now + timedelta(minutes=10)), caps=Caps(100))
        made = draft_campaign(draft, now=now)
        publish_campaign(made.id, now=now)
        coupons.issue(made.id, member_id, source=Source.JOURNEY, source_id="story", now=now)


def joined(cast: Cast) -> str:
    """The platforms know us, as at each start of the product. Answers the address of the account's code for the shelf.

    Through the door: no page for it. The console exports codes that open the page; a code that leads through following
    the account is made here.
    """
    connect()
    scene = codes.scenes(subject_kind="shelf")[-1]
    return messaging.create_qr(scene.scene)["url"]


def follows(cast: Cast, phone: PhoneScreen, code: str) -> str:
    """Scan, follow, be welcomed by the shelf's article; answers its address."""
    assert phone.wechat.scan(code)["event"] == "subscribe"
    article = phone.wechat.wait_received("news")[-1]["body"]["articles"][0]
    assert article["title"] == SHELF
    cast.react()
    return str(article["url"])


def shelf_address() -> str:
    """Of the newest shelf, as a phone opens it."""
    return f"/m/shelf/{codes.scenes(subject_kind='shelf')[0].subject_id}/"


def member_of(phone: PhoneScreen) -> int:
    card = members.by_openid(phone.wechat.openid())
    assert card is not None
    return card.id


def gives_points(member_id: int, count: int) -> None:
    """Through the door: no page for it."""
    with transaction():
        points.grant(member_id=member_id, points=count, source="story", source_id=str(member_id), memo="生日礼")


def claims(phone: PhoneScreen, title: str) -> None:
    phone.ticket(title).get_by_role("button").click()
    phone.sees("已领取")


def campaign(title: str) -> int:
    (found,) = [card.id for card in coupons.campaign_lists.campaigns(limit=50) if card.terms.title_zh == title]
    return found


def sells_198(till: TillScreen, phone: PhoneScreen | None) -> None:
    """129.00 + 39.00 + 2 × 15.00 by scanner, then whoever pays."""
    for barcode, name in (("coat", "儿童抓绒外套"), ("shirt", "纯棉打底衫"), ("socks", "儿童中筒袜")):
        till.ring(BARCODES[barcode], name)
    till.scan("2x")
    till.sees("数量改为 2")
    assert till.due() == "¥198.00"
    if phone is not None:
        till.scan(phone.member_code())
        till.sees("会员码已识别")


def pays(till: TillScreen, phone: PhoneScreen, fen: int) -> None:
    """The pay code is scanned, the phone asks for the password, both are done."""
    till.ask_for_code()
    till.scan(phone.wechat.paycode())
    till.sees("等顾客输密码")
    sheet = phone.wechat.pending()
    assert sheet is not None and sheet["amount_fen"] == fen
    phone.wechat.password()
    till.sees("收款成功")


def told(phone: PhoneScreen, title: str, *words: str) -> None:
    """A notice of that title stands in the chat and says these words."""

    def find() -> bool:
        found = [line["body"] for line in phone.wechat.received("template") if line["body"]["title"] == title]
        return any(all(word in str(body) for word in words) for body in found)

    wait_until(find)


def lines(merchant_id: int) -> list[tuple[str, int]]:
    """What stands on the merchant's next statement, sorted."""
    return sorted((line.kind, line.amount_fen) for line in settlement.open_lines(merchant_id=merchant_id))
