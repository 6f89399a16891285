"""Sixty days that hang together: who joined how, claimed what, bought where, paid how, brought what back.

The same seed gives the same story. Every step is the action that a page would call, with the clock where it was.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillKind, LineDraft
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import ClaimRequest, CouponKind, Source
from shangquan.demo.offers import OFFERS
from shangquan.demo.people import FAMILY, GIVEN
from shangquan.demo.place import SHOPS
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, ChannelAnswer, Outcome
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy

DAYS = 60
CHANNELS = (("shelf", 34), ("till", 22), ("store", 14), ("menu", 9), ("gift", 6), ("mini", 15))


@dataclass
class Place:
    """What the story needs to know of the district, by name."""

    shops: dict[str, int]
    stores: dict[str, list[int]]
    goods: dict[str, list[int]]
    campaigns: dict[str, int]
    scenes: dict[str, int]


@dataclass
class Story:
    """One share of the members' lives. `share` = (i, n): this process tells the i-th of n parts."""

    place: Place
    scale: int
    until: datetime
    share: tuple[int, int] = (0, 1)
    seed: int = 20261122
    bills: int = 0
    refunds: int = 0
    claims: int = 0
    cards: list[int] = field(default_factory=list)
    plans: list[tuple[int, str]] = field(default_factory=list)  # who holds a coupon and where it works

    @property
    def works_at(self) -> dict[int, str]:
        """By campaign, the shop where its coupon works; an empty name means anywhere. Parking coupons work at the gate."""
        return {
            self.place.campaigns[offer.key]: offer.works_at or offer.shop or ""
            for offer in OFFERS
            if offer.kind is not CouponKind.PARKING
        }

    def tell(self) -> Iterator[float]:
        """Live the days in order; yields how far it is, from 0 to 1."""
        dice = random.Random(f"{self.seed}:{self.share}")
        first = tenancy.today(self.until) - timedelta(days=DAYS - 1)
        people = 800 * self.scale // self.share[1]
        joins = sorted(min(int(dice.betavariate(1, 1.6) * DAYS), DAYS - 1) for _ in range(people))
        for index in range(DAYS):
            day = first + timedelta(days=index)
            busy = 1.7 if day.weekday() >= 5 else 1.0
            self._join(day, joins.count(index), dice)
            if self.cards:
                self._claim(day, int(people * 0.016 * busy), dice)
                self._buy(day, int(people * 0.008 * busy * (0.5 + min(1, 2 * index / DAYS))), dice)
            yield (index + 1) / DAYS

    def _moment(self, day: date, dice: random.Random) -> datetime:
        """Between 10:00 and 21:59 local, with a lunch and an evening peak. On the last day it may still lie ahead."""
        hour = dice.choices(range(10, 22), weights=(3, 5, 9, 8, 6, 6, 7, 9, 12, 13, 9, 5))[0]
        local = time(hour, dice.randrange(60), dice.randrange(60))
        return datetime.combine(day, local, tenancy.district().zone)

    def _join(self, day: date, count: int, dice: random.Random) -> None:
        for _ in range(count):
            number = len(self.cards) * self.share[1] + self.share[0]
            channel = dice.choices([name for name, _ in CHANNELS], weights=[weight for _, weight in CHANNELS])[0]
            moment = min(self._moment(day, dice), self.until - timedelta(seconds=dice.randrange(60, 7200)))
            with clock.at(moment), transaction():
                card = members.open_card(
                    phone=f"139{number:08d}", name=dice.choice(FAMILY) + dice.choice(GIVEN), channel=channel, now=moment
                )
                if dice.random() < 0.22:
                    members.set_tier(card.id, "gold" if dice.random() < 0.4 else "silver", now=moment)
                brought = dice.choice((0, 0, 100, 300, 800, 2000))
                if brought:  # the balance of the old plastic card
                    points.grant(
                        member_id=card.id, points=brought, source="card", source_id=str(card.id), memo="welcome"
                    )
            self.cards.append(card.id)

    def _claim(self, day: date, count: int, dice: random.Random) -> None:
        """A batch of claims through one statement, as the shelf's rush would make it."""
        keys = [key for key in self.place.campaigns if key not in ("aju20", "coffee8", "cash50")]
        wishes: dict[tuple[int, int], ClaimRequest] = {}
        for turn in range(count):
            member, key = dice.choice(self.cards), dice.choice(keys)
            source, scene = dice.choice((("shelf", "shelf"), ("shelf", "share"), ("wifi", "wifi"), ("share", "share")))
            wish = ClaimRequest(
                self.place.campaigns[key],
                member,
                Source(source),
                f"demo-{self.share[0]}-{day}-{turn}",
                self.place.scenes[scene],
            )
            wishes.setdefault((wish.campaign_id, member), wish)
        moment = datetime.combine(day, time(9, 30), tenancy.district().zone)
        if moment > self.until:
            return
        with clock.at(moment), transaction():
            answers = coupons.claim(list(wishes.values()), now=moment)
        given = [answer.request for answer in answers if answer.piece_id is not None]
        self.claims += len(given)
        self.plans += [
            (one.member_id, self.works_at[one.campaign_id]) for one in given if one.campaign_id in self.works_at
        ]

    def _buy(self, day: date, count: int, dice: random.Random) -> None:
        for _ in range(count):
            moment = self._moment(day, dice)
            if moment > self.until:
                continue
            if self.plans and dice.random() < 0.4:  # who has a coupon comes for it
                member, shop = self.plans.pop(dice.randrange(len(self.plans)))
                self._bill(shop or dice.choice(SHOPS).name, member, moment, dice)
            else:
                shop = dice.choices(SHOPS, weights=[shop.weight for shop in SHOPS])[0].name
                self._bill(shop, dice.choice(self.cards) if dice.random() < 0.75 else None, moment, dice)

    def _bill(self, shop: str, member: int | None, moment: datetime, dice: random.Random) -> None:
        goods = self.place.goods[shop]
        picked = dice.sample(goods, k=min(len(goods), dice.choice((1, 1, 2, 2, 3, 4))))
        lines = [LineDraft(product_id=product, quantity=dice.choice((1, 1, 1, 2))) for product in picked]
        self.bills += 1
        key = f"demo-bill-{self.share[0]}-{self.bills}"
        channel = dice.choices((Channel.WECHAT_CODE, Channel.WECHAT_NATIVE, Channel.CASH), weights=(70, 15, 15))[0]
        with clock.at(moment):
            with transaction():
                bill = checkout.open_bill(
                    kind=BillKind.TILL, store_id=dice.choice(self.place.stores[shop]), lines=lines, member_id=member,
                    client_key=key, now=moment,
                )  # fmt: skip
                bill, intent = checkout.hold(bill_id=bill.id, channel=channel, now=moment)
            if intent is not None:
                self._pay(intent.id, channel, moment, dice)
        if dice.random() < 0.035:
            later = datetime.combine(
                tenancy.today(moment) + timedelta(days=dice.randrange(1, 6)), time(dice.randrange(11, 21), 30)
            )
            self._bring_back(bill.id, later.replace(tzinfo=tenancy.district().zone), dice)

    def _pay(self, intent_id: int, channel: Channel, moment: datetime, dice: random.Random) -> None:
        if channel is Channel.CASH:
            payments.charge(intent_id=intent_id, now=moment)
            return
        intent = payments.intent(intent_id)
        told = ChannelAnswer(
            Outcome.PAID,
            transaction_id=f"42000{dice.randrange(10**22):022d}",
            paid_at=moment,
            paid_fen=intent.amount_fen,
        )
        payments.record_result(number=intent.number, answer=told, now=moment)

    def _bring_back(self, bill_id: int, moment: datetime, dice: random.Random) -> None:
        """A return: one line or all of it. The money goes back as the channel says later."""
        if moment > self.until:
            return
        bill = checkout.bill(bill_id)
        line = dice.choice(bill.lines)
        wanted = None if dice.random() < 0.4 else {line.line_no: 1}
        with clock.at(moment):
            with transaction():
                back = checkout.refund(
                    bill_id=bill_id, lines=wanted, reason=dice.choice(("尺码不合适", "买重了", "质量问题", "不想要了")),
                    client_key=f"demo-return-{bill_id}", now=moment,
                )  # fmt: skip
            if back.payment_refund_id is not None:
                refund = payments.refund(back.payment_refund_id)
                payments.record_refund(
                    number=refund.number, answer=ChannelAnswer(Outcome.REFUNDED, paid_at=moment), now=moment
                )
        self.refunds += 1
