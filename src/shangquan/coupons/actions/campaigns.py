"""The life of a campaign: draft, submitted, published, paused, ended."""

from dataclasses import replace
from datetime import datetime

from shangquan.coupons import access, locks
from shangquan.coupons.contracts import (
    OWNER_DECIDES,
    WRONG_STATE,
    CampaignCard,
    CampaignDraft,
    CampaignEnded,
    CampaignPaused,
    CampaignPublished,
    CampaignState,
)
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries.stored import campaign_card, columns_of, draft_of, terms_of
from shangquan.coupons.rules.publishing import check_draft, why_owner_decides
from shangquan.kernel import audit, ids, scope
from shangquan.kernel.errors import FORBIDDEN, Refused
from shangquan.kernel.events import publish as tell
from shangquan.kernel.transactions import required

_STATE_ZH = {
    CampaignState.DRAFT: "草稿",
    CampaignState.SUBMITTED: "待审核",
    CampaignState.PUBLISHED: "发布中",
    CampaignState.PAUSED: "已暂停",
    CampaignState.ENDED: "已结束",
}


@required
def draft_campaign(draft: CampaignDraft, *, now: datetime) -> CampaignCard:
    """Save a new draft. A merchant's staff make coupons that their own merchant issues; the owner makes any.

    Refuses C-4001 (terms, dates or caps that cannot be), K-4032 (another merchant's coupon).
    """
    _may_issue(draft)
    check_draft(draft, now)
    row = Campaign.objects.create(number=ids.number("CP", now), created_at=now, **columns_of(draft))
    audit.record(action="coupons.draft", subject="campaign", subject_id=row.id, after={"title": row.title})
    return campaign_card(row)


@required
def edit_campaign(campaign_id: int, draft: CampaignDraft, *, now: datetime) -> CampaignCard:
    """Replace what a draft or a submitted campaign says; it is a draft again. Published terms never change (C-4098)."""
    row = _editable(campaign_id, "coupons.edit")
    _expect(row, CampaignState.DRAFT, CampaignState.SUBMITTED)
    _may_issue(draft)
    check_draft(draft, now)
    before = {"title": row.title, "terms": row.terms}
    for column, value in columns_of(draft).items():
        setattr(row, column, value)
    row.state = CampaignState.DRAFT
    row.save()
    audit.record(
        action="coupons.edit", subject="campaign", subject_id=row.id,
        before=before, after={"title": row.title, "terms": row.terms},
    )  # fmt: skip
    return campaign_card(row)


@required
def submit_campaign(campaign_id: int, *, now: datetime) -> CampaignCard:
    """Ask the owner to publish it. Refuses C-4098 unless it is a draft."""
    row = _editable(campaign_id, "coupons.edit")
    _expect(row, CampaignState.DRAFT)
    check_draft(_draft_of(row), now)
    return _move(row, CampaignState.SUBMITTED, "coupons.submit", note="")


@required
def publish_campaign(campaign_id: int, *, now: datetime) -> CampaignCard:
    """From now on it can be claimed.

    A merchant publishes what works with itself alone and is paid by itself alone (F2); a universal coupon, one of
    another merchant, and any split of the cost are published by the owner (F4, F11): C-4034 otherwise.
    """
    row = _editable(campaign_id, "coupons.publish")
    _expect(row, CampaignState.DRAFT, CampaignState.SUBMITTED)
    check_draft(_draft_of(row), now)
    who = scope.actor()
    if who.merchant_id is not None and (why := why_owner_decides(terms_of(row), who.merchant_id)):
        raise Refused(OWNER_DECIDES, why=why[0], why_en=why[1])
    row.published_at = now
    card = _move(row, CampaignState.PUBLISHED, "coupons.publish", note="")
    tell(CampaignPublished(campaign_id=row.id, issuer_merchant_id=row.issuer_merchant_id))
    return card


@required
def send_back_campaign(campaign_id: int, note: str) -> CampaignCard:
    """The owner does not publish a submitted campaign and says why; it is a draft again."""
    access.require_owner("coupons.publish")
    row = locks.campaign(campaign_id)
    _expect(row, CampaignState.SUBMITTED)
    return _move(row, CampaignState.DRAFT, "coupons.send_back", note=note)


@required
def pause_campaign(campaign_id: int) -> CampaignCard:
    """Claiming stops at once. Claimed pieces still redeem unless the campaign blocks that (F2)."""
    row = _editable(campaign_id, "coupons.publish")
    _expect(row, CampaignState.PUBLISHED)
    card = _move(row, CampaignState.PAUSED, "coupons.pause", note=row.note)
    tell(CampaignPaused(campaign_id=row.id))
    return card


@required
def resume_campaign(campaign_id: int) -> CampaignCard:
    row = _editable(campaign_id, "coupons.publish")
    _expect(row, CampaignState.PAUSED)
    return _move(row, CampaignState.PUBLISHED, "coupons.resume", note=row.note)


@required
def end_campaign(campaign_id: int, *, now: datetime) -> CampaignCard:
    """No more claims, for good; claimed pieces stay usable until they expire."""
    row = _editable(campaign_id, "coupons.publish")
    _expect(row, CampaignState.PUBLISHED, CampaignState.PAUSED)
    row.ended_at = now
    card = _move(row, CampaignState.ENDED, "coupons.end", note=row.note)
    tell(CampaignEnded(campaign_id=row.id))
    return card


@required
def end_finished_campaigns(*, now: datetime, limit: int = 500) -> int:
    """End what can be claimed no more, because its window or its pieces' last date has passed; answers how many."""
    ended = 0
    for row in locks.campaigns_due(now, limit):
        row.ended_at = now
        _move(row, CampaignState.ENDED, "coupons.end", note=row.note)
        tell(CampaignEnded(campaign_id=row.id))
        ended += 1
    return ended


@required
def raise_stock(campaign_id: int, total: int, *, now: datetime) -> CampaignCard:
    """Give out more pieces than planned. Never fewer than were claimed, never beyond the budget (C-4001, C-4225)."""
    row = _editable(campaign_id, "coupons.publish")
    before = row.total
    draft = _draft_of(row)
    check_draft(replace(draft, caps=replace(draft.caps, total=max(total, row.claimed))), now)
    row.total = max(total, row.claimed)
    row.save(update_fields=["total"])
    audit.record(
        action="coupons.stock",
        subject="campaign",
        subject_id=row.id,
        before={"total": before},
        after={"total": row.total},
    )
    return campaign_card(row)


def _editable(campaign_id: int, right: str) -> Campaign:
    return access.check_editable(locks.campaign(campaign_id), right)


def _may_issue(draft: CampaignDraft) -> None:
    who = scope.require("coupons.edit")
    if who.merchant_id is not None and draft.terms.issuer_id != who.merchant_id:
        raise Refused(FORBIDDEN, right="coupons.edit")


def _draft_of(row: Campaign) -> CampaignDraft:
    return draft_of(campaign_card(row))


def _expect(row: Campaign, *states: CampaignState) -> None:
    if row.state not in states:
        raise Refused(WRONG_STATE, state=_STATE_ZH[CampaignState(row.state)], state_code=row.state)


def _move(row: Campaign, state: CampaignState, action: str, *, note: str) -> CampaignCard:
    before, row.state, row.note = row.state, state, note[:200]
    row.save(update_fields=["state", "note", "published_at", "ended_at"])
    audit.record(
        action=action, subject="campaign", subject_id=row.id, before={"state": before}, after={"state": state.value}
    )
    return campaign_card(row)
