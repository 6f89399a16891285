from dataclasses import dataclass

from shangquan.kernel.events import Event, event


@event("coupon_claimed")
@dataclass(frozen=True)
class CouponClaimed(Event):
    piece_id: int
    campaign_id: int
    member_id: int
    source: str
    source_code_id: int | None = None


@event("coupon_redeemed")
@dataclass(frozen=True)
class CouponRedeemed(Event):
    """`bill_id` is None when a clerk checked the piece off without a bill. `amount_fen` is what it took off."""

    piece_id: int
    campaign_id: int
    member_id: int
    bill_id: int | None
    merchant_id: int
    store_id: int
    amount_fen: int


@event("coupon_returned")
@dataclass(frozen=True)
class CouponReturned(Event):
    """A piece came back to its member, because the payment or the bill it was used on was undone."""

    piece_id: int
    campaign_id: int
    member_id: int
    bill_id: int
    refund_id: int | None


@event("coupon_given")
@dataclass(frozen=True)
class CouponGiven(Event):
    """`piece_id` is the giver's old piece, `new_piece_id` the one the receiver now holds."""

    piece_id: int
    new_piece_id: int
    giver_id: int
    receiver_id: int


@event("campaign_published")
@dataclass(frozen=True)
class CampaignPublished(Event):
    campaign_id: int
    issuer_merchant_id: int | None


@event("campaign_paused")
@dataclass(frozen=True)
class CampaignPaused(Event):
    campaign_id: int


@event("campaign_ended")
@dataclass(frozen=True)
class CampaignEnded(Event):
    campaign_id: int


@event("shelf_opened")
@dataclass(frozen=True)
class ShelfOpened(Event):
    shelf_id: int


@event("enrolment_decided")
@dataclass(frozen=True)
class EnrolmentDecided(Event):
    entry_id: int
    shelf_id: int
    campaign_id: int
    merchant_id: int | None
    is_accepted: bool
