"""The district that the paths run in, made through actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shangquan.coupons import door as coupons
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.contracts import CampaignDraft, Caps, ClaimRequest, CouponKind, CouponTerms, Source, Validity
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule
from shangquan.tenancy.actions.open_district import open_district


@dataclass(frozen=True)
class Place:
    """One merchant with a store and 20 products; points are earned and spent there."""

    district_id: int
    merchant: int
    store: int
    products: tuple[int, ...]
    now: datetime


def build() -> Place:
    now = clock.now()
    with transaction():
        district_id = open_district(slug="bench", name="栖梧里", name_en="Qiwuli", now=now)
    with scope.scope(district_id), transaction():
        draft = MerchantDraft(name="鲜集超市", stores=(StoreDraft(name="鲜集超市", unit="B1-001"),))
        (merchant,) = district.load_merchants([draft], now=now)
        goods = [ProductDraft(name=f"商品 {i:02d}", price_fen=900 + 130 * i) for i in range(20)]
        products = tuple(district.load_products(merchant, goods, now=now))
        set_earn_rule(fen_per_point=100, starts_at=now, now=now)
        set_spend_rule(points_per_yuan=100, step=100, max_share_bp=2_000, starts_at=now, now=now)
        (store,) = district.stores(merchant_id=merchant)
    return Place(district_id, merchant, store.id, products, now)


def campaign(place: Place, *, total: int | None, per_member: int | None = None, **terms: Any) -> int:
    """A published campaign of the district; without other terms, 5 yuan off from 40."""
    face: dict[str, Any] = (
        {"kind": CouponKind.CASH, "amount_fen": 500, "min_spend_fen": 4_000} if "kind" not in terms else {}
    )
    draft = CampaignDraft(
        terms=CouponTerms(campaign_id=0, title_zh="满 40 减 5", title_en="5 off 40", **(face | terms)),
        validity=Validity(ends_at=place.now + timedelta(days=8)),
        caps=Caps(total, None, per_member),
    )
    with transaction():
        made = draft_campaign(draft, now=place.now)
        publish_campaign(made.id, now=place.now)
    return made.id


def cards(place: Place, name: str, how_many: int) -> list[int]:
    """Ids of so many new members."""
    with transaction():
        opened = [
            members.open_card(openid=f"oBench-{name}-{i:06d}", channel="official_account", now=place.now)
            for i in range(how_many)
        ]
    return [card.id for card in opened]


def request(campaign_id: int, member_id: int, key: str = "k") -> ClaimRequest:
    return ClaimRequest(campaign_id, member_id, Source.SHELF, key)


def hand_out(place: Place, campaign_id: int, member_ids: Sequence[int]) -> None:
    """One piece to each."""
    with transaction():
        answers = coupons.claim([request(campaign_id, member_id) for member_id in member_ids], now=place.now)
    assert all(answer.piece_id is not None for answer in answers), "the bench was given stock for all"
