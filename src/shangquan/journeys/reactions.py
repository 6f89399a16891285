"""Who hears what. One function a reaction; each runs in its own transaction, once, and is retried alone."""

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillPaid, BillRefunded
from shangquan.codes import door as codes
from shangquan.codes.contracts import Scanned
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponClaimed, CouponRedeemed
from shangquan.district import door as district
from shangquan.insight import door as insight
from shangquan.kernel import clock
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import reaction
from shangquan.members import door as members
from shangquan.members.contracts import CardOpened
from shangquan.messaging.contracts import SceneEntered
from shangquan.points import door as points

# --- A bill is paid -------------------------------------------------------------------------------------------------


@reaction(BillPaid, name="points.earn")
def earn_points(fact: BillPaid) -> None:
    """G2, H13: by the rules in force when it was paid; returns that came first take back their part at once."""
    if fact.member_id is None:
        return
    lines, paid_fen = checkout.earning_basis(fact.bill_id)
    points.earn(
        member_id=fact.member_id,
        bill_id=fact.bill_id,
        lines=lines,
        paid_fen=paid_fen,
        paid_at=fact.paid_at,
        now=clock.now(),
    )
    checkout.take_back_points(bill_id=fact.bill_id)


@reaction(BillPaid, name="coupons.issue_next")
def issue_next_coupon(fact: BillPaid) -> None:
    """F10, F11: the coupon after payment, perhaps of a neighbour; once a bill."""
    if fact.member_id is not None:
        coupons.issue_after_payment(
            bill_id=fact.bill_id,
            member_id=fact.member_id,
            merchant_id=fact.merchant_id,
            paid_fen=fact.paid_fen,
            now=clock.now(),
        )


@reaction(BillPaid, name="members.note_dealing")
def note_purchase(fact: BillPaid) -> None:
    """D13: from now on the merchant sees this member."""
    if fact.member_id is not None:
        members.note_dealing(member_id=fact.member_id, merchant_id=fact.merchant_id, what="bought", now=fact.paid_at)


@reaction(BillPaid, name="insight.count_bill")
def count_bill(fact: BillPaid) -> None:
    """W1; and a member who paid at a store was there."""
    insight.count_bill(
        merchant_id=fact.merchant_id, store_id=fact.store_id, is_member=fact.member_id is not None,
        list_fen=fact.list_fen, paid_fen=fact.paid_fen, saved_fen=fact.saved_fen, at=fact.paid_at,
    )  # fmt: skip
    if fact.member_id is not None:
        insight.count_visit(
            member_id=fact.member_id,
            store_id=fact.store_id,
            merchant_id=fact.merchant_id,
            known_by="bill",
            at=fact.paid_at,
        )


# --- Goods come back ------------------------------------------------------------------------------------------------


@reaction(BillRefunded, name="insight.count_refund")
def count_refund(fact: BillRefunded) -> None:
    card = checkout.refund_card(fact.refund_id)
    store_id = checkout.bill(fact.bill_id).store_id
    insight.count_refund(
        merchant_id=fact.merchant_id, store_id=store_id, refunded_fen=fact.refund_fen, at=card.asked_at
    )


# --- Coupons --------------------------------------------------------------------------------------------------------


@reaction(CouponClaimed, name="members.note_dealing")
def note_claim(fact: CouponClaimed) -> None:
    card = coupons.campaign(fact.campaign_id)
    if card.issuer_merchant_id is not None:
        members.note_dealing(
            member_id=fact.member_id, merchant_id=card.issuer_merchant_id, what="claimed", now=clock.now()
        )


@reaction(CouponClaimed, name="codes.count_claim")
def count_claim(fact: CouponClaimed) -> None:
    """E3: claims are counted by the code that brought the member."""
    if fact.source_code_id is not None:
        codes.record_scan(fact.source_code_id, what="claim", key=f"claim:{fact.piece_id}", now=clock.now())


@reaction(CouponRedeemed, name="codes.count_redemption")
def count_redemption_of_code(fact: CouponRedeemed) -> None:
    piece = coupons.piece(fact.piece_id)
    if piece.source_code_id is not None:
        codes.record_scan(
            piece.source_code_id, what="redeem", key=f"redeem:{fact.piece_id}:{fact.bill_id}", now=clock.now()
        )


@reaction(CouponRedeemed, name="insight.count_redemption")
def count_redemption(fact: CouponRedeemed) -> None:
    """F11, F15, W6: cost and sales of the campaign, and the flow from the merchant where the piece was issued."""
    if fact.bill_id is None:
        return
    bill = checkout.bill(fact.bill_id)
    insight.count_redemption(
        campaign_id=fact.campaign_id, bill_id=fact.bill_id, piece_id=fact.piece_id, member_id=fact.member_id,
        merchant_id=fact.merchant_id, store_id=fact.store_id, cost_fen=fact.amount_fen, sales_fen=bill.payable_fen,
        issued_at_merchant_id=coupons.piece(fact.piece_id).issued_merchant_id, at=bill.paid_at or clock.now(),
    )  # fmt: skip


# --- Members --------------------------------------------------------------------------------------------------------


@reaction(CardOpened, name="insight.count_new_member")
def count_new_member(fact: CardOpened) -> None:
    """D14, W7."""
    insight.count_new_member(channel=fact.channel, at=members.member(fact.member_id).joined_at)


# --- Codes ----------------------------------------------------------------------------------------------------------


@reaction(SceneEntered, name="codes.count_scan")
def count_scan(fact: SceneEntered) -> None:
    """E3, E4: who came through a code of the account is a scan of it, and a follow when they were none before."""
    try:
        scene = codes.scene(fact.scene)
    except Refused:
        return  # a code that is not ours, or was taken down
    openid = members.openid_of_fan(fact.fan_id)
    for what in ("scan", "follow") if fact.followed else ("scan",):
        codes.record_scan(scene.id, openid, what, key=f"{what}:{fact.key}"[:80], now=fact.at)


@reaction(Scanned, name="insight.count_visit")
def count_visit_by_scan(fact: Scanned) -> None:
    """A member who scans the code at a store's door or table is there."""
    scene = codes.scene_by_id(fact.scene_id)
    if fact.member_id is not None and scene.subject_kind in ("store", "table", "entrance"):
        store = district.store(scene.subject_id)
        insight.count_visit(
            member_id=fact.member_id, store_id=store.id, merchant_id=store.merchant_id, known_by="scan", at=clock.now()
        )
