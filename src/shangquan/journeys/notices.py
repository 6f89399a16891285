"""What members are told of their own business, each notice once (its key names what it tells of)."""

from datetime import timedelta

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillPaid, BillRefunded
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponClaimed, CouponGiven, Source
from shangquan.district import door as district
from shangquan.kernel import clock
from shangquan.kernel.events import reaction
from shangquan.kernel.money import yuan
from shangquan.members import door as members
from shangquan.messaging import door as messaging
from shangquan.payments import door as payments
from shangquan.payments.contracts import MoneySentBack
from shangquan.points.contracts import PointsEarned
from shangquan.tenancy import door as tenancy


def _reachable(member_id: int | None) -> bool:
    """Whether the member can be written to at all; who has no openid is told nothing."""
    return member_id is not None and messaging.main_account() is not None and members.openid_of(member_id) is not None


@reaction(BillPaid, name="messaging.tell_paid")
def tell_paid(fact: BillPaid) -> None:
    """D4: store, amount, what was saved, points; at once."""
    if not _reachable(fact.member_id):
        return
    bill = checkout.bill(fact.bill_id)
    store = district.store(fact.store_id)
    saved = f"（已省 ¥{yuan(fact.saved_fen)}）" if fact.saved_fen else ""
    messaging.notify(
        kind="payment",
        data={
            "store": f"{store.merchant} {store.unit}",
            "amount": f"¥{yuan(fact.paid_fen)}{saved}",
            "at": f"{tenancy.local(fact.paid_at):%Y-%m-%d %H:%M}",
            "points": str(bill.points_to_earn),
        },
        key=f"paid:{fact.bill_id}",
        now=clock.now(),
        member_id=fact.member_id,
        url=f"/m/bills/{fact.number}/",
    )


@reaction(PointsEarned, name="messaging.tell_points")
def tell_points(fact: PointsEarned) -> None:
    if _reachable(fact.member_id):
        messaging.notify(
            kind="points_changed",
            data={
                "change": f"+{fact.points}", "balance": str(fact.balance), "reason": "消费得积分",
                "at": f"{tenancy.local(clock.now()):%Y-%m-%d %H:%M}",
            },
            key=f"points:{fact.bill_id}", now=clock.now(), member_id=fact.member_id, url="/m/points/",
        )  # fmt: skip


@reaction(BillRefunded, name="messaging.tell_refund")
def tell_refund(fact: BillRefunded) -> None:
    if _reachable(fact.member_id):
        card = checkout.refund_card(fact.refund_id)
        messaging.notify(
            kind="refund",
            data={"amount": f"¥{yuan(fact.refund_fen)}", "number": card.number, "reason": card.reason or "退货"},
            key=f"refund:{fact.refund_id}", now=clock.now(), member_id=fact.member_id,
            url=f"/m/bills/{checkout.bill(fact.bill_id).number}/",
        )  # fmt: skip


@reaction(CouponClaimed, name="messaging.tell_coupon")
def tell_coupon(fact: CouponClaimed) -> None:
    """A coupon that came by itself (after a payment, by a journey) is announced; one that was taken on a page is not."""
    if fact.source in (Source.SHELF, Source.GIFT) or not _reachable(fact.member_id):
        return
    piece = coupons.piece(fact.piece_id).piece
    places = district.merchants(sorted(piece.terms.scope.merchants_in)) if piece.terms.scope.merchants_in else []
    last_moment = piece.valid_to - timedelta(minutes=1)  # valid_to itself is out: midnight would name the day after
    messaging.notify(
        kind="coupon_claimed",
        data={
            "coupon": piece.terms.title_zh,
            "until": f"{tenancy.local(last_moment):%Y-%m-%d %H:%M}",
            "store": "、".join(place.name for place in places)[:20] or "全场通用",
        },
        key=f"coupon:{fact.piece_id}",
        now=clock.now(),
        member_id=fact.member_id,
        url=f"/m/coupons/{fact.piece_id}/",
    )


@reaction(CouponGiven, name="messaging.tell_giver")
def tell_giver(fact: CouponGiven) -> None:
    if _reachable(fact.giver_id):
        piece = coupons.piece(fact.new_piece_id).piece
        messaging.notify(
            kind="gift",
            data={"what": piece.terms.title_zh, "who": members.member(fact.receiver_id).name_masked or "好友", "state": "已领取"},
            key=f"gift:{fact.piece_id}", now=clock.now(), member_id=fact.giver_id, url="/m/coupons/?tab=given",
        )  # fmt: skip


@reaction(MoneySentBack, name="messaging.tell_sent_back")
def tell_sent_back(fact: MoneySentBack) -> None:
    """H1: who paid an order that somebody else had paid gets the money back, and hears why."""
    openid = payments.intent(fact.intent_id).payer_openid
    if openid and messaging.main_account() is not None:
        messaging.notify(
            kind="refund",
            data={"amount": f"¥{yuan(fact.amount_fen)}", "number": str(fact.refund_id), "reason": "重复付款，原路退回"},
            key=f"sent-back:{fact.refund_id}", now=clock.now(), openid=openid,
        )  # fmt: skip
