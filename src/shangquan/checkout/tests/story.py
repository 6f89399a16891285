"""The Sunday evening of the district, made by the actions that make it in life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shangquan.checkout import door
from shangquan.checkout.contracts import BillCard, BillKind, Choice, LineDraft, PaidBill, RefundedBill
from shangquan.coupons import door as coupons
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.contracts import CampaignDraft, Caps, CouponKind, CouponTerms, PieceCard, Source, Validity
from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.ledger.contracts import AccountKey
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, ChannelAnswer, IntentCard, Outcome
from shangquan.payments.contracts import RefundCard as PaymentRefund
from shangquan.points import door as points
from shangquan.points.actions.set_rules import set_earn_rule, set_spend_rule, set_tier

CODE = "130000000000000001"


@dataclass(frozen=True)
class Mall:
    """小禾童装 (kids, 2F-207) and 阿橘玩具 (toys, 3F-312), three products at the first, one gold member."""

    now: datetime
    kids: int
    toys: int
    kids_store: int
    toys_store: int
    coat: int
    shirt: int
    socks: int
    member: int

    def lines(self) -> tuple[LineDraft, ...]:
        """¥129.00 + ¥39.00 + 2 × ¥15.00 = ¥198.00."""
        return (LineDraft(self.coat), LineDraft(self.shirt), LineDraft(self.socks, quantity=2))

    def open(self, key: str = "till-1-0001", **more: Any) -> BillCard:
        asked: dict[str, Any] = {"kind": BillKind.TILL, "store_id": self.kids_store, "lines": self.lines()}
        with transaction():
            return door.open_bill(**(asked | {"member_id": self.member} | more), client_key=key, now=self.now)

    def give(self, kind: CouponKind = CouponKind.CASH, **terms: Any) -> PieceCard:
        """A published campaign of these terms, and one piece of it in the member's hands."""
        words = {"title_zh": "券", "title_en": "Coupon"}
        draft = CampaignDraft(
            terms=CouponTerms(campaign_id=0, kind=kind, **(words | terms)),
            validity=Validity(ends_at=self.now + timedelta(days=8)),
            caps=Caps(total=10, per_member=None),
        )
        with transaction():
            made = draft_campaign(draft, now=self.now)
            publish_campaign(made.id, now=self.now)
            return coupons.issue(made.id, self.member, source=Source.JOURNEY, source_id=str(made.id), now=self.now)

    def hold(self, bill_id: int, channel: Channel = Channel.CASH, **more: Any) -> tuple[BillCard, IntentCard | None]:
        with transaction():
            return door.hold(bill_id=bill_id, channel=channel, now=self.now, **more)

    def pay(self, bill_id: int, channel: Channel = Channel.CASH) -> BillCard:
        _, intent = self.hold(bill_id, channel)
        if intent is not None:
            payments.charge(intent_id=intent.id, auth_code=CODE, now=self.now)
        return door.bill(bill_id)

    def refund(self, bill_id: int, lines: dict[int, int] | None = None, key: str = "return-0001") -> Any:
        with transaction():
            return door.refund(bill_id=bill_id, lines=lines, reason="不合适", client_key=key, now=self.now)

    def earn(self, bill_id: int) -> int:
        """What the journey after a payment does."""
        lines, paid = door.earning_basis(bill_id)
        card = door.bill(bill_id)
        assert card.paid_at is not None
        with transaction():
            earned = points.earn(
                member_id=self.member, bill_id=bill_id, lines=lines, paid_fen=paid, paid_at=card.paid_at, now=self.now
            )
            door.take_back_points(bill_id=bill_id)
        return earned

    def points(self) -> tuple[int, int]:
        """(available, held)"""
        balance = points.balance(self.member)
        return balance.available, balance.held


