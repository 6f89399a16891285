"""Reads of shelves and their enrolments, for the owner, for merchants and for members."""

from datetime import datetime

from django.db.models import Count, Q

from shangquan.coupons.contracts import NO_SHELF, EntryCard, ShelfCard
from shangquan.coupons.models import Shelf, ShelfEntry
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused


def shelf_card(row: Shelf) -> ShelfCard:
    counts = getattr(row, "accepted", None), getattr(row, "pending", None)
    if counts == (None, None):
        counted = (
            ShelfEntry.rows()
            .filter(shelf=row)
            .aggregate(accepted=Count("id", filter=Q(state="accepted")), pending=Count("id", filter=Q(state="pending")))
        )
        counts = counted["accepted"], counted["pending"]
    return ShelfCard(
        id=row.id,
        title=row.title,
        title_en=row.title_en or row.title,
        about=row.about,
        deadline=row.deadline,
        shown_from=row.shown_from,
        shown_to=row.shown_to,
        state=row.state,
        accepted=int(counts[0] or 0),
        pending=int(counts[1] or 0),
    )


def entry_card(row: ShelfEntry) -> EntryCard:
    return EntryCard(
        id=row.id,
        shelf_id=row.shelf_id,
        campaign_id=row.campaign_id,
        campaign_title=row.campaign.title,
        merchant_id=row.merchant_id,
        state=row.state,
        position=row.position,
        note=row.note,
        enrolled_at=row.enrolled_at,
    )


def shelf(shelf_id: int) -> ShelfCard:
    """Refuses C-4043."""
    row = Shelf.rows().filter(id=shelf_id).first()
    if row is None:
        raise Refused(NO_SHELF)
    return shelf_card(row)


def open_shelf(shelf_id: int) -> ShelfCard:
    """A shelf that members may see. Refuses C-4043 for one in preparation; a closed one is still found."""
    card = shelf(shelf_id)
    if card.state == "draft":
        raise Refused(NO_SHELF)
    return card


def is_shown(card: ShelfCard, now: datetime) -> bool:
    """Whether members see its coupons now: open, and within the dates that it is shown."""
    begun = card.shown_from is None or card.shown_from <= now
    return card.state == "open" and begun and (card.shown_to is None or now < card.shown_to)


def shelves(*, state: str | None = None, before: int | None = None, limit: int = 50) -> list[ShelfCard]:
    """Newest first, by key. One query."""
    rows = Shelf.rows().annotate(
        accepted=Count("entries", filter=Q(entries__state="accepted")),
        pending=Count("entries", filter=Q(entries__state="pending")),
    )
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [shelf_card(row) for row in rows.order_by("-id")[:limit]]


def entries(shelf_id: int) -> list[EntryCard]:
    """A merchant sees its own enrolments, the owner all. Needs `coupons.read`."""
    who = scope.require("coupons.read")
    rows = ShelfEntry.rows().filter(shelf_id=shelf_id).select_related("campaign")
    if who.merchant_id is not None:
        rows = rows.filter(merchant_id=who.merchant_id)
    return [entry_card(row) for row in rows.order_by("position", "id")]
