"""Campaigns, the shelf, points rules, tiers and journeys of the demo district, made as their owners would make them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shangquan.codes import door as codes
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.actions.issue_rules import save_rule
from shangquan.coupons.actions.shelf import decide_enrolment, enrol, make_shelf, open_shelf
from shangquan.coupons.contracts import (
    CampaignDraft,
    Caps,
    CouponKind,
    CouponTerms,
    PayerShare,
    Scope,
    Stacking,
    Validity,
)
from shangquan.kernel.transactions import required
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule, set_tier


@dataclass(frozen=True)
class Offer:
    """A campaign to be. `shop` None is the owner's; `split` names who bears the cost."""

    key: str
    kind: CouponKind
    title: str
    title_en: str
    shop: str | None
    amount_fen: int = 0
    min_spend_fen: int = 0
    payable_bp: int = 10_000
    cap_fen: int | None = None
    total: int = 2000
    per_member: int = 3
    works_at: str | None = None
    split: tuple[tuple[str, int], ...] = (("redeemer", 10_000),)
    minutes: int = 0
    goods: tuple[int, ...] = ()
    fixed_price_fen: int = 0
    on_shelf: bool = True
    group: str = "default"


OFFERS = (
    Offer("universal30", CouponKind.CASH, "满 150 减 30", "30 off 150", None, 30_00, 150_00, total=6000,
          split=(("owner", 6000), ("redeemer", 4000)), group="district"),
    Offer("universal5", CouponKind.CASH, "满 40 减 5", "5 off 40", None, 5_00, 40_00, total=8000, per_member=6,
          split=(("owner", 10_000),), group="district"),
    Offer("xiaohe45", CouponKind.CASH, "满 200 减 45", "45 off 200", "小禾童装", 45_00, 200_00, total=400),
    Offer("xiaohe9", CouponKind.DISCOUNT, "全场 9 折", "10% off", "小禾童装", payable_bp=9000, cap_fen=100_00, total=600),
    Offer("aju20", CouponKind.CASH, "满 99 减 20", "20 off 99", "阿橘玩具", 20_00, 99_00, total=500, per_member=1,
          split=(("小禾童装", 6000), ("redeemer", 4000))),
    Offer("coffee", CouponKind.EXCHANGE, "免费换一杯", "One free cup", "第三杯咖啡", goods=(0, 1), total=800, per_member=1),
    Offer("coffee8", CouponKind.DISCOUNT, "第二杯 8 折", "20% off", "第三杯咖啡", payable_bp=8000, cap_fen=20_00, total=1500),
    Offer("noodles", CouponKind.CASH, "满 30 减 6", "6 off 30", "山下面馆", 6_00, 30_00, total=3000),
    Offer("market", CouponKind.CASH, "满 88 减 10", "10 off 88", "鲜集超市", 10_00, 88_00, total=3000),
    Offer("grill", CouponKind.GROUP_BUY, "双人套餐券", "Set for two", "炭里烤肉", goods=(0,), total=300, per_member=2),
    Offer("books", CouponKind.DISCOUNT, "8.5 折", "15% off", "闲页书店", payable_bp=8500, cap_fen=30_00, total=500),
    Offer("cinema", CouponKind.CASH, "满 90 减 20", "20 off 90", "云上影城", 20_00, 90_00, total=1200),
    Offer("gym", CouponKind.CASH, "满 50 减 10", "10 off 50", "十字健身", 10_00, 50_00, total=200),
    Offer("cash50", CouponKind.ECASH, "50 元现金券", "50 yuan voucher", None, 50_00, total=300, per_member=1,
          split=(("owner", 10_000),), on_shelf=False),
    Offer("parking2", CouponKind.PARKING, "停车 2 小时", "2 hours of parking", None, minutes=120, total=5000, per_member=4,
          split=(("owner", 10_000),)),
)  # fmt: skip


@required
def set_points_and_tiers(now: datetime) -> None:
    set_earn_rule(fen_per_point=100, starts_at=now, now=now)
    set_spend_rule(points_per_yuan=100, step=100, minimum=100, max_share_bp=2_000, starts_at=now, now=now)
    for rank, (code, name, name_en, payable) in enumerate(
        (("basic", "普卡", "Basic", 10_000), ("silver", "银卡", "Silver", 10_000), ("gold", "金卡", "Gold", 9_500))
    ):
        set_tier(code=code, name=name, name_en=name_en, rank=rank, payable_bp=payable)


@required
def publish(offer: Offer, shops: Mapping[str, int], goods: Mapping[str, list[int]], now: datetime) -> int:
    """Make and publish one campaign; answers its id."""
    merchant = shops[offer.shop] if offer.shop else None
    items = tuple(goods[offer.shop][i] for i in offer.goods) if offer.shop else ()
    place = Scope(
        merchants_in=frozenset({merchant}) if merchant else frozenset(),
        products_in=frozenset(items) if offer.kind is CouponKind.EXCHANGE else frozenset(),
    )
    terms = CouponTerms(
        campaign_id=0,
        kind=offer.kind,
        title_zh=offer.title,
        title_en=offer.title_en,
        min_spend_fen=offer.min_spend_fen,
        amount_fen=offer.amount_fen,
        payable_bp=offer.payable_bp,
        cap_fen=offer.cap_fen,
        fixed_price_fen=offer.fixed_price_fen,
        items=tuple((item, 1) for item in items) if offer.kind is CouponKind.GROUP_BUY else (),
        minutes=offer.minutes,
        scope=place,
        stacking=Stacking(group=offer.group),
        payers=tuple(PayerShare(_payer(who, shops), bp) for who, bp in offer.split),
        issuer_id=merchant,
    )
    draft = CampaignDraft(
        terms=terms, validity=Validity(days=30), caps=Caps(offer.total, None, offer.per_member), claim_from=now
    )
    card = draft_campaign(draft, now=now)
    publish_campaign(card.id, now=now)
    return card.id


def _payer(who: str, shops: Mapping[str, int]) -> str:
    return f"merchant:{shops[who]}" if who in shops else who


@required
def open_the_shelf(campaigns: Mapping[str, int], now: datetime) -> int:
    """周末亲子季: merchants enrol, the owner accepts; codes for four places."""
    shelf = make_shelf(
        title="周末亲子季",
        title_en="Family weekend",
        about="40 家店的周末好价，领了就能用",
        deadline=now + timedelta(days=85),
        now=now,
    )
    open_shelf(shelf.id, now=now)
    for offer in OFFERS:
        if offer.on_shelf:
            entry = enrol(shelf.id, campaigns[offer.key], now=now)
            if entry.state == "pending":
                decide_enrolment(entry.id, accepted=True, now=now)
    for source, place in (
        ("shelf", "1F 中庭立牌"),
        ("share", "分享海报"),
        ("store", "2F-207 门口"),
        ("wifi", "WiFi 登录页"),
    ):
        codes.make_scene(source, "shelf", shelf.id, place, title="周末亲子季", now=now)
    return shelf.id


@required
def set_journeys(campaigns: Mapping[str, int], shops: Mapping[str, int], now: datetime) -> None:
    """Pay at 小禾童装 and get a coupon of 阿橘玩具; pay anywhere and get a cup of coffee's discount."""
    save_rule(
        title="童装送玩具券",
        campaign_id=campaigns["aju20"],
        merchants=(shops["小禾童装"],),
        minimum_fen=100_00,
        priority=10,
        now=now,
    )
    save_rule(title="消费满 60 送咖啡券", campaign_id=campaigns["coffee8"], minimum_fen=60_00, priority=1, now=now)
