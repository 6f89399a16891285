"""The shelf: opened by the owner, filled by merchants' enrolments, ordered and closed by the owner (F3)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from shangquan.coupons import access, locks
from shangquan.coupons.contracts import (
    BAD_TERMS,
    DEADLINE_PASSED,
    NO_ENTRY,
    WRONG_STATE,
    EnrolmentDecided,
    EntryCard,
    ShelfCard,
    ShelfOpened,
)
from shangquan.coupons.models import Shelf, ShelfEntry
from shangquan.coupons.queries.shelves import entry_card, shelf_card
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.tenancy import door as tenancy

_ZH = {"draft": "草稿", "open": "开放", "closed": "已关闭"}


@required
def make_shelf(
    *,
    title: str,
    deadline: datetime,
    now: datetime,
    title_en: str = "",
    about: str = "",
    shown_from: datetime | None = None,
    shown_to: datetime | None = None,
) -> ShelfCard:
    """A new shelf, not open yet. `deadline` is the end of enrolment. Owner only. Refuses C-4001."""
    access.require_owner("shelf.manage")
    if not 1 <= len(title) <= 40:
        raise Refused(BAD_TERMS, why="货架名要 1 到 40 个字", why_en="a title has 1 to 40 characters")
    if deadline <= now:
        raise Refused(BAD_TERMS, why="报名截止要晚于现在", why_en="enrolment ends after now")
    if shown_to is not None and shown_to <= (shown_from or now):
        raise Refused(BAD_TERMS, why="展示结束要晚于开始", why_en="a shelf is shown for some time")
    row = Shelf.objects.create(
        title=title, title_en=title_en[:60], about=about[:200], deadline=deadline, shown_from=shown_from,
        shown_to=shown_to, created_at=now,
    )  # fmt: skip
    audit.record(action="shelf.make", subject="shelf", subject_id=row.id, after={"title": title})
    return shelf_card(row)


@required
def open_shelf(shelf_id: int, *, now: datetime) -> ShelfCard:
    """Let members see it and merchants enrol. Refuses C-4098 when it is closed; repeating it changes nothing."""
    access.require_owner("shelf.manage")
    row = locks.shelf(shelf_id)
    if row.state == Shelf.State.OPEN:
        return shelf_card(row)
    _expect(row, Shelf.State.DRAFT)
    row.state, row.opened_at = Shelf.State.OPEN, now
    row.save(update_fields=["state", "opened_at"])
    audit.record(action="shelf.open", subject="shelf", subject_id=row.id, after={"state": "open"})
    publish(ShelfOpened(shelf_id=row.id))
    return shelf_card(row)


@required
def close_shelf(shelf_id: int, *, now: datetime) -> ShelfCard:
    """Take it off the members' pages. Its coupons stay what they are."""
    access.require_owner("shelf.manage")
    row = locks.shelf(shelf_id)
    if row.state != Shelf.State.CLOSED:
        row.state, row.closed_at = Shelf.State.CLOSED, now
        row.save(update_fields=["state", "closed_at"])
        audit.record(action="shelf.close", subject="shelf", subject_id=row.id, after={"state": "closed"})
    return shelf_card(row)


@required
def enrol(shelf_id: int, campaign_id: int, *, now: datetime) -> EntryCard:
    """A merchant offers its coupon for the shelf, or the owner one of the district's.

    Repeating it answers the first enrolment; a refused one is pending again. Refuses C-4104 after the deadline, C-4098
    when the shelf is not open or the coupon has ended, C-4041 for another merchant's coupon.
    """
    who = scope.actor()
    shelf = locks.shelf(shelf_id)
    right = "shelf.manage" if who.merchant_id is None else "shelf.enrol"
    campaign = access.check_editable(locks.campaign(campaign_id), right)
    known = ShelfEntry.rows().filter(shelf=shelf, campaign=campaign).select_related("campaign").first()
    if known is not None and known.state != ShelfEntry.State.REFUSED:
        return entry_card(known)
    _expect(shelf, Shelf.State.OPEN)
    if now >= shelf.deadline:
        raise Refused(DEADLINE_PASSED, at=f"{tenancy.local(shelf.deadline):%m-%d %H:%M}")
    if campaign.state == "ended":
        raise Refused(WRONG_STATE, state="已结束", state_code="ended")
    if known is not None:
        known.state, known.enrolled_at, known.note = ShelfEntry.State.PENDING, now, ""
        known.save(update_fields=["state", "enrolled_at", "note"])
        return entry_card(known)
    row = ShelfEntry.objects.create(
        shelf=shelf, campaign=campaign, merchant_id=campaign.issuer_merchant_id, enrolled_at=now
    )
    audit.record(
        action="shelf.enrol", subject="shelf_entry", subject_id=row.id,
        after={"shelf": shelf.id, "campaign": campaign.id},
    )  # fmt: skip
    return entry_card(row)


@required
def decide_enrolment(entry_id: int, *, accepted: bool, now: datetime, note: str = "") -> EntryCard:
    """The owner takes a coupon onto the shelf, at its end, or refuses it and says why. May be decided again."""
    access.require_owner("shelf.manage")
    found = ShelfEntry.rows().filter(id=entry_id).first()
    if found is None:
        raise Refused(NO_ENTRY)
    locks.shelf(found.shelf_id)  # positions are given out one at a time
    row = locks.entry(entry_id)
    wanted = ShelfEntry.State.ACCEPTED if accepted else ShelfEntry.State.REFUSED
    if row.state == wanted:
        return entry_card(row)
    before, row.state, row.note, row.decided_at = row.state, wanted, note[:200], now
    if accepted:
        last = ShelfEntry.rows().filter(shelf_id=row.shelf_id).aggregate(last=Max("position"))["last"] or 0
        row.position = last + 1
    row.save(update_fields=["state", "note", "decided_at", "position"])
    audit.record(
        action="shelf.decide", subject="shelf_entry", subject_id=row.id,
        before={"state": before}, after={"state": wanted.value, "note": row.note},
    )  # fmt: skip
    publish(
        EnrolmentDecided(
            entry_id=row.id, shelf_id=row.shelf_id, campaign_id=row.campaign_id, merchant_id=row.merchant_id,
            is_accepted=accepted,
        )
    )  # fmt: skip
    return entry_card(row)


@required
def order_shelf(shelf_id: int, entry_ids: Sequence[int]) -> list[EntryCard]:
    """Put the accepted entries into this order; those not named follow as they stood. Refuses C-4045 for a stranger."""
    access.require_owner("shelf.manage")
    shelf = locks.shelf(shelf_id)
    rows = {row.id: row for row in _accepted(shelf)}
    if not set(entry_ids) <= set(rows):
        raise Refused(NO_ENTRY)
    wanted = [*dict.fromkeys(entry_ids), *(entry_id for entry_id in rows if entry_id not in set(entry_ids))]
    for position, entry_id in enumerate(wanted, 1):
        rows[entry_id].position = position
    ShelfEntry.rows().bulk_update(rows.values(), ["position"])
    audit.record(action="shelf.order", subject="shelf", subject_id=shelf.id, after={"entries": wanted})
    return [entry_card(rows[entry_id]) for entry_id in wanted]


def _accepted(shelf: Shelf) -> list[ShelfEntry]:
    rows = ShelfEntry.rows().filter(shelf=shelf, state=ShelfEntry.State.ACCEPTED).select_related("campaign")
    return list(rows.order_by("position", "id"))


def _expect(shelf: Shelf, state: Shelf.State) -> None:
    if shelf.state != state:
        raise Refused(WRONG_STATE, state=_ZH[shelf.state], state_code=shelf.state)