def build(now: datetime, *, tier_bp: int = 10_000) -> Mall:
    with transaction():
        kids, toys = district.load_merchants(
            [
                MerchantDraft(name="小禾童装", joins_tiers=True, stores=(StoreDraft(name="小禾童装", unit="2F-207"),)),
                MerchantDraft(name="阿橘玩具", joins_tiers=False, stores=(StoreDraft(name="阿橘玩具", unit="3F-312"),)),
            ],
            now=now,
        )
        coat, shirt, socks = district.load_products(
            kids,
            [
                ProductDraft(name="儿童抓绒外套", price_fen=12_900),
                ProductDraft(name="纯棉打底衫", price_fen=3_900),
                ProductDraft(name="儿童中筒袜 3 双装", price_fen=1_500, points_multiplier_bp=20_000),
            ],
            now=now,
        )
        member = members.open_card(openid="oLin-000001", name="林小雨", channel="official_account", now=now)
        set_earn_rule(fen_per_point=100, starts_at=now, now=now)
        set_spend_rule(points_per_yuan=100, step=1_000, max_share_bp=1_000, starts_at=now, now=now)
        set_tier(code="gold", name="金卡", name_en="Gold", rank=3, payable_bp=tier_bp)
        members.set_tier(member.id, "gold", now=now)
        points.grant(member_id=member.id, points=3_280, source="demo", source_id="1", memo="welcome")
    store = {card.merchant_id: card.id for card in district.stores()}
    return Mall(now, kids, toys, store[kids], store[toys], coat, shirt, socks, member.id)


class FakeChannel:
    """A payment channel that answers what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says = Outcome.PAID

    def _say(self, what: str, outcome: Outcome, fen: int) -> ChannelAnswer:
        self.asked.append(what)
        return ChannelAnswer(outcome, transaction_id="4200001", paid_fen=fen if outcome in _MONEY else None)

    def charge_code(self, intent: IntentCard, auth_code: str) -> ChannelAnswer:
        return self._say("charge", self.says, intent.amount_fen)

    def order(self, intent: IntentCard, openid: str | None = None) -> dict[str, str]:
        self.asked.append("order")
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={intent.number}"}

    def query(self, intent: IntentCard) -> ChannelAnswer:
        return self._say("query", self.says, intent.amount_fen)

    def reverse(self, intent: IntentCard) -> ChannelAnswer:
        return self._say("reverse", Outcome.REVERSED, 0)

    def close(self, intent: IntentCard) -> ChannelAnswer:
        return self._say("close", Outcome.CLOSED, 0)

    def refund(self, refund: PaymentRefund, intent: IntentCard) -> ChannelAnswer:
        return self._say("refund", Outcome.REFUNDED, refund.amount_fen)

    def query_refund(self, refund: PaymentRefund, intent: IntentCard) -> ChannelAnswer:
        return self._say("query_refund", Outcome.REFUNDED, refund.amount_fen)


_MONEY = (Outcome.PAID, Outcome.REFUNDED)


class Books:
    """A posting that keeps merchants' and payers' money in the ledger, as settlement does, so that sums can be proved."""

    def __init__(self) -> None:
        self.paid: list[PaidBill] = []
        self.refunded: list[RefundedBill] = []
        self.fail: Exception | None = None

    def on_paid(self, paid: PaidBill, now: datetime) -> None:
        if self.fail is not None:
            raise self.fail
        self.paid.append(paid)
        if paid.payable_fen:
            ledger.post([ledger.Entry(_CLEARING, _PAYABLE, paid.payable_fen, "bill", str(paid.bill_id), "sale")])

    def on_refunded(self, refund: RefundedBill, now: datetime) -> None:
        self.refunded.append(refund)
        if refund.refund_fen:
            ledger.post(
                [ledger.Entry(_PAYABLE, _CLEARING, refund.refund_fen, "refund", str(refund.refund_id), "sale_back")]
            )


_CLEARING = AccountKey("clearing.test", may_overdraw=True)
_PAYABLE = AccountKey("merchant.payable", "merchant:test", may_overdraw=True)

__all__ = ["CODE", "Books", "Choice", "FakeChannel", "Mall", "build"]
