"""The district that the stories happen in, made by the actions that make it in life, and the proof of its money."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, BillKind, Choice, LineDraft
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import (
    CampaignDraft,
    Caps,
    ClaimRequest,
    CouponKind,
    CouponTerms,
    PieceCard,
    Source,
    Validity,
)
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.identity import door as identity
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.contracts import Role
from shangquan.kernel import clock, jobs, scope
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule, set_tier
from shangquan.settlement import door as settlement

PASSWORD = "osmanthus-lane-7"
ALL = 100_000


@dataclass(frozen=True)
class Place:
    """小禾童装 (kids: tiers joined, 5 %, two stores) and 阿橘玩具 (toys: no tiers, 10 %, one store)."""

    district_id: int
    now: datetime
    kids: int
    toys: int
    kids_store: int
    kids_second: int
    toys_store: int
    coat: int
    blocks: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # -- people ------------------------------------------------------------------------------------------------------

    def member(self, openid: str = "", name: str = "林小雨", *, tier: str = "") -> int:
        phone = "" if openid else f"138{next(self._numbers):08d}"
        known: dict[str, Any] = {"openid": openid} if openid else {"phone": phone}
        with transaction():
            card = members.open_card(name=name, channel="official_account", now=self.now, **known)
            if tier:
                members.set_tier(card.id, tier, now=self.now)
        return card.id

    def staff(self, username: str, role: Role, merchant_id: int | None = None, store_id: int | None = None) -> int:
        with transaction():
            made = make_account(username=username, name=username, password=PASSWORD, now=self.now)
            grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=self.now)
        return made

    @contextmanager
    def acting(self, account_id: int) -> Iterator[scope.Actor]:
        who = identity.actor_for(account_id, self.district_id)
        with scope.scope(self.district_id, actor=who):
            yield who

    # -- coupons -----------------------------------------------------------------------------------------------------

    def campaign(self, kind: CouponKind = CouponKind.CASH, *, total: int = 1000, **terms: Any) -> int:
        """A published campaign of these terms, valid for eight days."""
        words = {"title_zh": "满减券", "title_en": "Coupon"}
        draft = CampaignDraft(
            terms=CouponTerms(campaign_id=0, kind=kind, **(words | terms)),
            validity=Validity(ends_at=self.now + timedelta(days=8)),
            caps=Caps(total=total, per_member=None),
        )
        with transaction():
            made = coupons.draft_campaign(draft, now=self.now)
            coupons.publish_campaign(made.id, now=self.now)
        return made.id

    def claim(self, campaign: int, member: int, source: Source = Source.SHELF, code: int | None = None) -> PieceCard:
        request = ClaimRequest(campaign, member, source, f"claim-{next(self._numbers)}", code)
        with transaction():
            return coupons.claim_one(request, now=clock.now())

    # -- the till ----------------------------------------------------------------------------------------------------

    def bill(
        self, fen: int, member: int | None = None, *, store: int | None = None, kind: BillKind = BillKind.TILL
    ) -> BillCard:
        """One line of so much money, at the first store unless another is named; points stay where they are."""
        return self.bill_of([LineDraft(title="外套", unit_fen=fen)], member, store=store, kind=kind)

    def bill_of(
        self,
        lines: Sequence[LineDraft],
        member: int | None = None,
        *,
        store: int | None = None,
        kind: BillKind = BillKind.TILL,
        use_points: bool = False,
    ) -> BillCard:
        with transaction():
            return checkout.open_bill(
                kind=kind, store_id=store or self.kids_store, lines=lines, member_id=member,
                client_key=f"till-1-{next(self._numbers):06d}", now=clock.now(), choice=Choice(use_points=use_points),
            )  # fmt: skip

    def take_cash(self, bill: BillCard) -> BillCard:
        return self.pay(bill, Channel.CASH)

    def pay(self, bill: BillCard, channel: Channel = Channel.WECHAT_CODE, code: str = "") -> BillCard:
        """Hold and charge; answers the bill as it stands then."""
        with transaction():
            _, intent = checkout.hold(bill_id=bill.id, channel=channel, now=clock.now())
        if intent is not None:
            payments.charge(intent_id=intent.id, auth_code=code, now=clock.now())
        return checkout.bill(bill.id)

    def buy(self, fen: int, member: int | None = None, *, store: int | None = None) -> BillCard:
        """Sold for cash, and everything that follows from it."""
        paid = self.take_cash(self.bill(fen, member, store=store))
        assert paid.is_paid
        jobs.drain()
        return paid

    def give_back(self, bill: BillCard, lines: dict[int, int] | None = None) -> None:
        with transaction():
            checkout.refund(
                bill_id=bill.id, lines=lines, reason="不合适", client_key=f"return-{next(self._numbers):06d}",
                now=clock.now(),
            )  # fmt: skip
        jobs.drain()


def open_place(district_id: int) -> Place:
    now = clock.now()
    with transaction():
        kids, toys = district.load_merchants(
            [
                MerchantDraft(
                    name="小禾童装", joins_tiers=True, commission_bp=500,
                    stores=(StoreDraft(name="小禾一店", unit="2F-207"), StoreDraft(name="小禾二店", unit="2F-209")),
                ),
                MerchantDraft(
                    name="阿橘玩具", joins_tiers=False, commission_bp=1000,
                    stores=(StoreDraft(name="阿橘玩具", unit="3F-312"),),
                ),
            ],
            now=now,
        )  # fmt: skip
        (coat,) = district.load_products(kids, [ProductDraft(name="儿童抓绒外套", price_fen=12_900)], now=now)
        (blocks,) = district.load_products(toys, [ProductDraft(name="木头积木", price_fen=9_900)], now=now)
        set_points_and_tiers(now)
    store = {card.unit: card.id for card in district.stores()}
    return Place(
        district_id, now, kids, toys, store["2F-207"], store["2F-209"], store["3F-312"], coat, blocks
    )  # fmt: skip


def set_points_and_tiers(now: datetime) -> None:
    """One point a yuan, a hundred points pay one yuan; gold pays 95 %, silver pays all."""
    set_earn_rule(fen_per_point=100, starts_at=now, now=now)
    set_spend_rule(points_per_yuan=100, step=100, max_share_bp=5_000, starts_at=now, now=now)
    set_tier(code="silver", name="银卡", name_en="Silver", rank=2, payable_bp=10_000)
    set_tier(code="gold", name="金卡", name_en="Gold", rank=3, payable_bp=9_500)


def prove_money() -> None:
    """Every balance is the sum of its transfers; each merchant is owed its open lines and its statements not yet paid."""
    assert ledger.prove().holds
    for merchant in district.merchants():
        lines = settlement.open_lines(merchant_id=merchant.id, limit=ALL)
        cards = settlement.statements(merchant_id=merchant.id)
        payouts = settlement.payouts(statement_ids=[card.id for card in cards])
        paid = {statement for statement, payout in payouts.items() if payout.state == "paid"}
        due = sum(card.total_fen for card in cards if card.id not in paid and card.state != "carried")
        assert sum(line.amount_fen for line in lines) + due == settlement.payable(merchant.id), merchant.name
