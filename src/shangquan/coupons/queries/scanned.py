"""What a scanned text or a scene code means to this room (E16, E10, E11)."""

import re
from datetime import datetime

from shangquan.codes.contracts import Resolved, SubjectState
from shangquan.coupons.contracts import CouponState
from shangquan.coupons.models import Campaign, Piece, Shelf
from shangquan.coupons.queries.pieces import tidy

_CODE = re.compile(r"[2-9A-HJKMNP-Z]{12}")


def coupon(text: str, now: datetime) -> Resolved | None:
    """A piece's code, however it was typed. A dead piece resolves too, without actions, so that the till can say why."""
    code = tidy(text)
    if not _CODE.fullmatch(code):
        return None
    row = Piece.rows().filter(code=code).select_related("campaign").first()
    if row is None:
        return None
    state = "expired" if row.state == CouponState.UNUSED and row.valid_to <= now else row.state
    usable = state == CouponState.UNUSED and row.valid_from <= now
    return Resolved(
        kind="coupon",
        subject_kind="coupon_piece",
        subject_id=row.id,
        actions=("redeem",) if usable else (),
        state=state,
        title=row.campaign.title,
        data={"member_id": row.member_id, "campaign_id": row.campaign_id, "code": row.code},
    )


def shelf_state(shelf_id: int, now: datetime) -> SubjectState | None:
    """None: gone. A closed shelf says so instead of an error (E11)."""
    row = Shelf.rows().filter(id=shelf_id).first()
    if row is None:
        return None
    if row.state == Shelf.State.CLOSED or (row.shown_to is not None and row.shown_to <= now):
        return SubjectState(title=row.title, state="ended", result="本次货架已结束 · This shelf has closed")
    if row.state == Shelf.State.DRAFT or (row.shown_from is not None and row.shown_from > now):
        return SubjectState(title=row.title, state="not_started")
    return SubjectState(title=row.title, actions=("open", "claim"))


def campaign_state(campaign_id: int, now: datetime) -> SubjectState | None:
    row = Campaign.rows().filter(id=campaign_id).exclude(state__in=["draft", "submitted"]).first()
    if row is None:
        return None
    if row.state == "ended" or (row.claim_to is not None and row.claim_to <= now):
        return SubjectState(title=row.title, state="ended", result="领取已结束 · Claiming has ended")
    if row.claim_from is not None and row.claim_from > now:
        return SubjectState(title=row.title, state="not_started")
    if row.total is not None and row.claimed >= row.total:
        return SubjectState(title=row.title, state="sold_out", result="已抢完 · All claimed")
    return SubjectState(title=row.title, actions=("claim",) if row.state == "published" else ())
